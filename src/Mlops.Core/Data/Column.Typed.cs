namespace Mlops.Data;

/// <summary>A column of values of a fixed size.</summary>
/// <typeparam name="T">A primitive number, <see cref="bool"/>, <see cref="Half"/>, <see cref="DateOnly"/> or <see cref="DateTime"/> (UTC).</typeparam>
public sealed class Column<T> : Column
    where T : unmanaged
{
    private readonly ReadOnlyMemory<T> _values;

    /// <summary>Creates a column over the caller's array, which the caller must not change afterwards.</summary>
    /// <param name="values">The values, shape (rows × width), row by row. Elements of missing rows are set to <c>default</c>.</param>
    /// <param name="validity">The validity bitmap (see <see cref="Column.Validity"/>); empty when every row has a value.</param>
    /// <param name="width">The number of elements in each row.</param>
    /// <exception cref="ArgumentException">The length of <paramref name="values"/> is not a multiple of <paramref name="width"/>, or the bitmap is too short.</exception>
    public Column(T[] values, ulong[]? validity = null, int width = 1)
        : base(ElementTypes.Of<T>(), RowsOf(values, width), width, validity)
    {
        _values = values;
        if (NullCount == 0) return;
        // Missing rows hold default, so that equal columns have equal bytes: fingerprints and kernels rely on it.
        for (var row = 0; row < Length; row++)
        {
            if (IsNull(row)) values.AsSpan(row * width, width).Clear();
        }
    }

    private Column(ReadOnlyMemory<T> values, int length, int width, ReadOnlyMemory<ulong> validity)
        : base(ElementTypes.Of<T>(), length, width, validity) => _values = values;

    /// <summary>Gets the values, shape (<see cref="Column.Length"/> × <see cref="Column.Width"/>), row by row; <c>default</c> where a row has none.</summary>
    public ReadOnlySpan<T> Values => _values.Span;

    /// <inheritdoc/>
    public override Column Take(ReadOnlySpan<int> rows)
    {
        var source = Values;
        var taken = new T[rows.Length * Width];
        if (Width == 1)
        {
            for (var i = 0; i < rows.Length; i++) taken[i] = source[rows[i]];
        }
        else
        {
            for (var i = 0; i < rows.Length; i++) source.Slice(rows[i] * Width, Width).CopyTo(taken.AsSpan(i * Width));
        }

        return new Column<T>(taken, TakeValidity(rows), Width);
    }

    /// <inheritdoc/>
    public override object? GetValue(int row)
    {
        if (IsNull(row)) return null;
        return Width == 1 ? Values[row] : Values.Slice(row * Width, Width).ToArray();
    }

    internal override Column TakeOrNull(ReadOnlySpan<int> rows)
    {
        var source = Values;
        var taken = new T[rows.Length * Width];
        var nulls = new ValidityBuilder();
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if (row < 0 || IsNull(row)) nulls.MarkNull(i);
            else if (Width == 1) taken[i] = source[row];
            else source.Slice(row * Width, Width).CopyTo(taken.AsSpan(i * Width));
        }

        return new Column<T>(taken, nulls.Build(rows.Length), Width);
    }

    private protected override Column ConcatCore(IReadOnlyList<Column> columns, int length)
    {
        var values = new T[length * Width];
        var target = values.AsSpan();
        foreach (var column in columns)
        {
            var part = ((Column<T>)column).Values;
            part.CopyTo(target);
            target = target[part.Length..];
        }

        return new Column<T>(values, ConcatValidity(columns, length), Width);
    }

    private protected override Column SliceCore(int start, int length, ReadOnlyMemory<ulong> validity)
        => new Column<T>(_values.Slice(start * Width, length * Width), length, Width, validity);

    private static int RowsOf(T[] values, int width)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (values.Length % width != 0)
            throw new ArgumentException($"{values.Length} elements are not a whole number of rows of {width}.", nameof(values));
        return values.Length / width;
    }
}
