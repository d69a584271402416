using System.Globalization;
using System.Runtime.CompilerServices;

namespace Mlops.Models;

/// <summary>The typed face of a predictor: rents tensors, writes the rows, predicts, reads the rows.</summary>
internal sealed class TypedPredictor<TInput, TOutput> : IPredictor<TInput, TOutput>
    where TInput : ITensorRow<TInput>
    where TOutput : ITensorRow<TOutput>
{
    private readonly IPredictor _predictor;

    /// <summary>Exchanged as a whole when the predictor has another signature, as that of a host after a swap.</summary>
    private OpenSlots _open;

    public TypedPredictor(IPredictor predictor)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        var signature = predictor.Signature;
        var difference = ModelSignature.FindIncompatibility("input", TInput.Tensors, signature.Inputs)
            ?? ModelSignature.FindIncompatibility("output", TOutput.Tensors, signature.Outputs);
        if (difference is not null)
            throw new ArgumentException(TypedMisfit.Describe<TInput, TOutput>("the model", difference), nameof(predictor));
        _predictor = predictor;
        _open = new OpenSlots(signature);
    }

    public ValueTask<TOutput> PredictAsync(TInput input, PredictionContext? context = null, CancellationToken cancellationToken = default)
    {
        if (input is null) throw new ArgumentNullException(nameof(input));
        var signature = _predictor.Signature;
        var inputs = signature.RentInputs(1);
        var outputs = signature.RentOutputs(1);
        var ownContext = context ?? PredictionContextPool.Rent();
        ValueTask task;
        try
        {
            ShapeOpenSlots(signature, inputs);
            input.Write(inputs, 0);
            task = _predictor.PredictAsync(inputs, outputs, ownContext, cancellationToken);
        }
        catch
        {
            inputs.Dispose();
            outputs.Dispose();
            throw;
        }

        return task.IsCompletedSuccessfully
            ? new ValueTask<TOutput>(Finish(task, inputs, outputs, context is null ? ownContext : null))
            : AwaitAsync(task, inputs, outputs, context is null ? ownContext : null);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask PredictAsync(ReadOnlyMemory<TInput> inputs, Memory<TOutput> outputs, PredictionContext? context = null, CancellationToken cancellationToken = default)
    {
        if (inputs.Length != outputs.Length)
            throw new ArgumentException($"{inputs.Length} inputs need as many outputs; room for {outputs.Length} was given.", nameof(outputs));
        var signature = _predictor.Signature;
        using var inputBatch = signature.RentInputs(inputs.Length);
        using var outputBatch = signature.RentOutputs(inputs.Length);
        ShapeOpenSlots(signature, inputBatch);
        for (var row = 0; row < inputs.Length; row++) RowAt(inputs, row).Write(inputBatch, row);
        await _predictor.PredictAsync(inputBatch, outputBatch, context ?? new PredictionContext(), cancellationToken).ConfigureAwait(false);
        for (var row = 0; row < inputs.Length; row++) outputs.Span[row] = TOutput.Read(outputBatch, row);
    }

    private static TInput RowAt(ReadOnlyMemory<TInput> inputs, int row)
        => inputs.Span[row] is { } input ? input : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Row {row} is null. Leave it out; what is missing in a row is null in its properties."), nameof(inputs));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TOutput Finish(ValueTask completed, TensorBatch inputs, TensorBatch outputs, PredictionContext? rented)
    {
        try
        {
            completed.GetAwaiter().GetResult();
            return TOutput.Read(outputs, 0);
        }
        finally
        {
            inputs.Dispose();
            outputs.Dispose();
            if (rented is not null) PredictionContextPool.Return(rented);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<TOutput> AwaitAsync(ValueTask task, TensorBatch inputs, TensorBatch outputs, PredictionContext? rented)
    {
        try
        {
            await task.ConfigureAwait(false);
            return TOutput.Read(outputs, 0);
        }
        finally
        {
            inputs.Dispose();
            outputs.Dispose();
            if (rented is not null) PredictionContextPool.Return(rented);
        }
    }

    /// <summary>A model that leaves a dimension open takes the one that the type fixes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ShapeOpenSlots(ModelSignature signature, TensorBatch inputs)
    {
        var open = _open;
        if (!ReferenceEquals(open.Signature, signature)) _open = open = new OpenSlots(signature);
        if (open.Slots.Length > 0) Shape(open.Slots, inputs);
    }

    private static void Shape(int[] slots, TensorBatch inputs)
    {
        foreach (var slot in slots) Shape(inputs[slot], TInput.Tensors[slot].Shape, inputs.Rows);
    }

    private static void Shape(TensorBuffer tensor, IReadOnlyList<int> dimensions, int rows)
    {
        Span<nint> shape = stackalloc nint[dimensions.Count];
        for (var i = 1; i < shape.Length; i++) shape[i] = dimensions[i];
        shape[0] = rows;
        tensor.Resize(shape);
    }

    /// <summary>The inputs of which the type fixes what the signature leaves open.</summary>
    private sealed class OpenSlots(ModelSignature signature)
    {
        public ModelSignature Signature => signature;

        public int[] Slots { get; } = [.. signature.Inputs.Index().Where(input => input.Item.Width < 0 && TInput.Tensors[input.Index].Width >= 0).Select(input => input.Index)];
    }
}
