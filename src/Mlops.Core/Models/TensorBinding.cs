using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>Feeds the inputs of a model from the columns of a dataset; bound once, used for every batch. Safe for concurrent use.</summary>
/// <remarks>
/// Missing values become NaN in floating-point slots and <c>""</c> in text slots. A date becomes days and a timestamp seconds since 1970-01-01; a boolean 0 or 1.
/// </remarks>
public sealed class TensorBinding
{
    private readonly TensorSpec[] _inputs;
    private readonly int[][] _ordinals;
    private readonly DataSchema _schema;

    private TensorBinding(TensorSpec[] inputs, int[][] ordinals, DataSchema schema)
    {
        _inputs = inputs;
        _ordinals = ordinals;
        _schema = schema;
    }

    /// <summary>Binds inputs to columns by <see cref="TensorSpec.Columns"/>; an input that names none takes the column of its own name.</summary>
    /// <param name="inputs">The inputs, in slot order.</param>
    /// <param name="schema">The schema of the batches.</param>
    /// <returns>The binding.</returns>
    /// <exception cref="EntityNotFoundException">A column is absent.</exception>
    /// <exception cref="ArgumentException">A column's type cannot feed its input, or their number does not fit the input's width.</exception>
    public static TensorBinding Create(IReadOnlyList<TensorSpec> inputs, DataSchema schema)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(schema);
        var ordinals = new int[inputs.Count][];
        for (var slot = 0; slot < ordinals.Length; slot++)
        {
            IReadOnlyList<string> columns = inputs[slot].Columns.Count > 0 ? inputs[slot].Columns : [inputs[slot].Name];
            ordinals[slot] = [.. columns.Select(schema.IndexOf)];
            var width = 0;
            foreach (var ordinal in ordinals[slot])
            {
                width += schema[ordinal].Width;
                if ((schema[ordinal].Type == ElementType.String) != (inputs[slot].ElementType == ElementType.String))
                    throw new ArgumentException($"Column '{schema[ordinal].Name}' is {schema[ordinal].Type}; it cannot feed the input {inputs[slot]}. Cast the column to what it was when the model was trained.", nameof(schema));
            }

            if (inputs[slot].Width >= 0 && inputs[slot].Width != width)
            {
                throw new ArgumentException(
                    string.Create(CultureInfo.InvariantCulture, $"The input {inputs[slot]} takes {inputs[slot].Width} elements a row, but its columns have {width}{ListVectors(ordinals[slot], schema)}. Give each column the width that it had when the model was trained."), nameof(schema));
            }
        }

