using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Models;

/// <summary>Some inputs of a model with the outputs they must give, saved with it; a host checks them before it serves the model.</summary>
public sealed class GoldenRows
{
    private readonly Document _document;

    private GoldenRows(Document document) => _document = document;

    /// <summary>Gets the number of rows.</summary>
    public int Count => _document.Rows;

    /// <summary>Predicts rows and keeps inputs and outputs.</summary>
    /// <param name="predictor">The predictor that is right by definition.</param>
    /// <param name="inputs">The inputs; at most a few dozen rows make sense.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The rows.</returns>
    public static async Task<GoldenRows> CaptureAsync(IPredictor predictor, TensorBatch inputs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(inputs);
        using var outputs = predictor.Signature.RentOutputs(inputs.Rows);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken).ConfigureAwait(false);
        return new GoldenRows(new Document(inputs.Rows, Copy(inputs), Copy(outputs)));
    }

    /// <summary>Predicts the inputs and compares the outputs with those that were kept.</summary>
    /// <param name="predictor">The predictor to check.</param>
    /// <param name="tolerance">How far a number may be off, relative to its size (absolute below 1).</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The first difference, naming output and row but no value; <see langword="null"/> when there is none.</returns>
    public async Task<string?> FindDifferenceAsync(IPredictor predictor, double tolerance = 1e-4, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        using var inputs = predictor.Signature.RentInputs(Count);
        using var outputs = predictor.Signature.RentOutputs(Count);
        if (inputs.Count != _document.Inputs.Length || outputs.Count != _document.Outputs.Length)
            return "the signature has another number of inputs or outputs";
        for (var slot = 0; slot < inputs.Count; slot++) Fill(inputs[slot], _document.Inputs[slot]);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken).ConfigureAwait(false);
        for (var slot = 0; slot < outputs.Count; slot++)
        {
            if (Compare(outputs[slot], _document.Outputs[slot], tolerance) is { } difference) return difference;
        }

        return null;
    }

    /// <summary>Writes the rows as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(_document, GoldenRowsJson.Default.Document);

    /// <summary>Reads rows from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="JsonException">The JSON does not hold such rows.</exception>
    public static GoldenRows FromJson(ReadOnlySpan<byte> json)
        => new(JsonSerializer.Deserialize(json, GoldenRowsJson.Default.Document) ?? throw new JsonException("The JSON holds no rows."));

    private static Tensor[] Copy(TensorBatch batch)
    {
        var tensors = new Tensor[batch.Count];
        for (var slot = 0; slot < tensors.Length; slot++)
        {
            var buffer = batch[slot];
            var shape = Array.ConvertAll(buffer.Shape.ToArray(), size => (int)size);
            tensors[slot] = buffer is TensorBuffer<string> text
                ? new Tensor(buffer.Spec.Name, shape, null, text.Span.ToArray())
                : new Tensor(buffer.Spec.Name, shape, TensorNumbers.ToDoubles(buffer), null);
        }

        return tensors;
    }

    private static void Fill(TensorBuffer buffer, Tensor tensor)
    {
        buffer.Resize(Array.ConvertAll(tensor.Shape, size => (nint)size));
        if (buffer is TensorBuffer<string> text) tensor.Text!.CopyTo(text.Span);
        else TensorNumbers.FromDoubles(tensor.Numbers!, buffer);
    }

    private static string? Compare(TensorBuffer actual, Tensor expected, double tolerance)
    {
        var width = Math.Max(1, actual.Length / Math.Max(1, expected.Shape[0]));
        if (actual is TensorBuffer<string> text)
        {
            if (text.Length != expected.Text!.Length) return DescribeLength(expected.Text.Length);
            for (var i = 0; i < text.Length; i++)
            {
                if (text.Span[i] != expected.Text[i]) return Describe(i);
            }

            return null;
        }

        var numbers = TensorNumbers.ToDoubles(actual);
        if (numbers.Length != expected.Numbers!.Length) return DescribeLength(expected.Numbers.Length);
        for (var i = 0; i < numbers.Length; i++)
        {
            var (have, want) = (numbers[i], expected.Numbers[i]);
            var isClose = have.Equals(want) || Math.Abs(have - want) <= tolerance * Math.Max(1, Math.Abs(want));
            if (!isClose) return Describe(i);
        }

        return null;

        string Describe(int element) => string.Create(CultureInfo.InvariantCulture, $"output '{expected.Name}' of golden row {element / width} is another one");
        string DescribeLength(int length) => string.Create(CultureInfo.InvariantCulture, $"output '{expected.Name}' has {actual.Length} elements instead of {length}");
    }

    internal sealed record Document(int Rows, Tensor[] Inputs, Tensor[] Outputs);

    internal sealed record Tensor(string Name, int[] Shape, double[]? Numbers, string[]? Text);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(GoldenRows.Document))]
internal sealed partial class GoldenRowsJson : JsonSerializerContext;
