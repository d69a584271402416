using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Models;
using Mlops.Tracking;
using Day = Mlops.Serving.Tests.X;
using Rides = Mlops.Serving.Tests.Y;

namespace Mlops.Serving.Tests;

/// <summary>The examples, the steps and the defaults of docs/swaps.md. Alone, because the examples name files as a reader would.</summary>
[Collection(nameof(ProcessWideTests))]
public sealed partial class SwapsDocumentTests : IDisposable
{
    private readonly ServingFixture _fixture = new();
    private readonly string _before = Environment.CurrentDirectory;
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-swaps-").FullName;
    private string _pem = "";

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        _fixture.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Examples_OfDocument_SealAModelAndServeIt()
    {
        using (var created = SealKey.Create())
        {
            _pem = created.ExportPrivatePem();
            await File.WriteAllTextAsync(Path.Combine(_folder, "seal.pub.pem"), created.ExportPublicPem(), ServingFixture.Token);
        }

        await ModelDirectory.SaveAsync(Path.Combine(_folder, "model"), new FactorModel(3), cancellationToken: ServingFixture.Token);
        Environment.CurrentDirectory = _folder;
        await SealAsync(_pem);
        await _fixture.Artifacts.WriteDirectoryAsync("model", "models/1", ServingFixture.Token);
        var digest = (await ModelDirectory.OpenAsync("model", ServingFixture.Token)).Digest;
        _fixture.Resolver.Point(new ModelVersion(ServingFixture.Name, 1, "models/1", digest, _fixture.Time.GetUtcNow()));
        var services = new ServiceCollection();
        services.AddSingleton<IModelResolver>(_fixture.Resolver).AddSingleton<IArtifactStore>(_fixture.Artifacts).AddSingleton<IModelFlavor>(_fixture.Flavor).AddLogging();
        services.AddMlops().AddServing(s => s.ConfigureLoader(options => options.CacheDirectory = _fixture.Cache));
#pragma warning disable xUnit1051 // The example as a reader writes it.
        // docs: swaps.md
        using var releaseKey = SealKey.FromPem(await File.ReadAllTextAsync("seal.pub.pem"));
        services.AddMlops().AddServing(s => s
            .ConfigureLoader(loader => loader.SealPolicy = SealPolicy.RequireSeal(releaseKey))
            .Configure(host => host.HangTimeout = TimeSpan.FromSeconds(10))
            .AddModel<Day, Rides>("ridership", "models:/factors@champion", model =>
            {
                model.WarmUpRows = [1, 8, 64];
                model.UseProbation(probation => probation.MaxErrorRatio = 0.02);
            }));
        // end
#pragma warning restore xUnit1051
        var model = new HostedModelOptions();
        // docs: swaps.md
        model.WarmUpRows = [1, 8];
        model.WarmUpShapes =
        [
            new() { Inputs = { ["tokens"] = [128], ["mask"] = [128] } },              // 1 × 128 and 8 × 128
            new() { Rows = 1, Inputs = { ["tokens"] = [512], ["mask"] = [512] } },    // 1 × 512
        ];
        // end
        Assert.Equal(["1 × 128", "8 × 128", "1 × 512"], await WarmUpAsync(model));
        // docs: swaps.md
        services.AddHealthChecks()
            .AddCheck<ServingHealthCheck>("serving", tags: ["ready"])
            .AddCheck<ServingLivenessCheck>("serving-live", tags: ["live"]);
        // end
        await using var provider = services.BuildServiceProvider();
        var (host, health) = (provider.GetRequiredService<ModelHost>(), provider.GetRequiredService<HealthCheckService>());
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(check => check.Tags.Contains("ready"), ServingFixture.Token)).Status);
        await host.ReloadAsync("ridership", ServingFixture.Token);
        Assert.Equal(HostedModelState.Serving, host.GetStatus("ridership").State);
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(ServingFixture.Token)).Status);
        Assert.Equal(new Rides(6, 3), await provider.GetRequiredKeyedService<IPredictor<Day, Rides>>("ridership").PredictAsync(new Day(2), cancellationToken: ServingFixture.Token));
    }

    [Fact]
    public void CodeBlocks_OfDocument_AreTheExamples()
    {
        var source = File.ReadAllText(Path.Combine(FindRoot(), "tests", "Mlops.Serving.Tests", "SwapsDocumentTests.cs")).ReplaceLineEndings("\n");
        var examples = Example().Matches(source).Select(match => string.Join('\n', match.Groups["code"].Value.Split('\n').Select(line => line.Length > 8 ? line[8..] : "")).Trim());
        Assert.Equal(examples, CodeBlock().Matches(Document()).Select(match => match.Groups["code"].Value.Trim()));
    }

    [Fact]
    public void Tables_OfDocument_HaveEveryStepAndDefault()
    {
        var document = Document();
        foreach (var step in Enum.GetNames<ModelLoadStep>()) Assert.Contains($"| `{step}` |", document, StringComparison.Ordinal);
        foreach (var state in Enum.GetNames<HostedModelState>()) Assert.Contains($"`{state}`", document, StringComparison.Ordinal);
        foreach (var fault in Enum.GetNames<SealFault>()) Assert.Contains($"`{fault}`", document, StringComparison.Ordinal);
        var defaults = new ProbationOptions();
        foreach (var (name, value) in new (string, double)[]
        {
            (nameof(ProbationOptions.Duration), defaults.Duration.TotalSeconds),
            (nameof(ProbationOptions.MinPredictions), defaults.MinPredictions),
            (nameof(ProbationOptions.MaxDuration), defaults.MaxDuration.TotalSeconds),
            (nameof(ProbationOptions.MaxErrorRatio), defaults.MaxErrorRatio),
            (nameof(ProbationOptions.MaxSlowdown), defaults.MaxSlowdown!.Value),
            (nameof(ProbationOptions.LatencyQuantile), defaults.LatencyQuantile),
            (nameof(ProbationOptions.FalseRollbackRatio), defaults.FalseRollbackRatio),
        })
        {
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| `{name}` | {value:#,0.###} "), document, StringComparison.Ordinal);
        }
    }

    /// <summary>Hosts a model of texts, and tells which shapes it saw.</summary>
    private static async Task<IReadOnlyList<string>> WarmUpAsync(HostedModelOptions options)
    {
        var shapes = new List<string>();
        var predictor = Predictor.Create(
            new ModelSignature([new TensorSpec("tokens", ElementType.Int64, [-1, -1]), new TensorSpec("mask", ElementType.Int64, [-1, -1])], [TensorSpec.Of<float>("score")]),
            (inputs, _, _, _) =>
            {
                Assert.Equal(inputs[0].Shape, inputs[1].Shape);
                shapes.Add(string.Join(" × ", inputs[0].Shape.ToArray()));
            });
        await using var host = new ModelHost(new ModelLoader([]));
        await host.AddAsync("texts", ModelSource.FromPredictor(_ => Task.FromResult(predictor)), options, ServingFixture.Token);
        return shapes;
    }

    private static async Task SealAsync(string pem)
    {
#pragma warning disable xUnit1051 // The example as a reader writes it.
        // docs: swaps.md
        using var key = SealKey.FromPem(pem);       // SealKey.Create().ExportPrivatePem(), kept as a secret
        await ManifestSeal.WriteAsync("model", key); // before the directory is uploaded
        // end
#pragma warning restore xUnit1051
    }

    private static string Document() => File.ReadAllText(Path.Combine(FindRoot(), "docs", "swaps.md")).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mlops.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"// docs: swaps.md\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
