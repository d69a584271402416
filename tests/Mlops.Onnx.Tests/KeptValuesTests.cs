using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Values over the memory of callers are kept between runs: they must be those of the memory and the shape of each call.</summary>
public sealed class KeptValuesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_OneBatchWithOtherRows_GivesThoseOfEachCall()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(8);
        using var outputs = model.Signature.RentOutputs(8);
        foreach (var rows in new[] { 8, 3, 8, 1, 1, 5, 0, 5, 200, 8 })
        {
            inputs.SetRows(rows);
            outputs.SetRows(rows);
            await PredictAndCheckAsync(predictor, inputs, outputs, rows);
        }
    }

    [Fact]
    public async Task PredictAsync_MemoryLentAndGivenBack_ReadsAndWritesThatOfEachCall()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        for (var call = 0; call < 20; call++)
        {
            var (features, scores) = (new float[4], new float[2]);
            if (call % 3 != 0) inputs.Get<float>(0).Borrow(features, 2, 2);
            else inputs.SetRows(2);
            if (call % 2 != 0) outputs.Get<float>(0).Borrow(scores, 2, 1);
            else outputs.SetRows(2);
            await PredictAndCheckAsync(predictor, inputs, outputs, call);
            if (call % 2 != 0) Assert.Equal(outputs.Get<float>(0).Span.ToArray(), scores);
        }
    }

    [Fact]
    public async Task PredictAsync_MoreBatchesThanAreKept_GivesEachItsOwn()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        var batches = Enumerable.Range(0, 100).Select(_ => (Inputs: model.Signature.RentInputs(2), Outputs: model.Signature.RentOutputs(2))).ToList();
        for (var round = 0; round < 3; round++)
        {
            foreach (var ((inputs, outputs), i) in batches.Select((batch, i) => (batch, i))) await PredictAndCheckAsync(predictor, inputs, outputs, (100 * round) + i);
        }

        // One's inputs with another one's outputs: what was kept fits half of them.
        for (var i = 0; i < batches.Count; i++) await PredictAndCheckAsync(predictor, batches[i].Inputs, batches[^(i + 1)].Outputs, i);
        foreach (var (inputs, outputs) in batches)
        {
            inputs.Dispose();
            outputs.Dispose();
        }
    }

    [Fact]
    public async Task PredictAsync_EightThreadsWithBatchesOfTheirOwn_GiveEachItsOwn()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(
            async () =>
            {
                using var inputs = model.Signature.RentInputs(2);
                using var outputs = model.Signature.RentOutputs(2);
                for (var call = 0; call < 2000; call++)
                {
                    var rows = 1 + (call / 10 % 3);
                    inputs.SetRows(rows);
                    outputs.SetRows(rows);
                    await PredictAndCheckAsync(predictor, inputs, outputs, (10_000 * caller) + call);
                }
            },
            Token)));
    }

    [Fact]
    public void Rent_AfterReturn_FindsThoseOfTheMemoryAndMakesNoMoreThanAreUsedAtOnce()
    {
        using var session = CreateSession();
        var kept = new KeptValues(session, 2);
        var made = new HashSet<RunValues>(ReferenceEqualityComparer.Instance);
        nint[] addresses = [.. Enumerable.Range(1, 1000).Select(i => (nint)(64 * i))];
        foreach (var address in addresses)
        {
            var values = kept.Rent(address);
            made.Add(values);
            kept.Return(values);
            Assert.Same(values, kept.Rent(address));
            kept.Return(values);
        }

        Assert.Equal(16, made.Count);

        // Two with one place at once: the one that comes back last is kept elsewhere.
        var (first, second) = (kept.Rent(64), kept.Rent(64));
        Assert.NotSame(first, second);
        kept.Return(first);
        kept.Return(second);
        var (third, fourth) = (kept.Rent(64), kept.Rent(64));
        Assert.Same(first, third);
        Assert.Same(second, fourth);
        kept.Return(fourth);
        kept.Return(third);
        kept.Close();
    }

    /// <summary>Texts are copied for each run; those of one caller do not stay.</summary>
    [Fact]
    public void Return_ValuesOfTextAndOfTheRuntime_AreReleasedAtOnce()
    {
        using var session = CreateSession();
        var kept = new KeptValues(session, 2);
        using var batch = new ModelSignature([TensorSpec.Of<float>("number"), TensorSpec.Of<string>("text")], []).RentInputs(1);
        batch.Get<string>(1).Span[0] = "private";
        var values = kept.Rent(batch[0].Address);
        values.Bind(0, batch[0]);
        values.Bind(1, batch[1]);
        Assert.DoesNotContain(0, values.Values.ToArray());
        kept.Return(values);
        Assert.NotEqual(0, values.Values[0]);
        Assert.Equal(0, values.Values[1]);
        kept.Close();
        Assert.All(values.Values.ToArray(), value => Assert.Equal(0, value));
    }

    /// <summary>Two with one place of memory at a time: some fail, some are cancelled, and the others are right.</summary>
    [Fact]
    public async Task PredictAsync_CallersThatShareTheirInputsAndFail_GiveTheOthersTheirOwn()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("a", 2), "rows");
        builder.AddInput(TensorSpec.Of<float>("b", 2), "rows");
        builder.AddOutput(TensorSpec.Of<float>("y", 2), "rows");
        builder.AddNode("Add", "", ["a", "b"], ["y"]);
        using var model = OnnxModel.Load(builder.Build());
        await using var predictor = model.CreatePredictor();
        var shared = new float[] { 1, 2, 3, 4 };
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(
            async () =>
            {
                using var source = new CancellationTokenSource();
                for (var call = 0; call < 500; call++)
                {
                    using var inputs = model.Signature.RentInputs(2);
                    using var outputs = model.Signature.RentOutputs(2);
                    inputs.Get<float>(0).Borrow(shared, 2, 2);
                    if (call % 5 == 0)
                    {
                        inputs[1].Resize(5, 2);
                        await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), source.Token));
                        continue;
                    }

                    inputs.Get<float>(1).Span.Fill(caller);
                    await predictor.PredictAsync(inputs, outputs, new PredictionContext(), source.Token);
                    Assert.Equal(shared.Select(value => value + caller), outputs.Get<float>(0).Span.ToArray());
                }
            },
            Token)));
    }

    /// <summary>Labels recur, and are kept to be decoded once; what a model says once may be somebody's.</summary>
    [Fact]
    public async Task PredictAsync_TextThatComesOnce_DoesNotStay()
    {
        using var model = OnnxModel.Load(TinyModels.Identity(Data.ElementType.String, -1, 1));
        await using var predictor = model.CreatePredictor();
        var once = await PredictAsync($"private {Guid.NewGuid()}");
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(once.TryGetTarget(out _));

        async Task<WeakReference<string>> PredictAsync(string text)
        {
            using var inputs = model.Signature.RentInputs(1);
            using var outputs = model.Signature.RentOutputs(1);
            inputs.Get<string>(0).Span[0] = text;
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            return new WeakReference<string>(outputs.Get<string>(0).Span[0]);
        }
    }

    private static OrtSession CreateSession()
    {
        var options = new OnnxOptions();
        return OrtSession.Create(OrtLibrary.Load(options.LibraryPath, null, "values"), TinyModels.Linear(2), options, "values");
    }

    /// <summary>The model is x₀ + 2 x₁ + 1.</summary>
    private static async Task PredictAndCheckAsync(IPredictor predictor, TensorBatch inputs, TensorBatch outputs, int tag)
    {
        var features = inputs.Get<float>(0);
        for (var i = 0; i < features.Length; i++) features.Span[i] = tag + i;
        outputs.Get<float>(0).Span.Fill(float.NaN);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        for (var row = 0; row < inputs.Rows; row++)
        {
            var values = features.GetRow(row);
            Assert.Equal(values[0] + (2 * values[1]) + 1, outputs.Get<float>(0).GetRow(row)[0]);
        }
    }
}
