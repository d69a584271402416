using System.Diagnostics;
using System.Globalization;
using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Onnx.Tests;

/// <summary>Threads and memory that sessions share. Each test loads a copy of the library of its own, which has an environment of its own.</summary>
[Collection(nameof(OnnxMemoryTests))]
public sealed class OnnxEnvironmentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnx-environment").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Each of the sessions asks for four threads. Apart, a hundred of them make three hundred.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Load_ManySessions_ThreadsAreShared(bool isShared)
    {
        const int sessions = 100;
        var options = Options(new OnnxEnvironmentOptions { ShareThreads = isShared, IntraOpThreads = 4 });
        options.IntraOpThreads = 4;
        using var process = Process.GetCurrentProcess();
        var before = process.Threads.Count;
        var models = Enumerable.Range(0, sessions).Select(_ => OnnxModel.Load(TinyModels.Linear(3), options)).ToArray();
        process.Refresh();
        var threads = process.Threads.Count - before;
        Figures.Tell($"{sessions} ONNX sessions of 4 threads: {threads} threads more{(isShared ? " with shared threads" : "")}");
        if (isShared) Assert.InRange(threads, int.MinValue, 40);
        else Assert.InRange(threads, 250, int.MaxValue);
        foreach (var model in models) await AssertPredictsAsync(model);
        foreach (var model in models) model.Dispose();
    }

    /// <summary>Unasked, a session has no thread: it works on that of whoever calls it.</summary>
    [Fact]
    public async Task Load_ManySessionsByDefault_AddNoThreads()
    {
        using var process = Process.GetCurrentProcess();
        var options = Options(new OnnxEnvironmentOptions());
        using (var first = OnnxModel.Load(TinyModels.Linear(3), options)) await AssertPredictsAsync(first);
        process.Refresh();
        var before = process.Threads.Count;
        var models = Enumerable.Range(0, 100).Select(_ => OnnxModel.Load(TinyModels.Linear(3), options)).ToArray();
        foreach (var model in models) await AssertPredictsAsync(model);
        process.Refresh();

        // The pool of the tests has threads that come and go.
        Assert.InRange(process.Threads.Count - before, int.MinValue, 40);
        foreach (var model in models) model.Dispose();
    }

    [Fact]
    public async Task Load_SharedArena_PredictsAndKeepsItsLimit()
    {
        var options = Options(new OnnxEnvironmentOptions { ShareArena = true, MaxArenaBytes = 8 << 20 });
        using var model = OnnxModel.Load(TinyModels.Slow(nodes: 3, width: 1000), options);
        using var other = OnnxModel.Load(TinyModels.Linear(3), options);
        await AssertPredictsAsync(other);
        await using var predictor = model.CreatePredictor();
        await PredictAsync(predictor, rows: 100);
        // An intermediate tensor of 40 MB.
        await Assert.ThrowsAsync<PredictionFailedException>(() => PredictAsync(predictor, rows: 10_000));
        await PredictAsync(predictor, rows: 100);
    }

    [Fact]
    public async Task Load_AnotherEnvironment_ThrowsModelLoadNamingTheFirstModel()
    {
        var options = Options(new OnnxEnvironmentOptions { ShareThreads = true, IntraOpThreads = 2 });
        using var first = OnnxModel.Load(TinyModels.Linear(3), options, "first of all");
        foreach (var environment in new OnnxEnvironmentOptions[] { new(), new() { ShareThreads = true, IntraOpThreads = 3 }, new() { ShareThreads = true, IntraOpThreads = 2, ShareArena = true } })
        {
            options.Environment = environment;
            var error = Assert.Throws<ModelLoadException>(() => OnnxModel.Load(TinyModels.Linear(3), options, "second"));
            Assert.Equal("second", error.ModelUri);
            Assert.Contains("set up when the model 'first of all' was loaded", error.Message, StringComparison.Ordinal);
            Assert.Contains(environment.ToString(), error.Message, StringComparison.Ordinal);
            Assert.Contains("2 within nodes", error.Message, StringComparison.Ordinal);
        }

        foreach (var environment in new OnnxEnvironmentOptions?[] { null, new() { ShareThreads = true, IntraOpThreads = 2 } })
        {
            options.Environment = environment;
            using var model = OnnxModel.Load(TinyModels.Linear(3), options);
            await AssertPredictsAsync(model);
        }
    }

    /// <summary>An intermediate tensor of 200 MB stays in the arena, or does not.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_LargeBatch_ArenaShrinksWhenAsked(bool isShrunk)
    {
        using var model = OnnxModel.Load(TinyModels.Slow(nodes: 3, width: 1000), new OnnxOptions { ShrinkMemoryArena = isShrunk, UseMemoryPattern = false });
        await using var predictor = model.CreatePredictor();
        await PredictAsync(predictor, rows: 1);
        var before = OnnxMemoryTests.Measure();
        await PredictAsync(predictor, rows: 50_000);
        await PredictAsync(predictor, rows: 1);
        var grown = (OnnxMemoryTests.Measure() - before) / OnnxMemoryTests.Megabyte;
        if (isShrunk) Assert.InRange(grown, double.MinValue, 100);
        else Assert.InRange(grown, 150, double.MaxValue);
    }

    /// <summary>Fifty sessions of a model of 5 MB: its file, its weights, and the weights as the processor reads them fastest.</summary>
    [Fact]
    public async Task Load_SharedWeights_TakeTheMemoryOnce()
    {
        const int sessions = 50;
        var bytes = TinyModels.Dense(width: 1120);
        var apart = await MeasureAsync(new OnnxOptions());
        var together = await MeasureAsync(new OnnxOptions { ShareWeights = true });
        Figures.Tell(string.Create(CultureInfo.InvariantCulture, $"{sessions} ONNX sessions of a model of {bytes.Length / OnnxMemoryTests.Megabyte:F1} MB: {apart:F0} MB apart, {together:F0} MB with shared weights"));
        Assert.InRange(together, double.MinValue, apart / 4);
        Assert.Equal(0, SharedWeights.Count);

        async Task<double> MeasureAsync(OnnxOptions options)
        {
            await LoadAsync(2);
            var before = OnnxMemoryTests.Measure(isManagedCounted: true);
            return await LoadAsync(sessions, before);

            async Task<double> LoadAsync(int count, long start = 0)
            {
                var models = Enumerable.Range(0, count).Select(_ => OnnxModel.Load(bytes, options)).ToArray();
                var grown = start == 0 ? 0 : (OnnxMemoryTests.Measure(isManagedCounted: true) - start) / OnnxMemoryTests.Megabyte;
                foreach (var model in models)
                {
                    await using var predictor = model.CreatePredictor();
                    using var inputs = model.Signature.RentInputs(1);
                    using var outputs = model.Signature.RentOutputs(1);
                    inputs.Get<float>(0).Span.Fill(1);
                    await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
                    // The sum of the first column of weights, row + column, each divided by the width.
                    Assert.Equal(1119 / 2f, outputs.Get<float>(0).Span[0], 0.1f);
                    model.Dispose();
                }

                return grown;
            }
        }
    }

    /// <summary>Versions that share some of their weights keep these once, and the others apart.</summary>
    [Fact]
    public async Task Load_SharedWeightsOfVersions_GiveEachItsOwn()
    {
        var options = new OnnxOptions { ShareWeights = true };
        using var first = OnnxModel.Load(Version(1), options);
        Assert.Equal(3, SharedWeights.Count);
        using var second = OnnxModel.Load(Version(2), options);
        Assert.Equal(5, SharedWeights.Count);
        Assert.Equal(1 + 300, await PredictFirstAsync(first));
        Assert.Equal(2 + 300, await PredictFirstAsync(second));
        first.Dispose();
        Assert.Equal(3, SharedWeights.Count);
        Assert.Equal(2 + 300, await PredictFirstAsync(second));

        static byte[] Version(float bias)
        {
            var builder = new OnnxGraphBuilder();
            builder.AddInput(TensorSpec.Of<float>("x", 300));
            builder.AddOutput(TensorSpec.Of<float>("y", 300));
            builder.AddConstant("w", Enumerable.Range(0, 300).Select(_ => Enumerable.Repeat(1f, 300).ToArray()).ToArray());
            builder.AddConstant("b", Enumerable.Repeat(bias, 300).ToArray());
            builder.AddNode("MatMul", "", ["x", "w"], ["t"]);
            builder.AddNode("Add", "", ["t", "b"], ["y"]);
            return builder.Build();
        }
    }

    private static async Task<float> PredictFirstAsync(OnnxModel model)
    {
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        inputs.Get<float>(0).Span.Fill(1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        return outputs.Get<float>(0).Span[0];
    }

    private static async Task PredictAsync(IPredictor predictor, int rows)
    {
        using var inputs = predictor.Signature.RentInputs(rows);
        using var outputs = predictor.Signature.RentOutputs(rows);
        inputs.Get<float>(0).Span.Fill(1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal(Math.Sin(Math.Sin(Math.Sin(1))), outputs.Get<float>(0).Span[^1], 1e-5);
    }

    private static async Task AssertPredictsAsync(OnnxModel model) => Assert.Equal(1 + 2 + 3 + 1, await PredictFirstAsync(model));

    private OnnxOptions Options(OnnxEnvironmentOptions environment)
    {
        var copy = Path.Combine(_folder, OperatingSystem.IsWindows() ? "runtime.dll" : "runtime.so");
        File.Copy(Directory.EnumerateFiles(AppContext.BaseDirectory, "*onnxruntime.*", SearchOption.AllDirectories).First(file => Path.GetExtension(file) is ".so" or ".dll" or ".dylib"), copy);
        return new OnnxOptions { LibraryPath = copy, Environment = environment };
    }
}
