using System.Globalization;

namespace Mlops.Models;

/// <summary>Checks for predictors: whether the batches of a call are what the signature asks for. A call that is right allocates nothing.</summary>
/// <remarks>
/// Dimensions after the first must be those of the signature where it fixes them. The first one must be the number of rows of the batch, unless a slot has
/// rows of its own. An output with rows of its own may have any first dimension, because the model sets it. An output that was rented where its width was not known, and has none yet, takes
/// the one that the model fixes: the batch may come from an earlier version of it. Thread-safe: stateless.
/// </remarks>
public static class PredictionChecks
{
    /// <summary>Checks the inputs of a call.</summary>
    /// <param name="signature">What the model takes.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="model">The model's name or path, for the message.</param>
    /// <param name="hasOwnRows">Says of a slot whether its number of rows may differ from that of the batch; <see langword="null"/> where none may.</param>
    /// <exception cref="PredictionFailedException">Their number, a type or a shape is wrong; the message names the input.</exception>
    /// <exception cref="ObjectDisposedException">The inputs have been disposed.</exception>
    public static void CheckInputs(ModelSignature signature, TensorBatch inputs, string model, Func<int, bool>? hasOwnRows = null)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(inputs);
        inputs.CheckRented();
        if (inputs.IsAsRentedFrom(signature.InputPool)) return;
        var specs = signature.InputSpecs;
        var buffers = inputs.Buffers;
        if (buffers.Length != specs.Length)
            throw Failed(model, string.Create(CultureInfo.InvariantCulture, $"{buffers.Length} inputs were given; the model has {specs.Length}: {string.Join(", ", specs.AsEnumerable())}."));
        for (var slot = 0; slot < specs.Length; slot++)
        {
            var (buffer, spec) = (buffers[slot], specs[slot]);
            var isRight = Fits(buffer, spec)
                && (hasOwnRows?.Invoke(slot) == true ? RowsFit(buffer.Shape, spec.Shape) : RowsAre(buffer.Shape, inputs.Rows));
            if (!isRight) throw WrongTensor("input", buffer, spec, inputs.Rows, model);
        }
    }

    /// <summary>Checks the outputs of a call.</summary>
    /// <param name="signature">What the model gives.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="outputs">The outputs, for as many rows as the inputs have.</param>
    /// <param name="model">The model's name or path, for the message.</param>
    /// <param name="hasOwnRows">Says of a slot whether its number of rows may differ from that of the batch; <see langword="null"/> where none may.</param>
    /// <exception cref="PredictionFailedException">Their number, their rows, a type or a shape is wrong; the message names the output.</exception>
    /// <exception cref="ObjectDisposedException">The outputs have been disposed.</exception>
    public static void CheckOutputs(ModelSignature signature, TensorBatch inputs, TensorBatch outputs, string model, Func<int, bool>? hasOwnRows = null)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        outputs.CheckRented();
        if (outputs.Rows == inputs.Rows && outputs.IsAsRentedFrom(signature.OutputPool)) return;
        var specs = signature.OutputSpecs;
        var buffers = outputs.Buffers;
        if (buffers.Length != specs.Length)
            throw Failed(model, string.Create(CultureInfo.InvariantCulture, $"{buffers.Length} outputs were given; the model has {specs.Length}: {string.Join(", ", specs.AsEnumerable())}."));
        if (outputs.Rows != inputs.Rows && inputs.Count > 0)
            throw Failed(model, string.Create(CultureInfo.InvariantCulture, $"The inputs have {inputs.Rows} rows, the outputs {outputs.Rows}; rent the outputs for as many rows as the inputs have."));
        for (var slot = 0; slot < specs.Length; slot++)
        {
            var (buffer, spec) = (buffers[slot], specs[slot]);
            var isRight = Fits(buffer, spec)
                && (hasOwnRows?.Invoke(slot) == true || RowsAre(buffer.Shape, outputs.Rows));
            if (!isRight && !TryShape(buffer, spec, outputs.Rows)) throw WrongTensor("output", buffer, spec, outputs.Rows, model);
        }
    }

    /// <summary>A tensor keeps to its own specification: where that is the expected one, nothing more needs to be compared.</summary>
    private static bool Fits(TensorBuffer buffer, TensorSpec expected)
        => ReferenceEquals(buffer.Spec, expected) || (buffer.ElementType == expected.ElementType && WidthFits(buffer.Shape, expected.Shape));

    private static bool WidthFits(ReadOnlySpan<nint> shape, IReadOnlyList<int> expected)
    {
        if (shape.Length != expected.Count) return false;
        for (var i = 1; i < shape.Length; i++)
        {
            if (expected[i] >= 0 && shape[i] != expected[i]) return false;
        }

        return true;
    }

    /// <summary>Gives a tensor whose own specification leaves a width open, and that has none yet, the one that is expected.</summary>
    private static bool TryShape(TensorBuffer buffer, TensorSpec expected, int rows)
    {
        var own = buffer.Spec.Shape;
        if (buffer.ElementType != expected.ElementType || own.Count != expected.Shape.Count || own.Count < 2 || buffer.Spec.Width >= 0 || expected.Width < 0 || buffer.Length > 0) return false;
        Span<nint> shape = stackalloc nint[own.Count];
        shape[0] = rows;
        for (var i = 1; i < shape.Length; i++)
        {
            if (own[i] >= 0 && own[i] != expected.Shape[i]) return false;
            shape[i] = expected.Shape[i];
        }

        buffer.Resize(shape);
        return true;
    }

    private static bool RowsAre(ReadOnlySpan<nint> shape, int rows) => shape.IsEmpty || shape[0] == rows;

    /// <summary>A batch of no rows fits even a model for a fixed number of rows.</summary>
    private static bool RowsFit(ReadOnlySpan<nint> shape, IReadOnlyList<int> expected) => shape.IsEmpty || expected[0] < 0 || shape[0] == expected[0] || shape[0] == 0;

    private static PredictionFailedException WrongTensor(string kind, TensorBuffer buffer, TensorSpec expected, int rows, string model)
        => Failed(model, string.Create(CultureInfo.InvariantCulture, $"The {kind} '{buffer.Spec.Name}' is {buffer.ElementType}[{string.Join(", ", buffer.Shape.ToArray())}] in a batch of {rows} rows, but {expected} was expected."));

    private static PredictionFailedException Failed(string model, string message) => new(model, $"{message} (Model '{model}'.)");
}
