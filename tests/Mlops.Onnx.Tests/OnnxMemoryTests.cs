using System.Runtime.InteropServices;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Native memory comes back. The bounds are far above noise and far below what a leak would take.</summary>
[Collection(nameof(OnnxMemoryTests))]
[CollectionDefinition(nameof(OnnxMemoryTests), DisableParallelization = true)]
public sealed class OnnxMemoryTests
{
    internal const double Megabyte = 1 << 20;

    private static readonly TrimHeap? s_trim = OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "malloc_trim", out var address)
        ? Marshal.GetDelegateForFunctionPointer<TrimHeap>(address)
        : null;

    private delegate int TrimHeap(nuint pad);

    /// <summary>300 models of 1 MB: not released, they would take 300 MB and more.</summary>
    [Fact]
    public async Task LoadPredictDispose_300Times_DoesNotGrow()
    {
        var bytes = TinyModels.Heavy(width: 250_000);
        for (var i = 0; i < 30; i++) await LoadPredictDisposeAsync(bytes);
        var before = Measure();
        for (var i = 0; i < 300; i++) await LoadPredictDisposeAsync(bytes);
        AssertGrowth(before, 40);
    }

    /// <summary>What nobody disposes the finalizer releases, though the values of its runs hold it.</summary>
    [Fact]
    public async Task LoadPredictForget_300Times_DoesNotGrow()
    {
        var bytes = TinyModels.Heavy(width: 250_000);
        for (var i = 0; i < 30; i++) await LoadPredictForgetAsync(bytes);
        var before = Measure();
        for (var i = 0; i < 300; i++) await LoadPredictForgetAsync(bytes);
        AssertGrowth(before, 40);
    }

    /// <summary>A session that is disposed while runs use it is released when the last of them has ended.</summary>
    [Fact]
    public void Dispose_WhileValuesAreInUse300Times_DoesNotGrow()
    {
        var bytes = TinyModels.Heavy(width: 250_000);
        var options = new OnnxOptions();
        var library = OrtLibrary.Load(options.LibraryPath, null, "values");
        for (var i = 0; i < 30; i++) CreateAndDispose();
        var before = Measure();
        for (var i = 0; i < 300; i++) CreateAndDispose();
        AssertGrowth(before, 40);

        void CreateAndDispose()
        {
            var session = OrtSession.Create(library, bytes, options, "values");
            session.SetNames(["x"], [new SessionOutput("y", SessionOutputKind.Tensor, 0)]);
            var (kept, first, second) = (session.RentValues(64), session.RentValues(128), session.RentValues(128));
            session.ReturnValues(kept);
            session.Dispose();
            Assert.Throws<ObjectDisposedException>(() => session.RentValues(64));
            session.ReturnValues(first);
            Assert.Throws<ObjectDisposedException>(() => session.RentValues(128));
            session.ReturnValues(second);
            session.Dispose();
        }
    }

    /// <summary>Errors with a message of kilobytes: statuses that are not released would take 96 MB.</summary>
    [Fact]
    public void Load_Fails3000Times_DoesNotGrow()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddUntypedOutput("y");
        builder.AddNode(new string('x', 32 * 1024), "", [], ["y"]);
        var bytes = builder.Build();
        Assert.InRange(Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes)).Message.Length, 32 * 1024, int.MaxValue);
        for (var i = 0; i < 300; i++) Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes));
        var before = Measure();
        for (var i = 0; i < 3000; i++) Assert.Throws<ModelLoadException>(() => OnnxModel.Load(bytes));
        AssertGrowth(before, 30);
    }

    /// <summary>20,000 calls with text of 8 KB in, text and copied tensors out: a value of them not released would take 160 MB and more.</summary>
    [Fact]
    public async Task PredictAsync_20000Times_DoesNotGrow()
    {
        using var classifier = OnnxModel.Load(TinyModels.TextClassifier());
        using var identity = OnnxModel.Load(TinyModels.Identity(Data.ElementType.String, -1, -1));
        await using var first = classifier.CreatePredictor();
        await using var second = identity.CreatePredictor();
        using var source = new CancellationTokenSource();
        var text = new string('ä', 4096);
        await CallAsync(2_000);
        var before = Measure();
        await CallAsync(20_000);
        AssertGrowth(before, 40);

        async Task CallAsync(int calls)
        {
            for (var call = 0; call < calls; call++)
            {
                var (model, predictor) = call % 2 == 0 ? (classifier, first) : (identity, second);
                using var inputs = model.Signature.RentInputs(1 + (call % 3));
                using var outputs = model.Signature.RentOutputs(1 + (call % 3));
                if (call % 2 != 0) inputs[0].Resize(inputs.Rows, 1);
                inputs.Get<string>(0).Span.Fill(text);
                await predictor.PredictAsync(inputs, outputs, new PredictionContext(), source.Token);
            }
        }
    }

    /// <summary>Twenty models of 4 MB: their files, kept, would take 80 MB of the managed heap. ONNX Runtime has the weights in memory of its own.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    public async Task LoadAsync_OfADirectory_KeepsTheFileOnlyWhenAsked(bool? keepsFile)
    {
        const int Models = 20;
        var folder = Directory.CreateTempSubdirectory("onnx-memory").FullName;
        try
        {
            var bytes = TinyModels.Heavy(width: 1_000_000);
            using (var saved = OnnxModel.Load(bytes)) await ModelDirectory.SaveAsync(folder, saved, cancellationToken: TestContext.Current.CancellationToken);
            var directory = await ModelDirectory.OpenAsync(folder, TestContext.Current.CancellationToken);
            var flavor = new OnnxFlavor(new OnnxOptions { KeepFile = keepsFile });
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var models = new List<IModel>();
            for (var i = 0; i < Models; i++) models.Add(await flavor.LoadAsync(directory, TestContext.Current.CancellationToken));
            var growth = (GC.GetTotalMemory(forceFullCollection: true) - before) / Megabyte;
            TestContext.Current.TestOutputHelper?.WriteLine($"Grew by {growth:F1} MB.");
            if (keepsFile == true) Assert.InRange(growth, 60, 120);
            else Assert.InRange(growth, double.MinValue, 12);
            foreach (var model in models)
            {
                Assert.Equal(bytes.Length * (keepsFile == true ? 2 : 1), Assert.IsAssignableFrom<ISizedModel>(model).SizeBytes);
                await using (var predictor = model.CreatePredictor())
                {
                    using var inputs = model.Signature.RentInputs(1);
                    using var outputs = model.Signature.RentOutputs(1);
                    inputs.Get<float>(0).Span.Fill(1);
                    await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
                    Assert.Equal(1_000_000f, outputs.Get<float>(0).Span[^1]);
                }

                ((IDisposable)model).Dispose();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertGrowth(long before, int bound)
    {
        var growth = (Measure() - before) / Megabyte;
        TestContext.Current.TestOutputHelper?.WriteLine($"Grew by {growth:F1} MB.");
        Assert.True(growth < bound, $"The process grew by {growth:F1} MB; {bound} MB are the most.");
    }

    /// <summary>200,000 small calls with an output of unknown shape: one small native object a call not released would take 30 MB and more.</summary>
    [Fact]
    public async Task PredictAsync_UnknownShape200000Times_DoesNotGrow()
    {
        using var model = OnnxModel.Load(TinyModels.Identity(Data.ElementType.Float32, -1, -1));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(1);
        using var outputs = model.Signature.RentOutputs(1);
        inputs[0].Resize(1, 2);
        var context = new PredictionContext();
        for (var call = 0; call < 20_000; call++) await predictor.PredictAsync(inputs, outputs, context, TestContext.Current.CancellationToken);
        var before = Measure();
        for (var call = 0; call < 200_000; call++) await predictor.PredictAsync(inputs, outputs, context, TestContext.Current.CancellationToken);
        AssertGrowth(before, 10);
    }

    /// <summary>100,000 calls that find nothing of theirs kept: a value not released at each would take 60 MB and more.</summary>
    [Fact]
    public async Task PredictAsync_OtherRowsAtEachCall_AllocatesNothingAndDoesNotGrow()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        inputs.Get<float>(0).Span.Clear();
        var context = new PredictionContext();
        Predict(10_000);
        var before = Measure();
        Assert.Equal(0, Predict(100_000));
        AssertGrowth(before, 30);

        long Predict(int calls)
        {
            var start = GC.GetAllocatedBytesForCurrentThread();
            for (var call = 0; call < calls; call++)
            {
                inputs.SetRows(1 + (call % 2));
                outputs.SetRows(1 + (call % 2));
                var task = predictor.PredictAsync(inputs, outputs, context, CancellationToken.None);
                if (!task.IsCompleted) Assert.Fail("A prediction did not complete at once.");
                task.GetAwaiter().GetResult();
            }

            return GC.GetAllocatedBytesForCurrentThread() - start;
        }
    }

    private static async Task LoadPredictDisposeAsync(byte[] bytes)
    {
        using var model = OnnxModel.Load(bytes);
        await using var predictor = model.CreatePredictor();
        await PredictAsync(model, predictor);
    }

    private static Task LoadPredictForgetAsync(byte[] bytes)
    {
        var model = OnnxModel.Load(bytes);
        return PredictAsync(model, model.CreatePredictor());
    }

    private static async Task PredictAsync(OnnxModel model, IPredictor predictor)
    {
        using var inputs = model.Signature.RentInputs(1);
        using var outputs = model.Signature.RentOutputs(1);
        inputs.Get<float>(0).Span.Fill(1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal(250_000f, outputs.Get<float>(0).Span[^1]);
    }

    /// <summary>The memory of the process that is not the collector's, which keeps some of its own for later; with what is alive of that, when it is counted.</summary>
    /// <remarks>What the collector has given up leaves the process a little later: it is measured until it sinks no more.</remarks>
    internal static long Measure(bool isManagedCounted = false)
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var measured = MeasureOnce(isManagedCounted);
            if (measured > least - (long)Megabyte) return least;
            least = measured;
            Thread.Sleep(20); // The collector gives memory back in its own time, and tells nobody.
        }

        return least;
    }

    private static long MeasureOnce(bool isManagedCounted)
    {
        // What was freed between things that live stays with the process where the C library is glibc, by megabytes, as the heap happens to lie.
        s_trim?.Invoke(0);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Environment.WorkingSet - GC.GetGCMemoryInfo().TotalCommittedBytes + (isManagedCounted ? GC.GetTotalMemory(forceFullCollection: false) : 0);
    }
}
