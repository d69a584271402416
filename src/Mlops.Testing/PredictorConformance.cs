#pragma warning disable CA1707 // Test names are Member_Condition_Outcome.
#pragma warning disable CA2007 // xunit runs tests without a synchronization context of ours to lose.
using Mlops.Data;
using Mlops.Models;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IPredictor"/> must do. Derive a class for each implementation.</summary>
/// <remarks>Rows are filled from a seed; override <see cref="Fill"/> where a model wants values of its own kind. A model must have at least one input.</remarks>
public abstract class PredictorConformance
{
    private const int Rows = 17;
    private const int Callers = 8;
    private const int CallsOfEach = 50;

    /// <summary>Gets how far a number may differ between two batches, relative to its size (absolute below 1): sums of other lengths round differently.</summary>
    protected virtual double Tolerance => 1e-5;

    /// <summary>Makes the predictor; the test disposes it.</summary>
    /// <param name="cancellationToken">Cancels the making.</param>
    /// <returns>The predictor.</returns>
    protected abstract Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken);

    /// <summary>Fills inputs with rows of which each depends on the seed and its own number only.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="firstRow">The number of the first row.</param>
    protected virtual void Fill(TensorBatch inputs, int firstRow)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            var buffer = inputs[slot];
            if (buffer.Shape.Length > 1 && buffer.Spec.Width < 0) buffer.Resize([inputs.Rows, .. Enumerable.Range(1, buffer.Shape.Length - 1).Select(i => (nint)(buffer.Spec.Shape[i] < 0 ? 3 : buffer.Spec.Shape[i]))]);
            var width = inputs.Rows == 0 ? 0 : buffer.Length / inputs.Rows;
            if (buffer is TensorBuffer<string> text)
            {
                for (var i = 0; i < text.Length; i++) text.Span[i] = $"text {(firstRow + (i / width) + slot) % 5}";
                continue;
            }

            var numbers = new double[buffer.Length];
            for (var row = 0; row < inputs.Rows; row++)
            {
                var random = new Random((firstRow + row) * 31 + slot);
                for (var i = 0; i < width; i++) numbers[(row * width) + i] = buffer.ElementType.IsFloatingPoint() ? (random.NextDouble() * 4) - 2 : random.Next(0, 100);
            }

            TensorNumbers.FromDoubles(numbers, buffer);
        }
    }

    /// <summary>The signature is there before the first prediction and does not change.</summary>
    [Fact]
    public async Task Signature_BeforeAndAfterPrediction_IsTheSame()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        var before = predictor.Signature;
        Assert.NotEmpty(before.Inputs);
        Assert.NotEmpty(before.Outputs);
        await PredictAsync(predictor, 0, Rows);
        Assert.Equal(before, predictor.Signature);
    }

    /// <summary>A row's prediction depends on nothing else in its batch.</summary>
    [Fact]
    public async Task PredictAsync_RowsOneByOne_GiveWhatTheBatchGives()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        var together = await PredictAsync(predictor, 0, Rows);
        var twice = await PredictAsync(predictor, 0, Rows);
        AssertClose(together, twice, 0);
        for (var row = 0; row < Rows; row++)
        {
            var alone = await PredictAsync(predictor, row, 1);
            for (var slot = 0; slot < alone.Length; slot++)
            {
                var width = together[slot].Length / Rows;
                Assert.Equal(width, alone[slot].Length);
                AssertClose(together[slot].AsSpan(row * width, width), alone[slot], Tolerance);
            }
        }
    }

    /// <summary>Rows differ in their predictions: a predictor that ignores its inputs would pass every other test.</summary>
    [Fact]
    public async Task PredictAsync_OtherRows_GiveOtherOutputs()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        var first = await PredictAsync(predictor, 0, Rows);
        var other = await PredictAsync(predictor, 1000, Rows);
        Assert.Contains(Enumerable.Range(0, first.Length), slot => !first[slot].SequenceEqual(other[slot]));
    }

    /// <summary>Calls from several threads at once do not disturb each other.</summary>
    [Fact]
    public async Task PredictAsync_ManyCallersAtOnce_GivesEachItsOwn()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        var expected = new object[Callers][][];
        for (var caller = 0; caller < Callers; caller++) expected[caller] = await PredictAsync(predictor, caller * 100, 1 + caller);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            for (var call = 0; call < CallsOfEach; call++) AssertClose(expected[caller], await PredictAsync(predictor, caller * 100, 1 + caller), Tolerance);
        })));
    }

    /// <summary>A batch of no rows is a batch.</summary>
    [Fact]
    public async Task PredictAsync_NoRows_GivesNoRows()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        Assert.All(await PredictAsync(predictor, 0, 0), Assert.Empty);
    }

    /// <summary>Inputs of another width are refused by a type of ours, by name, and the predictor stays usable.</summary>
    [Fact]
    public async Task PredictAsync_WrongWidth_ThrowsPredictionFailedNamingTheInput()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        var signature = predictor.Signature;
        // Where every width is open, a further dimension is what is wrong.
        var slot = Math.Max(0, signature.Inputs.ToList().FindIndex(input => input.Shape.Count > 1 && input.Width > 0));
        int[] right = [.. signature.Inputs[slot].Shape];
        int[] shape = right.Length > 1 && right[^1] >= 0 ? [.. right[..^1], right[^1] + 1] : [.. right, 2];
        var wrong = new ModelSignature(
            signature.Inputs.Select((input, i) => i == slot ? input with { Shape = shape, Columns = [] } : input),
            signature.Outputs);
        using (var inputs = wrong.RentInputs(2))
        using (var outputs = signature.RentOutputs(2))
        {
            Fill(inputs, 0);
            var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
            Assert.Contains($"'{signature.Inputs[slot].Name}'", error.Message, StringComparison.Ordinal);
        }

        await PredictAsync(predictor, 0, Rows);
    }

    /// <summary>Inputs of another element type are refused by a type of ours.</summary>
    [Fact]
    public async Task PredictAsync_WrongElementType_ThrowsPredictionFailedNamingTheInput()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        var signature = predictor.Signature;
        var other = signature.Inputs[0].ElementType == ElementType.Int16 ? ElementType.Int32 : ElementType.Int16;
        var wrong = new ModelSignature(signature.Inputs.Select((input, i) => i == 0 ? input with { ElementType = other } : input), signature.Outputs);
        using var inputs = wrong.RentInputs(2);
        using var outputs = signature.RentOutputs(2);
        Fill(inputs, 0);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
        Assert.Contains($"'{signature.Inputs[0].Name}'", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Outputs of another width, type or number are refused by a type of ours, by name, and the predictor stays usable.</summary>
    [Fact]
    public async Task PredictAsync_WrongOutputs_ThrowsPredictionFailedNamingTheOutput()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        var signature = predictor.Signature;
        for (var slot = 0; slot < signature.Outputs.Count; slot++)
        {
            var right = signature.Outputs[slot];
            int[] wider = right.Shape.Count > 1 && right.Shape[^1] >= 0 ? [.. right.Shape.Take(right.Shape.Count - 1), right.Shape[^1] + 1] : [.. right.Shape, 2];
            var type = right.ElementType == ElementType.Int16 ? ElementType.Int32 : ElementType.Int16;
            await RefuseAsync(signature.Outputs.Select((output, i) => i == slot ? right with { Shape = wider, Classes = [] } : output), right.Name);
            await RefuseAsync(signature.Outputs.Select((output, i) => i == slot ? right with { ElementType = type } : output), right.Name);
        }

        await RefuseAsync(signature.Outputs.Skip(1), signature.Outputs[0].Name);
        await PredictAsync(predictor, 0, Rows);

        async Task RefuseAsync(IEnumerable<TensorSpec> wrong, string name)
        {
            using var inputs = signature.RentInputs(2);
            using var outputs = new ModelSignature([], wrong).RentOutputs(2);
            Fill(inputs, 0);
            var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Outputs for more or fewer rows than the inputs have are refused by a type of ours.</summary>
    [Fact]
    public async Task PredictAsync_OutputsForOtherRows_ThrowsPredictionFailed()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        foreach (var rows in new[] { 0, 1, 3 })
        {
            using var inputs = predictor.Signature.RentInputs(2);
            using var outputs = predictor.Signature.RentOutputs(rows);
            Fill(inputs, 0);
            await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
        }
    }

    /// <summary>A prediction that was cancelled before it began does not run.</summary>
    [Fact]
    public async Task PredictAsync_CancelledBefore_ThrowsOperationCanceled()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        Fill(inputs, 0);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), new CancellationToken(canceled: true)));
    }

    /// <summary>A batch that was disposed is refused, on either side, and harms no later prediction.</summary>
    [Fact]
    public async Task PredictAsync_DisposedBatch_ThrowsObjectDisposed()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        using var inputs = predictor.Signature.RentInputs(2);
        using var outputs = predictor.Signature.RentOutputs(2);
        Fill(inputs, 0);
        var (noInputs, noOutputs) = (predictor.Signature.RentInputs(2), predictor.Signature.RentOutputs(2));
        noInputs.Dispose();
        noOutputs.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await predictor.PredictAsync(noInputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await predictor.PredictAsync(inputs, noOutputs, new PredictionContext(), TestContext.Current.CancellationToken));
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
    }

    /// <summary>A disposed predictor refuses.</summary>
    [Fact]
    public async Task PredictAsync_Disposed_ThrowsObjectDisposed()
    {
        var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        Fill(inputs, 0);
        await predictor.DisposeAsync();
        await predictor.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken));
    }

    /// <summary>A predictor gives itself as a service, and nothing that it does not have.</summary>
    [Fact]
    public async Task GetService_OwnTypeAndUnknown_GivesItselfAndNull()
    {
        await using var predictor = await CreatePredictorAsync(TestContext.Current.CancellationToken);
        Assert.Same(predictor, predictor.GetService(typeof(IPredictor)));
        Assert.Null(predictor.GetService(typeof(PredictorConformance)));
        Assert.Throws<ArgumentNullException>(() => predictor.GetService(null!));
    }

    private async Task<object[][]> PredictAsync(IPredictor predictor, int firstRow, int rows)
    {
        using var inputs = predictor.Signature.RentInputs(rows);
        using var outputs = predictor.Signature.RentOutputs(rows);
        Fill(inputs, firstRow);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
        var copy = new object[outputs.Count][];
        for (var slot = 0; slot < copy.Length; slot++)
        {
            Assert.Equal(rows, outputs[slot].Shape[0]);
            copy[slot] = outputs[slot] is TensorBuffer<string> text
                ? [.. text.Span]
                : [.. TensorNumbers.ToDoubles(outputs[slot]).Select(number => (object)number)];
        }

        return copy;
    }

    private static void AssertClose(object[][] expected, object[][] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var slot = 0; slot < expected.Length; slot++) AssertClose(expected[slot], actual[slot], tolerance);
    }

    private static void AssertClose(ReadOnlySpan<object> expected, ReadOnlySpan<object> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (expected[i] is double want && actual[i] is double have && !want.Equals(have)) Assert.Equal(want, have, tolerance * Math.Max(1, Math.Abs(want)));
            else Assert.Equal(expected[i], actual[i]);
        }
    }
}
