using System.Numerics;

namespace Mlops.Data;

/// <summary>The values of one column in a batch of rows.</summary>
/// <remarks>Immutable and owned by the garbage collector: nothing to dispose, valid for ever, safe to read from many threads.</remarks>
public abstract class Column
{
    private protected Column(ElementType type, int length, int width, ReadOnlyMemory<ulong> validity)
    {
        if (!validity.IsEmpty && validity.Length < BitmapLength(length))
            throw new ArgumentException($"A validity bitmap for {length} rows needs {BitmapLength(length)} words; it has {validity.Length}.", nameof(validity));
        Type = type;
        Length = length;
        Width = width;
        ValidityWords = validity.IsEmpty ? validity : validity[..BitmapLength(length)];
        NullCount = CountNulls(ValidityWords.Span, length);
        if (NullCount == 0)
            ValidityWords = default;
    }

    /// <summary>Gets the type of the values.</summary>
    public ElementType Type { get; }

    /// <summary>Gets the number of rows.</summary>
    public int Length { get; }

    /// <summary>Gets the number of elements in each row; more than 1 for embeddings.</summary>
    public int Width { get; }

    /// <summary>Gets the number of rows without a value.</summary>
    public int NullCount { get; }

    /// <summary>Gets the validity bitmap: bit <c>i % 64</c> of word <c>i / 64</c> is set when row <c>i</c> has a value. Empty when every row has one.</summary>
    public ReadOnlySpan<ulong> Validity => ValidityWords.Span;

    private protected ReadOnlyMemory<ulong> ValidityWords { get; }

    /// <summary>Tells whether a row has no value.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>Whether the value is missing.</returns>
    public bool IsNull(int row) => NullCount != 0 && (Validity[row >> 6] >> row & 1) == 0;

    /// <summary>Makes a column of some consecutive rows that shares this one's memory.</summary>
    /// <param name="start">The first row; a multiple of 64, so that the validity bitmap can be shared.</param>
    /// <param name="length">The number of rows.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentException"><paramref name="start"/> is not a multiple of 64.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rows are not within the column.</exception>
    public Column Slice(int start, int length)
    {
        if (start % 64 != 0)
            throw new ArgumentException($"A slice starts at a multiple of 64 rows; {start} is not one. Use DataBatch.Take for any rows.", nameof(start));
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, Length);
        return SliceCore(start, length, NullCount == 0 ? default : ValidityWords.Slice(start / 64, BitmapLength(length)));
    }

    /// <summary>Makes a column of the given rows, copied, in the given order.</summary>
    /// <param name="rows">The rows, from 0; a row may occur several times.</param>
    /// <returns>The rows.</returns>
    public abstract Column Take(ReadOnlySpan<int> rows);

    /// <summary>Gets a row's value as an object, for display and tests; <see langword="null"/> when it is missing.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The value; an array for columns wider than 1.</returns>
    public abstract object? GetValue(int row);

    /// <summary>Makes a column of any consecutive rows that shares this one's memory, except for the validity bitmap.</summary>
    internal Column Rows(int start, int length)
    {
        if (start == 0 && length == Length) return this;
        return SliceCore(start, length, NullCount == 0 ? default : CopyValidity(start, length));
    }

    /// <summary>Makes a column of the given rows, copied, in the given order; -1 makes a missing row.</summary>
    internal abstract Column TakeOrNull(ReadOnlySpan<int> rows);

    /// <summary>Makes one column of several of the same type and width.</summary>
    /// <exception cref="InvalidOperationException">There are more rows, or more bytes of text, than one column can hold.</exception>
    internal static Column Concat(IReadOnlyList<Column> columns)
    {
        if (columns.Count == 1) return columns[0];
        var elements = columns.Sum(column => (long)column.Length * column.Width);
        if (elements > Array.MaxLength)
            throw new InvalidOperationException($"{elements} values do not fit in the memory of one column, which holds at most {Array.MaxLength}. Keep fewer rows or columns.");
        return columns[0].ConcatCore(columns, columns.Sum(column => column.Length));
    }

    private protected abstract Column ConcatCore(IReadOnlyList<Column> columns, int length);

    private protected abstract Column SliceCore(int start, int length, ReadOnlyMemory<ulong> validity);

    private protected ulong[] TakeValidity(ReadOnlySpan<int> rows)
    {
        if (NullCount == 0) return [];
        var taken = new ulong[BitmapLength(rows.Length)];
        for (var i = 0; i < rows.Length; i++)
        {
            if (!IsNull(rows[i])) taken[i >> 6] |= 1UL << i;
        }

        return taken;
    }

    private protected static ulong[]? ConcatValidity(IReadOnlyList<Column> columns, int length)
    {
        var nulls = new ValidityBuilder();
        var first = 0;
        foreach (var column in columns)
        {
            for (var row = 0; column.NullCount > 0 && row < column.Length; row++)
            {
                if (column.IsNull(row)) nulls.MarkNull(first + row);
            }

            first += column.Length;
        }

        return nulls.Build(length);
    }

    private ulong[] CopyValidity(int start, int length)
    {
        var source = Validity;
        var copy = new ulong[BitmapLength(length)];
        var (word, shift) = (start >> 6, start & 63);
        for (var i = 0; i < copy.Length; i++)
        {
            copy[i] = source[word + i] >> shift;
            if (shift != 0 && word + i + 1 < source.Length) copy[i] |= source[word + i + 1] << (64 - shift);
        }

        return copy;
    }

    private protected static int BitmapLength(int rows) => (rows + 63) >> 6;

    private static int CountNulls(ReadOnlySpan<ulong> validity, int length)
    {
        if (validity.IsEmpty) return 0;
        var valid = 0;
        var whole = length >> 6;
        foreach (var word in validity[..whole]) valid += BitOperations.PopCount(word);
        if ((length & 63) != 0) valid += BitOperations.PopCount(validity[whole] & ((1UL << length) - 1));
        return length - valid;
    }
}
