using System.Globalization;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>The columns that a model takes, and those that its outputs make.</summary>
internal static class PredictionColumns
{
    /// <summary>Gets the names of the columns that feed an input.</summary>
    public static IReadOnlyList<string> NamesOf(TensorSpec input) => input.Columns.Count > 0 ? input.Columns : [input.Name];

    /// <summary>Picks the columns that a model takes.</summary>
    /// <param name="signature">The model's inputs.</param>
    /// <param name="source">The columns there are.</param>
    /// <param name="name">What has them, for the message.</param>
    /// <exception cref="EntityNotFoundException">One is absent.</exception>
    public static DataSchema SelectInputs(ModelSignature signature, DataSchema source, string name)
    {
        string[] columns = [.. signature.Inputs.SelectMany(NamesOf).Distinct(StringComparer.Ordinal)];
        foreach (var column in columns)
        {
            if (source.TryIndexOf(column, out _)) continue;
            var nearest = NearestName.Find(column, [.. source.Select(other => other.Name)]);
            throw new EntityNotFoundException("column", column, $"{name} has no column '{column}', which the model takes. {(nearest is null ? "Add it, or choose the dataset that has it." : $"Is it '{nearest}'? Then rename that one.")}");
        }

        return source.Select(columns);
    }

    /// <summary>Makes a column for each output.</summary>
    /// <param name="signature">The model's outputs.</param>
    /// <param name="source">The columns that stand before them, whose names they do not take.</param>
    /// <param name="predicted">The outputs themselves, which tell the widths that are known only at run time.</param>
    /// <exception cref="ArgumentException">An output cannot be a column.</exception>
    public static ColumnSchema[] Of(ModelSignature signature, IEnumerable<ColumnSchema> source, TensorBatch? predicted = null)
    {
        var taken = source.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        return [.. signature.Outputs.Select((output, slot) =>
        {
            var width = output.Width < 0 && predicted is { Rows: > 0 } ? predicted[slot].Length / predicted.Rows : output.Width;
            if (width < 1 || (output.ElementType == ElementType.String && width != 1))
                throw new ArgumentException($"The output {output} cannot be a column: {(output.ElementType == ElementType.String ? "a column holds one text in each row" : "its width is known only at run time")}. Predict batch by batch with {nameof(TensorBinding)}.", nameof(signature));
            var name = output.Name;
            for (var i = 1; !taken.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{output.Name}_{i}");
            return new ColumnSchema(name, output.ElementType, ColumnRole.Prediction) { IsNullable = false, Width = width };
        })];
    }

    /// <summary>Makes a column of an output.</summary>
    public static Column Copy(TensorBuffer buffer, ColumnSchema column, int rows) => buffer switch
    {
        _ when buffer.Length != rows * column.Width => throw new PredictionFailedException("model", string.Create(
            CultureInfo.InvariantCulture, $"The output '{buffer.Spec.Name}' has {buffer.Length} elements for {rows} rows; {column.Width} in each row were expected.")),
        TensorBuffer<string> typed => TextColumn.FromStrings(typed.Span),
        TensorBuffer<float> typed => new Column<float>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<double> typed => new Column<double>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<long> typed => new Column<long>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<int> typed => new Column<int>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<bool> typed => new Column<bool>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<sbyte> typed => new Column<sbyte>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<short> typed => new Column<short>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<byte> typed => new Column<byte>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<ushort> typed => new Column<ushort>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<uint> typed => new Column<uint>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<ulong> typed => new Column<ulong>(typed.Span.ToArray(), null, column.Width),
        TensorBuffer<Half> typed => new Column<Half>(typed.Span.ToArray(), null, column.Width),
        _ => throw new NotSupportedException($"The output '{buffer.Spec.Name}' is {buffer.ElementType}, which no column holds."),
    };
}
