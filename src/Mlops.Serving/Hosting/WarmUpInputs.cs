using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Makes the inputs of the batches that warm a model up: of the values of its golden rows over and over, or where there are none, of zeros and empty texts.</summary>
internal sealed class WarmUpInputs : IDisposable
{
    private readonly ModelSignature _signature;
    private readonly GoldenRows? _goldenRows;
    private readonly TensorBatch? _values;

    /// <param name="signature">What callers rent their batches from.</param>
    /// <param name="goldenRows">The golden rows of the model, if it has any.</param>
    public WarmUpInputs(ModelSignature signature, GoldenRows? goldenRows)
    {
        _signature = signature;
        _goldenRows = goldenRows is { Count: > 0 } ? goldenRows : null;
        _values = _goldenRows?.RentInputs(signature, _goldenRows.Count);
    }

    /// <summary>Finds what keeps a declared shape from being one of the inputs.</summary>
    /// <returns>The first difference, naming the input; <see langword="null"/> when there is none.</returns>
    public string? FindMistake(WarmUpShape shape)
    {
        foreach (var name in shape.Inputs.Keys)
        {
            if (_signature.Inputs.All(input => input.Name != name)) return $"there is no input '{name}', only {string.Join(", ", _signature.Inputs)}";
        }

        return _signature.Inputs.Select(input => FindMistake(input, shape)).FirstOrDefault(mistake => mistake is not null);
    }

    /// <summary>Makes the inputs of a batch; dispose them.</summary>
    /// <returns>The inputs; <see langword="null"/> where nobody says how wide they are.</returns>
    public TensorBatch? Rent(WarmUpBatch batch)
    {
        if (batch.Shape is null && _goldenRows is not null) return _goldenRows.RentInputs(_signature, batch.Rows);

        // A size that nobody knows cannot be guessed.
        if (batch.Shape is null && _signature.Inputs.Any(input => input.Width < 0)) return null;
        var inputs = _signature.RentInputs(batch.Rows);
        try
        {
            for (var slot = 0; slot < inputs.Count; slot++)
            {
                var source = _values?[slot];
                if (batch.Shape is { } shape) Resize(inputs[slot], batch.Rows, shape, source);
                Fill(inputs[slot], source);
            }

            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    public void Dispose() => _values?.Dispose();

    private string? FindMistake(TensorSpec input, WarmUpShape shape)
    {
        if (!shape.Inputs.TryGetValue(input.Name, out var sizes))
        {
            return input.Width < 0 && _values is null
                ? $"it does not say the sizes that the input {input} leaves open. Give them in {nameof(WarmUpShape)}.{nameof(WarmUpShape.Inputs)}, or save golden rows with the model"
                : null;
        }

        var rank = input.Shape.Count;
        if (sizes.Count != rank && sizes.Count != rank - 1)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"it gives the input {input} {Wording.Count(sizes.Count, "size")}. Give those of the dimensions after the first, {Math.Max(0, rank - 1)}, or of all, {rank}, where its rows are not those of the batch");
        }

        for (var i = 0; i < sizes.Count; i++)
        {
            var expected = input.Shape[rank - sizes.Count + i];
            if (expected >= 0 && sizes[i] != expected) return string.Create(CultureInfo.InvariantCulture, $"it gives the input {input} the size {sizes[i]} instead of {expected}");
        }

        return null;
    }

    private static void Resize(TensorBuffer target, int rows, WarmUpShape shape, TensorBuffer? golden)
    {
        var spec = target.Spec;
        if (spec.Shape.Count == 0) return;
        nint[] sizes = shape.Inputs.TryGetValue(spec.Name, out var declared) ? [.. declared]
            : golden is not null ? golden.Shape[1..].ToArray()
            : [.. spec.Shape.Skip(1)];
        target.Resize(sizes.Length == spec.Shape.Count ? sizes : [rows, .. sizes]);
    }

    private static void Fill(TensorBuffer target, TensorBuffer? golden)
    {
        var values = golden is { Length: > 0 } ? golden : null;
        if (target is TensorBuffer<string> texts)
        {
            var from = values is null ? [""] : ((TensorBuffer<string>)values).Span;
            for (var i = 0; i < texts.Length; i++) texts.Span[i] = from[i % from.Length];
            return;
        }

        var numbers = values is null ? [0] : TensorNumbers.ToDoubles(values);
        var repeated = new double[target.Length];
        for (var i = 0; i < repeated.Length; i++) repeated[i] = numbers[i % numbers.Length];
        TensorNumbers.FromDoubles(repeated, target);
    }
}
