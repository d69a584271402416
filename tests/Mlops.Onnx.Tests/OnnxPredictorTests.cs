using Mlops.Data;
using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Onnx.Tests;

public sealed class OnnxPredictorTests
{
    public static TheoryData<ElementType> TensorTypes => [.. Enum.GetValues<ElementType>().Where(type => type is not (ElementType.Date or ElementType.Timestamp))];

    [Theory]
    [MemberData(nameof(TensorTypes))]
    public async Task PredictAsync_IdentityOfEveryType_GivesTheInput(ElementType type)
    {
        // Known width: written in place. Unknown width: allocated by ONNX Runtime and copied.
        foreach (var shape in new int[][] { [-1, 3], [-1, -1], [-1], [-1, 2, -1] })
        {
            using var model = OnnxModel.Load(TinyModels.Identity(type, shape));
            Assert.Equal((type, shape.Length), (model.Signature.Inputs[0].ElementType, model.Signature.Inputs[0].Shape.Count));
            await using var predictor = model.CreatePredictor();
            using var inputs = model.Signature.RentInputs(5);
            using var outputs = model.Signature.RentOutputs(5);
            inputs[0].Resize([5, .. shape.Skip(1).Select(size => (nint)Math.Max(2, size))]);
            if (inputs[0] is TensorBuffer<string> text)
            {
                for (var i = 0; i < text.Length; i++) text.Span[i] = i % 4 == 0 ? "" : i % 4 == 1 ? new string('ß', i * 40) : $"\0{i} 🦉";
                await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
                Assert.Equal(text.Span.ToArray(), outputs.Get<string>(0).Span.ToArray());
                continue;
            }

            var numbers = Enumerable.Range(0, inputs[0].Length).Select(i => type == ElementType.Boolean ? i % 3 % 2 : i * 3.0).ToArray();
            TensorNumbers.FromDoubles(numbers, inputs[0]);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
            Assert.Equal(inputs[0].Shape.ToArray(), outputs[0].Shape.ToArray());
            Assert.Equal(numbers, TensorNumbers.ToDoubles(outputs[0]));
        }
    }

