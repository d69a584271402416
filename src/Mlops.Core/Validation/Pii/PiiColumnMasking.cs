using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Masks one column, batch by batch, in one read of a dataset.</summary>
internal sealed class PiiColumnMasking(string column, PiiTextMasking masking)
{
    private readonly bool _isPhoneColumn = PiiCues.IsPhoneColumn(column);
    private TextColumn? _known;
    private (ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<int> Offsets)? _knownEntries;

    /// <summary>Masks values.</summary>
    /// <returns>The masked texts; the column itself where it is of text and nothing was found.</returns>
    public Column Mask(Column values) => values switch
    {
        TextColumn { IsDictionaryEncoded: true } text => MaskCodes(text),
        TextColumn text => MaskEntries(text) is { } masked ? new TextColumn(masked.Bytes, masked.Offsets, text.Validity.ToArray()) : text,
        _ => MaskNumbers(values),
    };

    private TextColumn MaskCodes(TextColumn text)
    {
        // Entries that no row has are masked too: they go where the column goes.
        if (_known is null || !_known.SharesDictionary(text)) (_known, _knownEntries) = (text, MaskEntries(text.Entries));
        return _knownEntries is { } entries ? TextColumn.FromCodes(text.Codes.ToArray(), entries.Bytes, entries.Offsets, text.Validity.ToArray()) : text;
    }

    /// <summary>Masks rows one by one.</summary>
    /// <returns>The texts; <see langword="null"/> where nothing was found.</returns>
    private (ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<int> Offsets)? MaskEntries(TextColumn text)
    {
        var first = 0;
        while (first < text.Length && !masking.TryMask(text.GetUtf8(first), _isPhoneColumn)) first++;
        if (first == text.Length) return null;
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        var offsets = new int[text.Length + 1];
        for (var row = 0; row < text.Length; row++)
        {
            var isMasked = row >= first && masking.TryMask(text.GetUtf8(row), _isPhoneColumn);
            System.Buffers.BuffersExtensions.Write(bytes, isMasked ? masking.Masked : text.GetUtf8(row));
            offsets[row + 1] = bytes.WrittenCount;
        }

        return (bytes.WrittenMemory.ToArray(), offsets);
    }

    private TextColumn MaskNumbers(Column values)
    {
        // The texts of all numbers, with masks in the place of some.
        var (texts, _) = ColumnCast.Convert(values, ElementType.String);
        var builder = new TextColumnBuilder(values.Length);
        for (var row = 0; row < values.Length; row++)
        {
            var utf8 = ((TextColumn)texts).GetUtf8(row);
            if (values.IsNull(row)) builder.AppendNull();
            else if ((PiiNumber.TryRead(values, row, out var number) && masking.TryMask(number, _isPhoneColumn)) || masking.TryMask(utf8, _isPhoneColumn)) builder.Append(masking.Masked);
            else builder.Append(utf8);
        }

        return builder.Build();
    }
}
