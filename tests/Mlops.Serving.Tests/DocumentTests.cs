using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Artifacts;
using Mlops.Data;
using Mlops.Models;
using Mlops.Profiles;
using Mlops.Serving.Tests.Observation;
using Mlops.Tracking;
using Day = Mlops.Serving.Tests.X;
using Rides = Mlops.Serving.Tests.Y;

namespace Mlops.Serving.Tests;

/// <summary>The examples and tables of docs/predictors.md and docs/payload-log.md.</summary>
public sealed partial class DocumentTests : IDisposable
{
    private readonly ServingFixture _fixture = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-documents-").FullName;

    public void Dispose()
    {
        _fixture.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task PayloadLog_Example_Runs()
    {
        var folder = _folder;
        var services = new ServiceCollection();
        services.AddSingleton<IModelResolver>(_fixture.Resolver).AddSingleton<IArtifactStore>(_fixture.Artifacts).AddSingleton<IModelFlavor>(_fixture.Flavor);
        services.AddMlops().AddServing(s => s.ConfigureLoader(options => options.CacheDirectory = _fixture.Cache));
        // docs: payload-log.md
        services.AddMlops().AddServing(s => s
            .AddModel<Day, Rides>("ridership", "models:/factors@champion")
            .UsePayloadLog(log =>
            {
                log.Directory = folder;
                log.Format = PayloadFormat.Csv;
                log.Compress = true;
                log.Sampling.Ratio = 0.1; // of the predictions, and all failures
                log.Redaction.Columns["email"] = SensitiveColumnPolicy.Omit;
            }));
        // end
        await _fixture.PointToAsync(3);
        const int Calls = 300;
        await using (var provider = services.BuildServiceProvider())
        {
            await provider.GetRequiredService<ModelHost>().ReloadAsync("ridership", ServingFixture.Token);
            var predictor = provider.GetRequiredKeyedService<IPredictor<Day, Rides>>("ridership");
            for (var call = 0; call < Calls; call++) await predictor.PredictAsync(new Day(2), cancellationToken: ServingFixture.Token);
        }

        var file = Assert.Single(Directory.GetFiles(_folder));
        Assert.EndsWith(".csv.gz", file, StringComparison.Ordinal);
        // Eight standard deviations of the binomial distribution on either side, but for an empty file.
        Assert.InRange((await PayloadFixture.ReadTextsAsync(file, "id")).Count, 1, (Calls / 10) + 42);
    }

    [Fact]
    public async Task Redaction_Example_MarksAFeature()
    {
        var homes = Path.Combine(_folder, "homes");
        var model = new FactorModel(2);
        IDataset data = InMemoryDataset.FromColumns("homes", (new ColumnSchema("age", ElementType.Float32), new Column<float>([31f, 32f])), (new ColumnSchema("rooms", ElementType.Float32), new Column<float>([2f, 3f])));
#pragma warning disable xUnit1051 // The example as a reader writes it.
        // docs: payload-log.md
        var profile = await DatasetProfile.CreateAsync(data.WithRole("age", ColumnRole.Sensitive));
        await ModelDirectory.SaveAsync(homes, model, new ModelSaveOptions { Profile = profile });
        // end
#pragma warning restore xUnit1051
        var saved = await (await ModelDirectory.OpenAsync(homes, ServingFixture.Token)).ReadProfileAsync(ServingFixture.Token);
        Assert.Equal(["age"], saved!.Columns.Where(column => column.Role == ColumnRole.Sensitive).Select(column => column.Name));
    }

    [Fact]
    public async Task Delegate_Example_Runs()
    {
#pragma warning disable xUnit1051 // The example as a reader writes it.
        // docs: predictors.md
        await using IPredictor predictor = Predictor.Create<Trip, Fare>(trip => new Fare(2.5f + (1.2f * trip.Kilometres)));
        Fare fare = await predictor.AsTyped<Trip, Fare>().PredictAsync(new Trip(12));

        IModel model = new PredictorModel(predictor, "fares"); // wherever a model is asked for
        // end
#pragma warning restore xUnit1051
        Assert.Equal(16.9f, fare.Value, 1e-4f);
        Assert.Same(predictor.Signature, model.Signature);
    }

    [Fact]
    public async Task Program_ExampleInPython_Runs()
    {
        if (!HasPython()) Assert.Skip("There is no python3.");
        await File.WriteAllTextAsync(Path.Combine(_folder, "model.py"), Block("predictors.md", "python", 0), ServingFixture.Token);
        await using (var predictor = new ProcessPredictor(ProgramSignature, new ProcessPredictorOptions { FileName = "python3", Arguments = ["model.py"], ProcessCount = 2, WorkingDirectory = _folder }))
        {
            await predictor.StartAsync(ServingFixture.Token);
            Assert.Equal([4d, 10d], await PredictAsync(predictor, 1, 2, 3, 4));
            // json.dumps refuses what is no JSON: the program answers with an error and goes on.
            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => PredictAsync(predictor, 1e308, 1e308));
            Assert.Contains("JSON compliant", error.InnerException!.Message, StringComparison.Ordinal);
            Assert.Equal([1d], await PredictAsync(predictor, 0, 1));
        }
    }