    [Fact]
    public async Task PredictAsync_NullText_IsTheMissingText()
    {
        using var model = OnnxModel.Load(TinyModels.Identity(ElementType.String, -1, 1));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        inputs.Get<string>(0).Span[0] = null!;
        inputs.Get<string>(0).Span[1] = "x";
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal(["", "x"], outputs.Get<string>(0).Span.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_RowsDependOnValues_OutputTakesTheirShape(bool isRowCountNamed)
    {
        using var model = OnnxModel.Load(TinyModels.Compress(isRowCountNamed));
        await using var predictor = model.CreatePredictor();
        foreach (var kept in new[] { 4, 2, 0, 3, 4 })
        {
            using var inputs = model.Signature.RentInputs(4);
            using var outputs = model.Signature.RentOutputs(4);
            for (var i = 0; i < 8; i++) inputs.Get<float>(0).Span[i] = i;
            for (var i = 0; i < 4; i++) inputs.Get<bool>(1).Span[i] = i < kept;
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
            Assert.Equal([kept, 2], outputs[0].Shape.ToArray());
            Assert.Equal(Enumerable.Range(0, kept * 2).Select(i => (float)i), outputs.Get<float>(0).Span.ToArray());
        }
    }

    [Fact]
    public async Task PredictAsync_NoRows_GivesNoRowsForEveryOutput()
    {
        using var model = OnnxModel.Load(TinyModels.TextClassifier());
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(0);
        using var outputs = model.Signature.RentOutputs(0);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal([0], outputs[0].Shape.ToArray());
        Assert.Equal([0, 2], outputs[1].Shape.ToArray());
    }

    [Fact]
    public async Task PredictAsync_LargeBatch_GivesEveryRow()
    {
        const int rows = 1_000_000;
        using var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(rows);
        using var outputs = model.Signature.RentOutputs(rows);
        var features = inputs.Get<float>(0).Span;
        for (var row = 0; row < rows; row++) (features[row * 2], features[(row * 2) + 1]) = (row, 1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, rows).Select(row => row + 3f), outputs.Get<float>(0).Span.ToArray());
    }

    [Fact]
    public async Task PredictAsync_BorrowedMemory_IsReadAndWrittenInPlace()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        float[] features = [9, 9, 1, 2, 3, 4], scores = new float[2];
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        inputs.Get<float>(0).Borrow(features.AsMemory(2), 2, 2);
        outputs.Get<float>(0).Borrow(scores, 2, 1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal([6, 12], scores);
    }

    [Fact]
    public async Task PredictAsync_WrongWidth_SaysWhatWasExpected()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(4), name: "scores");
        await using var predictor = model.CreatePredictor();
        using var inputs = new ModelSignature([TensorSpec.Of<float>("x", 5)], []).RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
        Assert.Equal("scores", error.Model);
        Assert.Contains("'x' is Float32[2, 5] in a batch of 2 rows, but x: Float32[?, 4] was expected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_BatchesThatDoNotFit_ThrowPredictionFailed()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(4));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(3);
        using var none = new ModelSignature([], []).RentInputs(2);
        using var text = new ModelSignature([], [TensorSpec.Of<string>("y")]).RentOutputs(2);
        foreach (var (given, wanted) in new[] { (inputs, outputs), (none, outputs), (inputs, none), (inputs, text) })
            await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(given, wanted, new PredictionContext(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task PredictAsync_InputsOfDifferentRows_CarriesTheMessageOfTheRuntime()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("a", 2), "rows");
        builder.AddInput(TensorSpec.Of<float>("b", 2), "rows");
        builder.AddOutput(TensorSpec.Of<float>("y", 2), "rows");
        builder.AddNode("Add", "", ["a", "b"], ["y"]);
        using var model = OnnxModel.Load(builder.Build());
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        inputs[1].Resize(5, 2);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
        Assert.Contains("Add", error.Message, StringComparison.Ordinal);

        inputs[1].Resize(2, 2);
        inputs.Get<float>(0).Span.Fill(1);
        inputs.Get<float>(1).Span.Fill(2);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        Assert.Equal([3, 3, 3, 3], outputs.Get<float>(0).Span.ToArray());
    }

    [Fact]
    public async Task PredictAsync_CancelledMeanwhile_EndsAndStaysUsable()
    {
        // Uncancelled it would take many seconds; without termination it would succeed and the assertion fail.
        using var model = OnnxModel.Load(TinyModels.Slow(nodes: 500, width: 1000));
        await using var predictor = model.CreatePredictor();
        using (var inputs = model.Signature.RentInputs(4000))
        using (var outputs = model.Signature.RentOutputs(4000))
        using (var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(100)))
        {
            inputs.Get<float>(0).Span.Fill(1);
            var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), source.Token));
            Assert.Equal(source.Token, error.CancellationToken);
        }

        using var few = model.Signature.RentInputs(1);
        using var result = model.Signature.RentOutputs(1);
        few.Get<float>(0).Span.Fill(1);
        using var other = new CancellationTokenSource();
        await predictor.PredictAsync(few, result, new PredictionContext(), other.Token);
        Assert.InRange(result.Get<float>(0).Span[0], 0.01f, 0.5f);
    }

    [Fact]
    public async Task PredictAsync_EightThreads_GiveEachItsOwn()
    {
        using var model = OnnxModel.Load(TinyModels.TextClassifier());
        await using var predictor = model.CreatePredictor();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            using var source = new CancellationTokenSource();
            for (var call = 0; call < 500; call++)
            {
                var rows = 1 + ((caller + call) % 5);
                using var inputs = model.Signature.RentInputs(rows);
                using var outputs = model.Signature.RentOutputs(rows);
                inputs.Get<string>(0).Span.Fill(caller % 2 == 0 ? "東京" : "Zürich");
                inputs.Get<float>(1).Span.Clear();
                await predictor.PredictAsync(inputs, outputs, new PredictionContext(), caller % 3 == 0 ? default : source.Token);
                Assert.All(outputs.Get<string>(0).Span.ToArray(), label => Assert.Equal(caller % 2 == 0 ? "ja ✓" : "nein", label));
            }
        })));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void PredictAsync_Repeatedly_AllocatesNothing(bool isCancellable)
    {
        using var source = new CancellationTokenSource();
        var token = isCancellable ? source.Token : CancellationToken.None;
        foreach (var bytes in new[] { TinyModels.Linear(4), TinyModels.TextClassifier(), TinyModels.Identity(ElementType.Float32, -1, -1) })
        {
            using var model = OnnxModel.Load(bytes);
            var predictor = model.CreatePredictor();
            using var inputs = model.Signature.RentInputs(8);
            using var outputs = model.Signature.RentOutputs(8);
            if (inputs[0] is TensorBuffer<string> text) text.Span.Fill("Wien");
            else if (inputs[0].Spec.Width < 0) inputs[0].Resize(8, 3);
            var context = new PredictionContext();
            Assert.Equal(0, Allocations.Measure(() => Assert.True(IsDone(predictor.PredictAsync(inputs, outputs, context, token)))));
            Assert.True(IsDone(predictor.DisposeAsync()));
        }
    }

    /// <summary>It is wrong to do, and must not harm the process: a call ends well, or is refused.</summary>
    [Fact]
    public async Task DisposeAsync_WhileCallersPredict_RefusesOtherCalls()
    {
        for (var round = 0; round < 40; round++)
        {
            var model = OnnxModel.Load(TinyModels.Linear(2));
            var predictor = model.CreatePredictor();
            var (calls, isBusy) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            var callers = Enumerable.Range(0, 4).Select(caller => Task.Run(() => PredictUntilRefused(caller))).ToArray();
            await isBusy.Task.WaitAsync(TestContext.Current.CancellationToken);
            model.Dispose();
            await predictor.DisposeAsync();
            await Task.WhenAll(callers);

            void PredictUntilRefused(int caller)
            {
                using var source = new CancellationTokenSource();
                var token = caller % 2 == 0 ? source.Token : CancellationToken.None;
                using var inputs = model.Signature.RentInputs(1);
                using var outputs = model.Signature.RentOutputs(1);
                inputs.Get<float>(0).Span.Fill(caller);
                while (true)
                {
                    outputs.Get<float>(0).Span.Clear();
                    try
                    {
                        Assert.True(IsDone(predictor.PredictAsync(inputs, outputs, new PredictionContext(), token)));
                    }
                    catch (ObjectDisposedException)
                    {
                        return;
                    }

                    Assert.Equal((3 * caller) + 1, outputs.Get<float>(0).Span[0]);
                    if (Interlocked.Increment(ref calls) == 400) isBusy.SetResult();
                }
            }
        }
    }

    [Fact]
    public async Task GetService_ModelAndMetadata_GivesThem()
    {
        using var model = OnnxModel.Load(TinyModels.Linear(2));
        await using var predictor = model.CreatePredictor();
        Assert.Same(model, predictor.GetService<OnnxModel>());
        Assert.Same(model.Metadata, predictor.GetService<OnnxMetadata>());
    }

    private static bool IsDone(ValueTask task) => task.IsCompletedSuccessfully;
}
