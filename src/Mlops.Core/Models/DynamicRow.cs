using System.Globalization;
using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>Feeds the inputs of a model from names and values, and names its outputs; made once for each signature. Safe for concurrent use.</summary>
internal sealed class DynamicRow
{
    private static readonly ConditionalWeakTable<ModelSignature, DynamicRow> s_known = [];
    private readonly TensorSpec[] _inputs;
    private readonly IReadOnlyList<string>[] _columns;
    private readonly HashSet<string> _names;

    private DynamicRow(ModelSignature signature)
    {
        _inputs = [.. signature.Inputs];
        _columns = Array.ConvertAll(_inputs, PredictionColumns.NamesOf);
        _names = _columns.SelectMany(names => names).ToHashSet(StringComparer.Ordinal);
    }

    public static async ValueTask<IReadOnlyDictionary<string, object>> PredictAsync(
        IPredictor predictor, IReadOnlyDictionary<string, object?> row, PredictionContext context, CancellationToken cancellationToken)
    {
        await predictor.LoadSignatureAsync(context, cancellationToken).ConfigureAwait(false);
        var signature = predictor.Signature;
        using var inputs = signature.RentInputs(1);
        using var outputs = signature.RentOutputs(1);
        s_known.GetValue(signature, static signature => new DynamicRow(signature)).Write(row, inputs);
        await predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
        return Read(outputs);
    }

    private void Write(IReadOnlyDictionary<string, object?> row, TensorBatch inputs)
    {
        foreach (var name in row.Keys)
        {
            if (!_names.Contains(name)) throw Unknown(name, row);
        }

        for (var slot = 0; slot < _inputs.Length; slot++)
        {
            switch (inputs[slot])
            {
                case TensorBuffer<float> typed: Write(row, slot, typed, float.NaN); break;
                case TensorBuffer<double> typed: Write(row, slot, typed, double.NaN); break;
                case TensorBuffer<Half> typed: Write(row, slot, typed, Half.NaN); break;
                case TensorBuffer<long> typed: Write(row, slot, typed, null); break;
                case TensorBuffer<int> typed: Write(row, slot, typed, null); break;
                case TensorBuffer<short> typed: Write(row, slot, typed, null); break;
                case TensorBuffer<sbyte> typed: Write(row, slot, typed, null); break;
                case TensorBuffer<ulong> typed: Write(row, slot, typed, null); break;
                case TensorBuffer<uint> typed: Write(row, slot, typed, null); break;
                case TensorBuffer<ushort> typed: Write(row, slot, typed, null); break;
                case TensorBuffer<byte> typed: Write(row, slot, typed, null); break;
                case TensorBuffer<bool> typed: Write(row, slot, typed, null); break;
                case var texts: Write(row, slot, (TensorBuffer<string>)texts, ""); break;
            }
        }
    }

    /// <summary>Writes one input. What is missing becomes <paramref name="missing"/>; where that is <see langword="null"/>, nothing can be missing.</summary>
    private void Write<T>(IReadOnlyDictionary<string, object?> row, int slot, TensorBuffer<T> target, object? missing)
    {
        var (input, columns) = (_inputs[slot], _columns[slot]);
        // A column is one element, or the only one all of them; how wide vectors beside others are, only their values tell.
        int? width = input.Width < 0 ? null : columns.Count == input.Width ? 1 : columns.Count == 1 ? input.Width : null;
        var elements = new List<T>(Math.Max(columns.Count, input.Width));
        foreach (var column in columns)
        {
            if (!row.TryGetValue(column, out var value)) throw Lacking(column, row);
            var start = elements.Count;
            if (DynamicValue.IsMissing(value))
            {
                if (missing is null || width is null) throw Wrong(column, $"A value is missing, but the input {input} {(missing is null ? "cannot hold a missing value. Fill it, or leave the row out." : "does not say how many elements it has. Give them, NaN where one is missing.")}");
                elements.AddRange(Enumerable.Repeat((T)missing, width.Value));
                continue;
            }

            foreach (var element in DynamicValue.Elements(value!))
            {
                if (DynamicValue.IsMissing(element) && missing is not null) elements.Add((T)missing);
                else if (DynamicValue.TryConvert<T>(element, out var converted, out var problem)) elements.Add(converted);
                else throw Wrong(column, $"{problem} The input is {input}.");
            }

            if (width is { } expected && elements.Count - start != expected)
                throw Wrong(column, $"{Wording.Count(elements.Count - start, "element was", "elements were")} given; it takes {(expected == 1 ? "one value" : Wording.Count(expected))}. The input is {input}.");
        }

        if (input.Width < 0) target.SetRows(1, elements.Count);
        else if (elements.Count != input.Width)
            throw Wrong(columns[0], $"Together with {Wording.Quoted(columns.Skip(1))} it has {Wording.Count(elements.Count, "element")}; the input {input} takes {Wording.Count(input.Width)}.");
        elements.CopyTo(target.Span);
    }

    private static Dictionary<string, object> Read(TensorBatch outputs)
    {
        var named = new Dictionary<string, object>(outputs.Count, StringComparer.Ordinal);
        for (var slot = 0; slot < outputs.Count; slot++) named.Add(outputs[slot].Spec.Name, Read(outputs[slot]));
        return named;
    }

    private static object Read(TensorBuffer output) => output switch
    {
        TensorBuffer<float> typed => Read(typed),
        TensorBuffer<double> typed => Read(typed),
        TensorBuffer<Half> typed => Read(typed),
        TensorBuffer<long> typed => Read(typed),
        TensorBuffer<int> typed => Read(typed),
        TensorBuffer<short> typed => Read(typed),
        TensorBuffer<sbyte> typed => Read(typed),
        TensorBuffer<ulong> typed => Read(typed),
        TensorBuffer<uint> typed => Read(typed),
        TensorBuffer<ushort> typed => Read(typed),
        TensorBuffer<byte> typed => Read(typed),
        TensorBuffer<bool> typed => Read(typed),
        _ => Read((TensorBuffer<string>)output),
    };

    private static object Read<T>(TensorBuffer<T> output)
    {
        if (output.Spec.Width != 1) return output.Span.ToArray();
        return output.Length == 1
            ? output.Span[0]!
            : throw new PredictionFailedException("model", string.Create(CultureInfo.InvariantCulture, $"The output '{output.Spec.Name}' has {output.Length} elements for one row; one was expected."));
    }

    private EntityNotFoundException Unknown(string name, IReadOnlyDictionary<string, object?> row)
    {
        // What the row has already is not what was meant.
        var nearest = NearestName.Find(name, [.. _names.Where(known => !row.ContainsKey(known))]);
        return new("column", name, $"The model takes no column '{name}'. {(nearest is not null ? $"Is it '{nearest}'?" : $"Leave it out; it takes: {Wording.Names(_names)}.")}");
    }

    private static EntityNotFoundException Lacking(string column, IReadOnlyDictionary<string, object?> row)
        => new("column", column, $"The row has no column '{column}', which the model takes; it has {row.Count.ToString(CultureInfo.InvariantCulture)} others. Add it; null says that its value is missing.");

    private static DataFormatException Wrong(string column, string problem) => new("The row", 0, column, problem);
}
