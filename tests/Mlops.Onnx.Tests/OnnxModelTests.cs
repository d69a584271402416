using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

public sealed class OnnxModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnx").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task LoadAsync_FileOfOurs_GivesSignatureAndBytes()
    {
        var path = Path.Combine(_folder, "model.onnx");
        var bytes = TinyModels.Linear(3);
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        using var model = await OnnxModel.LoadAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        File.Delete(path);
        Assert.Equal(path, model.Name);
        Assert.Equal("1.30.0", model.RuntimeVersion);
        Assert.Equal("(x: Float32[?, 3]) → (y: Float32[?, 1])", model.Signature.ToString());
        Assert.True(model.ToBytes().Span.SequenceEqual(bytes));
    }

    [Fact]
    public void Metadata_ModelWithEverything_IsRead()
    {
        var builder = new OnnxGraphBuilder { GraphName = "graph of mine", ProducerName = "producer", Domain = "org.example", Description = "What it does – and why.", Version = 42 };
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddOutput(TensorSpec.Of<float>("y", 2));
        builder.AddNode("Identity", "", ["x"], ["y"]);
        builder.AddProperty("owner", "Zoë");
        builder.AddProperty("empty", "");
        builder.AddProperty(OnnxMetadata.InputColumnsKey, """{"x":["age","größe"]}""");
        using var model = OnnxModel.Load(builder.Build());
        var metadata = model.Metadata;
        Assert.Equal(("graph of mine", "producer", "org.example", "What it does – and why.", 42L), (metadata.GraphName, metadata.ProducerName, metadata.Domain, metadata.Description, metadata.Version));
        Assert.Equal(3, metadata.Properties.Count);
        Assert.Equal("Zoë", metadata.Properties["owner"]);
        Assert.Equal("", metadata.Properties["empty"]);
        Assert.Equal(["age", "größe"], model.Signature.Inputs[0].Columns);
    }

    [Fact]
    public void Load_ColumnsMetadataBroken_ThrowsModelLoad()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddOutput(TensorSpec.Of<float>("y", 2));
        builder.AddNode("Identity", "", ["x"], ["y"]);
        builder.AddProperty(OnnxMetadata.InputColumnsKey, "{");
        Assert.Contains(OnnxMetadata.InputColumnsKey, Assert.Throws<ModelLoadException>(() => OnnxModel.Load(builder.Build())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_NoFile_ThrowsModelLoad()
    {
        var path = Path.Combine(_folder, "none.onnx");
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => OnnxModel.LoadAsync(path, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(path, error.ModelUri);
        await Assert.ThrowsAsync<ModelLoadException>(() => OnnxModel.LoadAsync(_folder, cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Load_EmptyTruncatedOrGarbage_ThrowsModelLoad()
    {
        var bytes = TinyModels.TextClassifier();
        Assert.Throws<ModelLoadException>(() => OnnxModel.Load(Array.Empty<byte>()));
        var noise = new byte[1000];
        new Random(1).NextBytes(noise);
        Assert.Contains("ONNX Runtime 1.30.0 could not load", Assert.Throws<ModelLoadException>(() => OnnxModel.Load(noise)).Message, StringComparison.Ordinal);
        for (var length = 1; length < bytes.Length; length += 7)
        {
            var part = bytes.AsMemory(0, length);
            // Cut between two fields at the end of the file it is a model still; anywhere else it is none.
            try
            {
                OnnxModel.Load(part).Dispose();
                Assert.True(length > bytes.Length / 2, $"{length} of {bytes.Length} bytes were taken for a model.");
            }
            catch (ModelLoadException)
            {
            }
        }
    }

    [Fact]
    public void Load_ElementTypeUnknownHere_ThrowsModelLoadNamingIt()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2));
        builder.AddUntypedOutput("half");
        builder.AddNode("Cast", "", ["x"], ["half"], new OnnxAttribute("to", 16L));
        Assert.Contains("'half' is a tensor of bfloat16", Assert.Throws<ModelLoadException>(() => OnnxModel.Load(builder.Build())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_LibraryPathWrong_ThrowsModelLoadNamingIt()
    {
        var path = Path.Combine(_folder, "libnothing.so");
        Assert.Contains(path, Assert.Throws<ModelLoadException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { LibraryPath = path })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_LibraryPathGiven_UsesIt()
    {
        var copy = Path.Combine(_folder, OperatingSystem.IsWindows() ? "runtime.dll" : "runtime.so");
        File.Copy(Directory.EnumerateFiles(AppContext.BaseDirectory, "*onnxruntime.*", SearchOption.AllDirectories).First(file => Path.GetExtension(file) is ".so" or ".dll" or ".dylib"), copy);
        using var model = OnnxModel.Load(TinyModels.Linear(2), new OnnxOptions { LibraryPath = copy });
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(1);
        using var outputs = model.Signature.RentOutputs(1);
        inputs.Get<float>(0).Span.Fill(1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal(4, outputs.Get<float>(0).Span[0]);
    }

    [Fact]
    public async Task Load_EveryOption_StillPredicts()
    {
        var options = new OnnxOptions
        {
            IntraOpThreads = 2,
            InterOpThreads = 2,
            AllowSpinning = true,
            ExecutionMode = OnnxExecutionMode.Parallel,
            GraphOptimizationLevel = OnnxGraphOptimizationLevel.None,
            UseMemoryArena = false,
            UseMemoryPattern = false,
            SessionConfig = { ["session.set_denormal_as_zero"] = "1" },
            ExecutionProviders = { new OnnxExecutionProvider { Name = "CPUExecutionProvider" } },
        };
        using var model = OnnxModel.Load(TinyModels.Linear(2), options);
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(1);
        using var outputs = model.Signature.RentOutputs(1);
        inputs.Get<float>(0).Span.Fill(2);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal(7, outputs.Get<float>(0).Span[0]);
    }

    [Theory]
    [InlineData("CUDAExecutionProvider")] // In the library, but neither the library that it loads nor a device is there.
    [InlineData("TensorRT")]
    [InlineData("QNN")]
    [InlineData("NoSuchThing")]
    public void Load_ProviderNotInTheLibrary_ThrowsModelLoadNamingThoseThereAre(string provider)
    {
        var options = new OnnxOptions { ExecutionProviders = { new OnnxExecutionProvider { Name = provider, Options = { ["device_id"] = "0" } } } };
        var error = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(TinyModels.Linear(1), options));
        Assert.Contains($"'{provider}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("CPUExecutionProvider", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OptionsWithoutSense_ThrowsArgument()
    {
        Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { IntraOpThreads = -1 }));
        Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { ShrinkMemoryArena = true, UseMemoryArena = false }));
        Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { Environment = new OnnxEnvironmentOptions { IntraOpThreads = -1 } }));
        Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { Environment = new OnnxEnvironmentOptions { InterOpThreads = -1 } }));
        Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { Environment = new OnnxEnvironmentOptions { ShareArena = true, MaxArenaBytes = -1 } }));
        Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { Environment = new OnnxEnvironmentOptions { MaxArenaBytes = 1 } }));
        foreach (var options in new Dictionary<string, string>[] { new() { [""] = "0" }, new() { ["device_id"] = null! }, new() { ["device_id"] = "0" } })
        {
            var provider = new OnnxExecutionProvider();
            foreach (var (key, value) in options) provider.Options[key] = value;
            Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { ExecutionProviders = { provider } }));
        }

        Assert.Throws<ArgumentException>(() => OnnxModel.Load(TinyModels.Linear(1), new OnnxOptions { GraphOptimizationLevel = (OnnxGraphOptimizationLevel)7 }));
    }

    [Fact]
    public async Task Dispose_PredictorsAlive_StayUsable()
    {
        var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        model.Dispose();
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => model.CreatePredictor());
        using var inputs = model.Signature.RentInputs(1);
        using var outputs = model.Signature.RentOutputs(1);
        inputs.Get<float>(0).Span.Fill(1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal(4, outputs.Get<float>(0).Span[0]);
    }

    [Fact]
    public async Task SaveAsync_ThenFlavor_GivesTheSameModel()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x", 2, "age", "income")], [TensorSpec.Of<float>("y")]);
        var bytes = OnnxExporter.Export(new ModelGraph(signature, [new GraphNode(new LinearRegressorOperator([1, 2], 3), ["x"], ["y"])]));
        using var model = OnnxModel.Load(bytes);
        Assert.Equal(signature, model.Signature);
        var folder = Path.Combine(_folder, "saved");
        await ModelDirectory.SaveAsync(folder, model, cancellationToken: TestContext.Current.CancellationToken);

        var directory = await ModelDirectory.OpenAsync(folder, TestContext.Current.CancellationToken);
        Assert.Equal(["onnx", "python_function"], directory.Flavors.Select(flavor => flavor.Key));
        Assert.Equal("model.onnx", directory.FindFlavor("onnx")!["data"]);
        Assert.Equal(["CUDAExecutionProvider", "CPUExecutionProvider"], (object?[])directory.FindFlavor("onnx")!["providers"]!);
        Assert.Equal("mlflow.onnx", directory.FindFlavor("python_function")!["loader_module"]);
        Assert.Contains("onnxruntime==1.30.0\n", await File.ReadAllTextAsync(Path.Combine(folder, "requirements.txt"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("  - onnxruntime==1.30.0\n", await File.ReadAllTextAsync(Path.Combine(folder, "conda.yaml"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("- -r requirements.txt\n", await File.ReadAllTextAsync(Path.Combine(folder, "python_env.yaml"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using var loaded = (OnnxModel)await new OnnxFlavor().LoadAsync(directory, TestContext.Current.CancellationToken);
        Assert.Equal(signature, loaded.Signature);

        // The directory has the file.
        Assert.Contains(nameof(OnnxOptions.KeepFile), Assert.Throws<InvalidOperationException>(() => loaded.ToBytes()).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ModelDirectory.SaveAsync(Path.Combine(_folder, "again"), loaded, cancellationToken: TestContext.Current.CancellationToken));
        using var kept = (OnnxModel)await new OnnxFlavor(new OnnxOptions { KeepFile = true }).LoadAsync(directory, TestContext.Current.CancellationToken);
        Assert.True(kept.ToBytes().Span.SequenceEqual(bytes));
        Assert.Equal((bytes.Length, 2 * bytes.Length), (loaded.SizeBytes, kept.SizeBytes));
    }

    [Fact]
    public async Task LoadAsync_DirectoryOfAnotherFlavor_ThrowsModelLoad()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "MLmodel"), "flavors:\n  sklearn:\n    data: model.pkl\n", TestContext.Current.CancellationToken);
        var directory = await ModelDirectory.OpenAsync(_folder, new ModelOpenOptions { AllowMissingManifest = true }, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<ModelLoadException>(() => new OnnxFlavor().LoadAsync(directory, TestContext.Current.CancellationToken));
    }

    /// <summary>A directory as MLflow writes it: with its own signature but without ours of columns, and options for its own loader.</summary>
    [Fact]
    public async Task LoadAsync_DirectoryOfMlflow_GivesTheModel()
    {
        const string document = """
            flavors:
              onnx:
                code: null
                data: model.onnx
                onnx_session_options: null
                onnx_version: 1.19.0
                providers:
                - CUDAExecutionProvider
                - CPUExecutionProvider
              python_function:
                data: model.onnx
                env:
                  conda: conda.yaml
                  virtualenv: python_env.yaml
                loader_module: mlflow.onnx
                python_version: 3.10.14
            mlflow_version: 3.1.0
            model_uuid: 4e3c0c4a2ad14b5b8a7d3f2d6d1e7c55
            utc_time_created: '2025-07-01 10:00:00.000000'
            """;
        await File.WriteAllTextAsync(Path.Combine(_folder, "MLmodel"), document, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "model.onnx"), TinyModels.Linear(4), TestContext.Current.CancellationToken);
        var directory = await ModelDirectory.OpenAsync(_folder, new ModelOpenOptions { AllowMissingManifest = true }, TestContext.Current.CancellationToken);
        using var model = (OnnxModel)await new OnnxFlavor().LoadAsync(directory, TestContext.Current.CancellationToken);
        Assert.Equal(4, model.Signature.Inputs[0].Width);
    }

    [Fact]
    public void AddOnnx_Twice_RegistersOneFlavor()
    {
        var services = new ServiceCollection().AddMlops().AddOnnx().AddOnnx(options => options.IntraOpThreads = 2).Services;
        Assert.Single(services, service => service.ServiceType == typeof(IConfigureOptions<OnnxOptions>));
        using var provider = services.BuildServiceProvider();
        Assert.Equal("onnx", Assert.IsType<OnnxFlavor>(Assert.Single(provider.GetServices<IModelFlavor>())).Name);
    }

    [Fact]
    public void Validate_OptionsWithoutSense_Fails()
    {
        var validator = new OnnxOptionsValidator();
        Assert.True(validator.Validate(null, new OnnxOptions { InterOpThreads = -1 }).Failed);
        Assert.True(validator.Validate(null, new OnnxOptions()).Succeeded);
        Assert.Contains(new ServiceCollection().AddMlops().AddOnnx().Services, service => service.ServiceType == typeof(IValidateOptions<OnnxOptions>));
    }
}
