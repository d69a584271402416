using System.Text;

namespace Mlops.Data;

/// <summary>A column of text: UTF-8 bytes with offsets, either one entry per row or a dictionary with one code per row.</summary>
public sealed class TextColumn : Column
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ReadOnlyMemory<int> _offsets;
    private readonly ReadOnlyMemory<int> _codes;

    /// <summary>Creates a column with one entry per row, over the caller's arrays, which the caller must not change afterwards.</summary>
    /// <param name="bytes">The UTF-8 bytes of all entries, one after another.</param>
    /// <param name="offsets">Where each entry starts, and where the last one ends; shape (rows + 1).</param>
    /// <param name="validity">The validity bitmap (see <see cref="Column.Validity"/>); empty when every row has a value.</param>
    public TextColumn(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<int> offsets, ulong[]? validity = null)
        : this(bytes, offsets, default, Math.Max(0, offsets.Length - 1), validity)
    {
    }

    private TextColumn(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<int> offsets, ReadOnlyMemory<int> codes, int length, ReadOnlyMemory<ulong> validity)
        : base(ElementType.String, length, 1, validity)
    {
        _bytes = bytes;
        _offsets = offsets;
        _codes = codes;
    }

    /// <summary>Gets whether rows are codes into a dictionary.</summary>
    public bool IsDictionaryEncoded => !_codes.IsEmpty;

    /// <summary>Gets each row's position in the dictionary, shape (rows); empty when the column is not dictionary encoded. Missing rows hold 0.</summary>
    public ReadOnlySpan<int> Codes => _codes.Span;

    /// <summary>Gets the number of entries: of the dictionary, or of rows when there is none.</summary>
    public int EntryCount => Math.Max(0, _offsets.Length - 1);

    /// <summary>Gets the dictionary as a column of its own: one row for each entry.</summary>
    internal TextColumn Entries => new(_bytes, _offsets);

    /// <summary>Tells whether another column has the same dictionary in memory: slices and takings of one column share it.</summary>
    internal bool SharesDictionary(TextColumn other)
        => IsDictionaryEncoded && other.IsDictionaryEncoded && _bytes.Equals(other._bytes) && _offsets.Equals(other._offsets);

    /// <summary>Creates a column from strings.</summary>
    /// <param name="values">The values, shape (rows); <see langword="null"/> where a row has none.</param>
    /// <returns>The column; dictionary encoded when values are repetitive.</returns>
    public static TextColumn FromStrings(params ReadOnlySpan<string?> values)
    {
        var builder = new TextColumnBuilder(values.Length);
        foreach (var value in values)
        {
            if (value is null) builder.AppendNull();
            else builder.Append(value);
        }

        return builder.Build();
    }

    /// <summary>Creates a dictionary-encoded column.</summary>
    /// <param name="codes">Each row's position in the dictionary, shape (rows); the caller must not change it afterwards.</param>
    /// <param name="dictionary">The distinct values.</param>
    /// <param name="validity">The validity bitmap (see <see cref="Column.Validity"/>); empty when every row has a value.</param>
    /// <returns>The column.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A code is not within the dictionary.</exception>
    public static TextColumn FromCodes(int[] codes, ReadOnlySpan<string> dictionary, ulong[]? validity = null)
    {
        ArgumentNullException.ThrowIfNull(codes);
        foreach (var code in codes)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)code, (uint)dictionary.Length, nameof(codes));
        var offsets = new int[dictionary.Length + 1];
        for (var i = 0; i < dictionary.Length; i++) offsets[i + 1] = checked(offsets[i] + Encoding.UTF8.GetByteCount(dictionary[i]));
        var bytes = new byte[offsets[^1]];
        for (var i = 0; i < dictionary.Length; i++) Encoding.UTF8.GetBytes(dictionary[i], bytes.AsSpan(offsets[i]));
        return new TextColumn(bytes, offsets, codes, codes.Length, validity);
    }

    /// <summary>Creates a dictionary-encoded column over the caller's arrays.</summary>
    internal static TextColumn FromCodes(int[] codes, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<int> offsets, ulong[]? validity)
        => new(bytes, offsets, codes, codes.Length, validity);

    /// <summary>Gets the texts of all rows as one, where they lie one after another and none is missing.</summary>
    internal bool TryGetContiguous(out ReadOnlySpan<byte> bytes, out ReadOnlySpan<int> offsets)
    {
        var isContiguous = !IsDictionaryEncoded && NullCount == 0 && Length > 0;
        offsets = isContiguous ? _offsets.Span : default;
        bytes = isContiguous ? _bytes.Span[offsets[0]..offsets[^1]] : default;
        return isContiguous;
    }

    /// <summary>Gets a row's UTF-8 bytes; empty when it has no value.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The bytes, valid for ever.</returns>
    public ReadOnlySpan<byte> GetUtf8(int row) => IsNull(row) ? default : GetEntryUtf8(_codes.IsEmpty ? row : _codes.Span[row]);

    /// <summary>Gets the UTF-8 bytes of an entry of the dictionary.</summary>
    /// <param name="entry">The entry, from 0.</param>
    /// <returns>The bytes, valid for ever.</returns>
    public ReadOnlySpan<byte> GetEntryUtf8(int entry)
    {
        var offsets = _offsets.Span;
        return _bytes.Span[offsets[entry]..offsets[entry + 1]];
    }

    /// <summary>Gets a row's text; <see langword="null"/> when it has no value.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The text.</returns>
    public string? GetString(int row) => IsNull(row) ? null : Encoding.UTF8.GetString(GetUtf8(row));

    /// <inheritdoc/>
    public override object? GetValue(int row) => GetString(row);

    /// <inheritdoc/>
    public override Column Take(ReadOnlySpan<int> rows)
    {
        if (IsDictionaryEncoded)
        {
            var codes = new int[rows.Length];
            for (var i = 0; i < rows.Length; i++) codes[i] = _codes.Span[rows[i]];
            return new TextColumn(_bytes, _offsets, codes, rows.Length, TakeValidity(rows));
        }

        // Rows that were not repetitive enough for a dictionary do not become so: their bytes are copied as they are.
        var offsets = new int[rows.Length + 1];
        for (var i = 0; i < rows.Length; i++) offsets[i + 1] = checked(offsets[i] + GetUtf8(rows[i]).Length);
        var bytes = new byte[offsets[^1]];
        for (var i = 0; i < rows.Length; i++) GetUtf8(rows[i]).CopyTo(bytes.AsSpan(offsets[i]));
        return new TextColumn(bytes, offsets, TakeValidity(rows));
    }

    internal override Column TakeOrNull(ReadOnlySpan<int> rows)
    {
        if (!IsDictionaryEncoded)
        {
            var builder = new TextColumnBuilder(rows.Length);
            foreach (var row in rows)
            {
                if (row < 0 || IsNull(row)) builder.AppendNull();
                else builder.Append(GetUtf8(row));
            }

            return builder.Build();
        }

        var codes = new int[rows.Length];
        var nulls = new ValidityBuilder();
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0 || IsNull(rows[i])) nulls.MarkNull(i);
            else codes[i] = _codes.Span[rows[i]];
        }

        return new TextColumn(_bytes, _offsets, codes, rows.Length, nulls.Build(rows.Length));
    }

    private protected override Column ConcatCore(IReadOnlyList<Column> columns, int length)
    {
        var validity = ConcatValidity(columns, length);
        // Small parts have no dictionary whatever their texts are: the encoding of most rows tells how repetitive they are.
        return columns.Sum(column => ((TextColumn)column).IsDictionaryEncoded ? column.Length : 0) > length / 2
            ? ConcatCodes(columns, length, validity)
            : ConcatTexts(columns, length, validity);
    }

    private static TextColumn ConcatCodes(IReadOnlyList<Column> columns, int length, ulong[]? validity)
    {
        var entries = new Utf8Dictionary();
        var codes = new int[length];
        var next = 0;
        int[] known = [];
        (ReadOnlyMemory<byte>, ReadOnlyMemory<int>) knownEntries = default;
        foreach (var part in columns.Cast<TextColumn>())
        {
            // Slices and takings of one column share its dictionary.
            if (part.IsDictionaryEncoded && !knownEntries.Equals((part._bytes, part._offsets)))
            {
                (known, knownEntries) = (new int[part.EntryCount], (part._bytes, part._offsets));
                known.AsSpan().Fill(-1);
            }

            for (var row = 0; row < part.Length; row++, next++)
            {
                if (part.IsNull(row)) continue;
                codes[next] = part.IsDictionaryEncoded ? known[part._codes.Span[row]] : entries.GetOrAdd(part.GetUtf8(row));
                if (codes[next] >= 0) continue;
                codes[next] = known[part._codes.Span[row]] = entries.GetOrAdd(part.GetUtf8(row));
            }
        }

        return entries.Count == 0 ? new TextColumn(default, new int[length + 1], validity) : entries.ToColumn(codes, validity);
    }

    private static TextColumn ConcatTexts(IReadOnlyList<Column> columns, int length, ulong[]? validity)
    {
        var offsets = new int[length + 1];
        long end = 0;
        var next = 0;
        foreach (var part in columns.Cast<TextColumn>())
        {
            for (var row = 0; row < part.Length; row++)
            {
                end += part.GetUtf8(row).Length;
                if (end > Array.MaxLength)
                    throw new InvalidOperationException("The texts of a column take more than 2 GiB, the most that one column can hold in memory. Keep fewer rows.");
                offsets[++next] = (int)end;
            }
        }

        var bytes = new byte[end];
        next = 0;
        foreach (var part in columns.Cast<TextColumn>())
        {
            if (part.IsDictionaryEncoded || part.NullCount > 0)
            {
                for (var row = 0; row < part.Length; row++) part.GetUtf8(row).CopyTo(bytes.AsSpan(offsets[next + row]));
            }
            else
            {
                part._bytes.Span[part._offsets.Span[0]..part._offsets.Span[^1]].CopyTo(bytes.AsSpan(offsets[next]));
            }

            next += part.Length;
        }

        return new TextColumn(bytes, offsets, validity);
    }

    private protected override Column SliceCore(int start, int length, ReadOnlyMemory<ulong> validity)
        => IsDictionaryEncoded
            ? new TextColumn(_bytes, _offsets, _codes.Slice(start, length), length, validity)
            : new TextColumn(_bytes, _offsets.Slice(start, length + 1), default, length, validity);
}
