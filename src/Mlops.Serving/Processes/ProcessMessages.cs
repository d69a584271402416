using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The lines of the protocol of external processes. Messages name tensors, never values.</summary>
internal static class ProcessMessages
{
    public const int Version = 1;

    private const string NoFirstObject = "its first line is no JSON object; what else it prints belongs on its standard error";
    private const string NoObject = "it wrote a line that is no JSON object; what else it prints belongs on its standard error, and numbers that are not finite are texts";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes a request as one line.</summary>
    public static void WriteRequest(IBufferWriter<byte> target, long id, TensorBatch inputs)
    {
        using (var json = new Utf8JsonWriter(target, s_options))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteStartObject("inputs");
            for (var slot = 0; slot < inputs.Count; slot++)
            {
                json.WritePropertyName(inputs[slot].Spec.Name);
                var next = 0;
                WriteDimension(json, inputs[slot], 0, ref next);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        target.Write("\n"u8);
    }

    /// <summary>Reads the first line of a process.</summary>
    /// <returns>What is wrong with it; <see langword="null"/> when nothing is.</returns>
    public static string? CheckHandshake(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return NoFirstObject;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isVersion = reader.ValueTextEquals("protocol"u8);
                reader.Read();
                if (!isVersion) reader.Skip();
                else if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var version))
                    return version == Version ? null : string.Create(CultureInfo.InvariantCulture, $"it speaks version {version} of the protocol, not {Version}");
                else return "its protocol is no number";
            }

            return "its first line does not tell its protocol";
        }
        catch (JsonException)
        {
            return NoFirstObject;
        }
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="line">The line.</param>
    /// <param name="id">Of which request it must be.</param>
    /// <param name="outputs">Receives the outputs.</param>
    /// <param name="model">The model's name, for messages.</param>
    /// <returns>Why the process cannot be used any more; <see langword="null"/> where it can.</returns>
    /// <exception cref="PredictionFailedException">The process answered with an error, or with outputs that do not fit the signature.</exception>
    public static string? ReadAnswer(ReadOnlySpan<byte> line, long id, TensorBatch outputs, string model)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return NoObject;
            var (hasId, error, row) = (false, (string?)null, (int?)null);
            var values = reader;
            var hasOutputs = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"u8))
                {
                    reader.Read();
                    hasId = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var answered) && answered == id;
                    if (hasId) continue;
                    return "it answered with the id of another request, or none";
                }

                var (isError, isRow, isOutputs) = (reader.ValueTextEquals("error"u8), reader.ValueTextEquals("row"u8), reader.ValueTextEquals("outputs"u8));
                reader.Read();
                if (isOutputs)
                {
                    values = reader;
                    hasOutputs = reader.TokenType == JsonTokenType.StartObject;
                }

                if (isError && reader.TokenType == JsonTokenType.String) error = reader.GetString();
                if (isRow && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number >= 0 && number < outputs.Rows) row = number;
                reader.Skip();
            }

            if (reader.TokenType != JsonTokenType.EndObject || reader.Read()) return NoObject;
            if (!hasId) return "it answered with the id of another request, or none";
            if (error is not null)
            {
                throw new PredictionFailedException(
                    model, $"The process of the model '{model}' answered with an error{(row is null ? "" : FormattableString.Invariant($" for row {row}"))}; the inner exception says which.", new InvalidOperationException(error)) { Row = row };
            }

            if (!hasOutputs) throw Failed(model, "answered without outputs and without an error");
            ReadOutputs(values, outputs, model);
            return null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            // Utf8JsonReader tells invalid UTF-8 within a text by an InvalidOperationException.
            return NoObject;
        }
    }

    private static void WriteDimension(Utf8JsonWriter json, TensorBuffer buffer, int dimension, ref int next)
    {
        if (dimension == buffer.Shape.Length)
        {
            WriteElement(json, buffer, next++);
            return;
        }

        json.WriteStartArray();
        for (var i = 0; i < buffer.Shape[dimension]; i++) WriteDimension(json, buffer, dimension + 1, ref next);
        json.WriteEndArray();
    }

    private static void WriteElement(Utf8JsonWriter json, TensorBuffer buffer, int index)
    {
        if (buffer is TensorBuffer<string> texts)
        {
            json.WriteStringValue(texts.Span[index] ?? "");
            return;
        }

        Span<byte> number = stackalloc byte[TensorElements.LongestNumber];
        var length = TensorElements.Format(buffer.ElementType, TensorElements.BytesOf(buffer), index, number, out var isFinite);
        if (isFinite) json.WriteRawValue(number[..length], skipInputValidation: true);
        else json.WriteStringValue(length == 0 ? "NaN"u8 : number[..length]);
    }

    private static void ReadOutputs(Utf8JsonReader reader, TensorBatch outputs, string model)
    {
        Span<bool> seen = outputs.Count <= 64 ? stackalloc bool[outputs.Count] : new bool[outputs.Count];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var slot = 0;
            while (slot < outputs.Count && !reader.ValueTextEquals(outputs[slot].Spec.Name)) slot++;
            reader.Read();
            if (slot < outputs.Count)
            {
                seen[slot] = true;
                ReadTensor(reader, outputs[slot], outputs.Rows, model);
            }

            reader.Skip();
        }

        var missing = seen.IndexOf(false);
        if (missing >= 0) throw Failed(model, $"did not answer the output '{outputs[missing].Spec.Name}'");
    }

    private static void ReadTensor(Utf8JsonReader reader, TensorBuffer target, int rows, string model)
    {
        var spec = target.Spec;
        var rank = spec.Shape.Count;
        Span<nint> shape = stackalloc nint[rank + 1];
        shape.Fill(-1);
        // A copy of the reader walks over the arrays first: memory is taken when the shape is known to be right.
        var isNested = TryMeasure(reader, shape, out var depth);
        if (isNested && depth == 1 && rank == 2 && spec.Width == 1) (depth, shape[1]) = (2, 1);
        var isRight = isNested && depth == rank && (rank == 0 || shape[0] == rows);
        for (var i = 1; isRight && i < rank; i++) isRight = spec.Shape[i] < 0 || shape[i] == spec.Shape[i] || (rows == 0 && shape[i] < 0);
        if (!isRight) throw Failed(model, string.Create(CultureInfo.InvariantCulture, $"answered the output '{spec.Name}' in another shape: {rows} rows of {spec} were expected, as nested arrays"));
        target.Resize(shape[..rank]);
        var isRead = target switch
        {
            TensorBuffer<float> typed => ReadNumbers(ref reader, typed, float.NaN),
            TensorBuffer<double> typed => ReadNumbers(ref reader, typed, double.NaN),
            TensorBuffer<Half> typed => ReadNumbers(ref reader, typed, Half.NaN),
            TensorBuffer<long> typed => ReadNumbers(ref reader, typed, null),
            TensorBuffer<int> typed => ReadNumbers(ref reader, typed, null),
            TensorBuffer<short> typed => ReadNumbers(ref reader, typed, null),
            TensorBuffer<sbyte> typed => ReadNumbers(ref reader, typed, null),
            TensorBuffer<ulong> typed => ReadNumbers(ref reader, typed, null),
            TensorBuffer<uint> typed => ReadNumbers(ref reader, typed, null),
            TensorBuffer<ushort> typed => ReadNumbers(ref reader, typed, null),
            TensorBuffer<byte> typed => ReadNumbers(ref reader, typed, null),
            TensorBuffer<bool> typed => ReadBooleans(ref reader, typed),
            var texts => ReadTexts(ref reader, (TensorBuffer<string>)texts),
        };
        if (!isRead) throw Failed(model, $"answered the output '{spec.Name}' with a value that is no {target.ElementType}");
    }

    /// <summary>Finds the shape of nested arrays; they must be as long as each other.</summary>
    private static bool TryMeasure(Utf8JsonReader reader, Span<nint> shape, out int depth)
    {
        depth = 0;
        var level = 0;
        Span<nint> counts = stackalloc nint[shape.Length];
        var deepest = -1;
        do
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    if (level > 0) counts[level - 1]++;
                    if (level == shape.Length) return false;
                    counts[level++] = 0;
                    break;
                case JsonTokenType.EndArray:
                    level--;
                    if (shape[level] >= 0 && shape[level] != counts[level]) return false;
                    shape[level] = counts[level];
                    depth = Math.Max(depth, level + 1);
                    break;
                case JsonTokenType.StartObject:
                    return false;
                default:
                    if (level > 0) counts[level - 1]++;
                    if (deepest >= 0 && deepest != level) return false;
                    deepest = level;
                    break;
            }
        }
        while (level > 0 && reader.Read());
        return deepest < 0 || deepest == depth;
    }

    private static bool ReadNumbers<T>(ref Utf8JsonReader reader, TensorBuffer<T> target, T? missing)
        where T : struct, INumber<T>
    {
        for (var i = 0; i < target.Length; i++)
        {
            MoveToScalar(ref reader, i);
            if (reader.TokenType == JsonTokenType.Number && T.TryParse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) target.Span[i] = number;
            else if (missing is null) return false;
            else if (reader.TokenType == JsonTokenType.Null || (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("NaN"u8))) target.Span[i] = missing.Value;
            else if (reader.TokenType == JsonTokenType.String && (reader.ValueTextEquals("Infinity"u8) || reader.ValueTextEquals("-Infinity"u8))) target.Span[i] = T.Parse(reader.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
            else return false;
        }

        return true;
    }

    private static bool ReadBooleans(ref Utf8JsonReader reader, TensorBuffer<bool> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            MoveToScalar(ref reader, i);
            if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False)) return false;
            target.Span[i] = reader.GetBoolean();
        }

        return true;
    }

    private static bool ReadTexts(ref Utf8JsonReader reader, TensorBuffer<string> target)
    {
        for (var i = 0; i < target.Length; i++)
        {
            MoveToScalar(ref reader, i);
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null)) return false;
            target.Span[i] = reader.GetString() ?? "";
        }

        return true;
    }

    /// <summary>The first element may be where the reader is; arrays around are passed over.</summary>
    private static void MoveToScalar(ref Utf8JsonReader reader, int index)
    {
        if (index > 0) reader.Read();
        while (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray && reader.Read())
        {
        }
    }

    private static PredictionFailedException Failed(string model, string what) => new(model, $"The process of the model '{model}' {what}.");
}