    [Fact]
    public async Task Program_ExampleInCSharp_Runs()
    {
        const string Name = "Mlops.Serving.DocumentedModel";
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(FindRoot(), "tests", Name, "model.cs"), ServingFixture.Token), Block("predictors.md", "csharp", 2));
        var program = Path.Combine(AppContext.BaseDirectory.Replace(typeof(DocumentTests).Assembly.GetName().Name!, Name, StringComparison.Ordinal), Name + ".dll");
        var options = new ProcessPredictorOptions { FileName = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", Arguments = ["exec", program] };
        await using (var predictor = new ProcessPredictor(ProgramSignature, options))
        {
            Assert.Equal([4d, 10d], await PredictAsync(predictor, 1, 2, 3, 4));
            // JSON has no infinity: the program answers with an error and goes on.
            var error = await Assert.ThrowsAsync<PredictionFailedException>(() => PredictAsync(predictor, 1e308, 1e308));
            Assert.Contains("JSON", error.InnerException!.Message, StringComparison.Ordinal);
            Assert.Equal([1d], await PredictAsync(predictor, 0, 1));
        }
    }

    [Fact]
    public async Task Program_Example_IsWhatItSays()
    {
#pragma warning disable xUnit1051 // The example as a reader writes it.
        Func<Task> example = async () =>
        {
            // docs: predictors.md
            var signature = new ModelSignature([TensorSpec.Of<double>("x", 2)], [TensorSpec.Of<double>("y")]);
            await using var predictor = new ProcessPredictor(signature, new ProcessPredictorOptions { FileName = "python3", Arguments = ["model.py"], ProcessCount = 2 });
            await predictor.StartAsync(); // or with the first call
            // end
            Assert.Equal(signature, ProgramSignature);
        };
#pragma warning restore xUnit1051
        // The working directory of the tests has no model.py, so that the program ends at once.
        await Assert.ThrowsAsync<PredictionFailedException>(example);
    }

    [Theory]
    [InlineData("predictors.md")]
    [InlineData("payload-log.md")]
    public void CodeBlocks_OfDocuments_AreTheExamples(string document)
    {
        var source = File.ReadAllText(Path.Combine(FindRoot(), "tests", "Mlops.Serving.Tests", "DocumentTests.cs")).ReplaceLineEndings("\n");
        string[] examples = [.. Example().Matches(source).Where(match => match.Groups["document"].Value == document).Select(match => Unindent(match.Groups["code"].Value))];
        Assert.NotEmpty(examples);
        // A program of its own is compared where it is run.
        Assert.Equal(examples, CodeBlock().Matches(Document(document)).Where(match => match.Groups["language"].Value == "csharp").Select(match => match.Groups["code"].Value.Trim()).Where(code => !code.StartsWith("using System.Text;", StringComparison.Ordinal)));
    }

    [Fact]
    public void Options_OfPayloadLog_ExistWithTheirDefaults()
    {
        var defaults = new PayloadLogOptions();
        var document = Document("payload-log.md");
        foreach (var property in typeof(PayloadLogOptions).GetProperties().Where(property => property.CanWrite))
        {
            var value = property.GetValue(defaults) switch
            {
                TimeSpan time => time.TotalSeconds.ToString("#,0.##' s'", CultureInfo.InvariantCulture),
                bool flag => flag ? "yes" : "no",
                IFormattable number and (int or long) => number.ToString("#,0", CultureInfo.InvariantCulture) + (property.Name.EndsWith("Files", StringComparison.Ordinal) ? " files" : " bytes"),
                var other => $"`{other}`",
            };
            Assert.Contains($"| `{property.Name}` | {value} |", document, StringComparison.Ordinal);
        }

        Assert.All(Enum.GetNames<SensitiveColumnPolicy>(), policy => Assert.Contains($"| `{policy}` |", document, StringComparison.Ordinal));
    }

    [Fact]
    public void Options_OfPrograms_AreToldWithTheirDefaults()
    {
        var defaults = new ProcessPredictorOptions();
        var document = Document("predictors.md");
        foreach (var (name, value) in new (string, string)[]
        {
            ("Timeout", $"{defaults.Timeout.TotalSeconds} s"), ("RestartDelay", string.Create(CultureInfo.InvariantCulture, $"{defaults.RestartDelay.TotalSeconds} s")), ("MaxRestartDelay", $"{defaults.MaxRestartDelay.TotalSeconds} s"),
            ("QueueCapacity", defaults.QueueCapacity.ToString("#,0", CultureInfo.InvariantCulture)), ("ProcessCount", $"{defaults.ProcessCount}"), ("ShutdownTimeout", $"{defaults.ShutdownTimeout.TotalSeconds} s"),
        })
        {
            Assert.Contains($"`{name}` ({value})", document.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    private static ModelSignature ProgramSignature { get; } = new([TensorSpec.Of<double>("x", 2)], [TensorSpec.Of<double>("y")]);

    private static async Task<IReadOnlyList<double>> PredictAsync(IPredictor predictor, params double[] values)
    {
        using var inputs = ProgramSignature.RentInputs(values.Length / 2);
        using var outputs = ProgramSignature.RentOutputs(values.Length / 2);
        values.CopyTo(inputs.Get<double>(0).Span);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), ServingFixture.Token);
        return outputs.Get<double>(0).Span.ToArray();
    }

    private static bool HasPython()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", ["-c", ""]));
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string Block(string document, string language, int index)
        => CodeBlock().Matches(Document(document)).Where(match => match.Groups["language"].Value == language).ElementAt(index).Groups["code"].Value;

    private static string Unindent(string code)
    {
        var lines = code.Split('\n');
        var indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : "")).Trim();
    }

    private static string Document(string name) => File.ReadAllText(Path.Combine(FindRoot(), "docs", name)).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mlops.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"// docs: (?<document>[a-z-]+\.md)\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"```(?<language>csharp|python)\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [TensorRow]
    private readonly partial record struct Trip([TensorColumn("kilometres")] float Kilometres);

    [TensorRow]
    private readonly partial record struct Fare([TensorColumn("fare")] float Value);
}
