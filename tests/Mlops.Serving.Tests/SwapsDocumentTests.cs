using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tracking;
using Day = Mlops.Serving.Tests.X;
using Rides = Mlops.Serving.Tests.Y;

namespace Mlops.Serving.Tests;

/// <summary>The first example, the steps and the defaults of docs/swaps.md.</summary>
public sealed partial class SwapsDocumentTests : IDisposable
{
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Example_OfDocument_Runs()
    {
        using var key = SealKey.Create();
        var services = new ServiceCollection();
        services.AddSingleton<IModelResolver>(_fixture.Resolver).AddSingleton<IArtifactStore>(_fixture.Artifacts).AddSingleton<IModelFlavor>(_fixture.Flavor);
        Register(services, key);
        await using var provider = services.BuildServiceProvider();
        var status = provider.GetRequiredService<ModelHost>().GetStatus("ridership");
        Assert.Equal(HostedModelState.NotLoaded, status.State);
        Assert.NotNull(provider.GetRequiredService<ServingHealthCheck>());
    }

    [Fact]
    public void FirstCodeBlock_OfDocument_IsTheExample()
    {
        var source = File.ReadAllText(Path.Combine(FindRoot(), "tests", "Mlops.Serving.Tests", "SwapsDocumentTests.cs")).ReplaceLineEndings("\n");
        var example = string.Join('\n', Example().Match(source).Groups["code"].Value.Split('\n').Select(line => line.Length > 8 ? line[8..] : "")).Trim();
        var block = CodeBlock().Match(Document()).Groups["code"].Value.Trim();

        // The key is read from a file before it.
        Assert.Equal(example, block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
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

    private static void Register(ServiceCollection services, SealKey releaseKey)
    {
        // docs: swaps.md
        services.AddMlops().AddServing(s => s
            .ConfigureLoader(loader => loader.SealPolicy = SealPolicy.RequireSeal(releaseKey))
            .Configure(host => host.HangTimeout = TimeSpan.FromSeconds(10))
            .AddModel<Day, Rides>("ridership", "models:/factors@champion", model =>
            {
                model.WarmUpRows = [1, 8, 64];
                model.UseProbation(probation => probation.MaxErrorRatio = 0.02);
            }));
        // end
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
