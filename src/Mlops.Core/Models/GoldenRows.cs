using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>Some inputs of a model with the outputs they must give, saved with it; a host checks them before it serves the model.</summary>
public sealed class GoldenRows
{
    private const string OtherSlots = "the signature has another number of inputs or outputs";

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

    /// <summary>Predicts the first rows of a dataset and keeps inputs and outputs.</summary>
    /// <param name="predictor">The predictor that is right by definition.</param>
    /// <param name="dataset">The dataset; the inputs of the predictor name the columns that feed them.</param>
    /// <param name="count">The number of rows, ≥ 1, or as many as there are.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="EntityNotFoundException">The dataset lacks a column that the model needs.</exception>
    public static async Task<GoldenRows> CaptureAsync(IPredictor predictor, IDataset dataset, int count = 16, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var binding = TensorBinding.Create(predictor.Signature.Inputs, dataset.Schema);
        using var inputs = predictor.Signature.RentInputs(0);
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { BatchRows = count }, cancellationToken).ConfigureAwait(false))
        {
            binding.Write(batch.RowCount > count ? batch.Rows(0, count) : batch, inputs);
            if (batch.RowCount > 0) break;
        }

        return await CaptureAsync(predictor, inputs, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Predicts the inputs and compares the outputs with those that were kept.</summary>
    /// <param name="predictor">The predictor to check.</param>
    /// <param name="tolerance">How far a floating-point number may be off, relative to its size (absolute below 1), ≥ 0. Integers, booleans and texts must be equal.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The first difference, naming output and row but no value; <see langword="null"/> when there is none.</returns>
    public async Task<string?> FindDifferenceAsync(IPredictor predictor, double tolerance = 1e-4, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        if (!(tolerance >= 0)) throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "A tolerance is not negative.");
        using var outputs = predictor.Signature.RentOutputs(Count);
        if (outputs.Count != _document.Outputs.Length) return OtherSlots;
        using var inputs = predictor.Signature.RentInputs(Count);
        if (FindFillDifference(inputs, null) is { } mistake) return mistake;
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken).ConfigureAwait(false);
        for (var slot = 0; slot < outputs.Count; slot++)
        {
            if (_document.Outputs[slot].FindDifference(outputs[slot], Count, tolerance) is { } difference) return difference;
        }

        return null;
    }

    /// <summary>Takes a batch of a number of rows that holds the inputs over and over; dispose it to return it.</summary>
    /// <param name="signature">The signature of the model.</param>
    /// <param name="rows">The number of rows, ≥ 0.</param>
    /// <returns>The batch.</returns>
    /// <exception cref="ArgumentException">The signature has other inputs than the rows, or there are none to repeat.</exception>
    public TensorBatch RentInputs(ModelSignature signature, int rows)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        if (Count == 0 && rows > 0) throw new ArgumentException("There are no golden rows to fill a batch with.", nameof(rows));
        var inputs = signature.RentInputs(rows);
        if (FindFillDifference(inputs, rows) is not { } difference) return inputs;
        inputs.Dispose();
        throw new ArgumentException($"The golden rows are not those of the signature: {difference}.", nameof(signature));
    }

    /// <summary>Writes the rows as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(_document, GoldenRowsJson.Default.Document);

    /// <summary>Reads rows from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="JsonException">The JSON does not hold such rows.</exception>
    public static GoldenRows FromJson(ReadOnlySpan<byte> json)
    {
        var document = JsonSerializer.Deserialize(json, GoldenRowsJson.Default.Document) ?? throw new JsonException("The JSON holds no rows.");
        if (document.Rows < 0) throw new JsonException("The number of rows is negative.");
        foreach (var tensor in document.Inputs.Concat(document.Outputs))
        {
            if (tensor is null || !tensor.IsConsistent())
                throw new JsonException($"The tensor '{tensor?.Name}' does not hold what its shape says.");
        }

        return new GoldenRows(document);
    }

    private string? FindFillDifference(TensorBatch inputs, int? rows)
    {
        if (inputs.Count != _document.Inputs.Length) return OtherSlots;
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            var tensor = rows is { } count ? _document.Inputs[slot].Repeat(count) : _document.Inputs[slot];
            if (!tensor.TryFill(inputs[slot]))
                return $"the model's input '{inputs[slot].Spec.Name}' has another name, type or shape than that of the golden rows, '{tensor.Name}'";
        }

        return null;
    }

    private static GoldenTensor[] Copy(TensorBatch batch)
    {
        var tensors = new GoldenTensor[batch.Count];
        for (var slot = 0; slot < tensors.Length; slot++) tensors[slot] = GoldenTensor.Of(batch[slot]);
        return tensors;
    }

    internal sealed record Document(int Rows, GoldenTensor[] Inputs, GoldenTensor[] Outputs);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(GoldenRows.Document))]
internal sealed partial class GoldenRowsJson : JsonSerializerContext;