        return new TensorBinding([.. inputs], ordinals, schema);
    }

    /// <summary>Names the columns that are vectors, of which it must be one that does not fit, where there are any.</summary>
    private static string ListVectors(int[] ordinals, DataSchema schema)
    {
        const int MaxListed = 5;
        string[] vectors = [.. ordinals.Where(ordinal => schema[ordinal].Width != 1).Select(ordinal => string.Create(CultureInfo.InvariantCulture, $"'{schema[ordinal].Name}' ({schema[ordinal].Width})"))];
        var more = vectors.Length > MaxListed ? string.Create(CultureInfo.InvariantCulture, $" and {vectors.Length - MaxListed} more") : "";
        return vectors.Length == 0 ? "" : $": {string.Join(", ", vectors.Take(MaxListed))}{more}";
    }

    /// <summary>Writes the rows of a batch into tensors.</summary>
    /// <param name="batch">The rows, of the schema that was bound.</param>
    /// <param name="target">The tensors, laid out as the inputs; the number of rows is set.</param>
    /// <exception cref="DataFormatException">A value is missing where the input has no way to say so.</exception>
    /// <exception cref="ArgumentException">Several dimensions of an input are known only at run time.</exception>
    public void Write(DataBatch batch, TensorBatch target)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(target);
        target.SetRows(batch.RowCount);
        for (var slot = 0; slot < _inputs.Length; slot++)
        {
            if (_inputs[slot].Width < 0) target[slot].SetRows(batch.RowCount, _ordinals[slot].Sum(ordinal => _schema[ordinal].Width));
            if (_inputs[slot].ElementType == ElementType.String) WriteTexts(batch, _ordinals[slot], target.Get<string>(slot));
            else WriteNumbers(batch, _ordinals[slot], target[slot]);
        }
    }

    private static void WriteTexts(DataBatch batch, int[] ordinals, TensorBuffer<string> target)
    {
        for (var i = 0; i < ordinals.Length; i++)
        {
            var column = (TextColumn)batch[ordinals[i]];
            for (var row = 0; row < batch.RowCount; row++) target.Span[(row * ordinals.Length) + i] = column.GetString(row) ?? "";
        }
    }

    private void WriteNumbers(DataBatch batch, int[] ordinals, TensorBuffer target)
    {
        switch (target)
        {
            case TensorBuffer<float> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<double> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<long> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<int> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<short> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<sbyte> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<ulong> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<uint> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<ushort> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<byte> typed: Write(batch, ordinals, typed); break;
            case TensorBuffer<Half> typed: Write(batch, ordinals, typed); break;
            default: WriteBooleans(batch, ordinals, (TensorBuffer<bool>)target); break;
        }
    }

    private void Write<T>(DataBatch batch, int[] ordinals, TensorBuffer<T> target)
        where T : unmanaged, INumberBase<T>
    {
        var width = ordinals.Sum(ordinal => batch[ordinal].Width);
        var offset = 0;
        double[] numbers = [];
        T[] converted = [];
        foreach (var ordinal in ordinals)
        {
            var column = batch[ordinal];
            if (column is Column<T> { NullCount: 0 } same)
            {
                // Integers beyond 2⁵³ keep their digits only where no floating point is between.
                Scatter(same.Values, target.Span, column.Width, width, offset);
                offset += column.Width;
                continue;
            }

            var length = column.Length * column.Width;
            if (numbers.Length < length) (numbers, converted) = (new double[length], new T[length]);
            ReadNumbers(batch, ordinal, target, numbers.AsSpan(0, length));
            TensorPrimitives.ConvertSaturating<double, T>(numbers.AsSpan(0, length), converted);
            Scatter(converted, target.Span, column.Width, width, offset);
            offset += column.Width;
        }
    }

    private void WriteBooleans(DataBatch batch, int[] ordinals, TensorBuffer<bool> target)
    {
        var width = ordinals.Sum(ordinal => batch[ordinal].Width);
        var offset = 0;
        foreach (var ordinal in ordinals)
        {
            var column = batch[ordinal];
            var numbers = new double[column.Length * column.Width];
            ReadNumbers(batch, ordinal, target, numbers);
            Scatter(Array.ConvertAll(numbers, number => number != 0), target.Span, column.Width, width, offset);
            offset += column.Width;
        }
    }

    private void ReadNumbers(DataBatch batch, int ordinal, TensorBuffer target, Span<double> numbers)
    {
        ColumnNumbers.CopyTo(batch[ordinal], 0, numbers);
        // NaN is how a missing value reads, and no integer or boolean can say it.
        if (!target.ElementType.IsFloatingPoint() && TensorPrimitives.IsNaNAny<double>(numbers)) throw Missing(ordinal, target);
    }

    private static void Scatter<T>(ReadOnlySpan<T> source, Span<T> target, int columnWidth, int width, int offset)
    {
        if (columnWidth == 1)
        {
            for (int row = 0, at = offset; at < target.Length; row++, at += width) target[at] = source[row];
            return;
        }

        for (int row = 0, at = offset; at < target.Length; row++, at += width) source.Slice(row * columnWidth, columnWidth).CopyTo(target[at..]);
    }

    private DataFormatException Missing(int ordinal, TensorBuffer target) => new(
        "The batch", 0, _schema[ordinal].Name, $"A value is missing, but the input {target.Spec} cannot hold a missing value. Fill it, or leave the row out.");
}
