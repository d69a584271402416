using System.Buffers.Binary;

namespace Mlops.Data;

/// <summary>One column of one payload, found and checked for its lengths, not decoded yet.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Validity">A bit for each row; empty when every row has a value.</param>
/// <param name="EntryCount">The number of entries of the dictionary; 0 when there is none.</param>
/// <param name="Lengths">The length of each text, or of each entry; empty for values of a fixed size.</param>
/// <param name="Values">The values, or the texts, or the entries.</param>
/// <param name="Codes">The entry of each row; empty without a dictionary.</param>
internal sealed record ColumnSection(
    int Rows, ReadOnlyMemory<byte> Validity, int EntryCount, ReadOnlyMemory<byte> Lengths, ReadOnlyMemory<byte> Values, ReadOnlyMemory<byte> Codes)
{
    public bool HasNulls => !Validity.IsEmpty;

    public bool IsDictionaryEncoded => EntryCount > 0;

    public bool IsNull(int row) => HasNulls && (Validity.Span[row >> 3] >> (row & 7) & 1) == 0;

    public int GetLength(int entry) => BinaryPrimitives.ReadInt32LittleEndian(Lengths.Span[(4 * entry)..]);

    public int GetCode(int row) => ColumnEncoder.CodeSize(EntryCount) switch
    {
        1 => Codes.Span[row],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(Codes.Span[(2 * row)..]),
        _ => BinaryPrimitives.ReadInt32LittleEndian(Codes.Span[(4 * row)..]),
    };

    public static ColumnSection Read(ColumnSchema column, ReadOnlyMemory<byte> block, int rows, string source)
    {
        var reader = new PayloadReader(block, source);
        var (type, form, width) = ((ElementType)reader.ReadByte(column.Name), reader.ReadByte(column.Name), reader.ReadInt32(column.Name));
        if (type != column.Type || width != column.Width) throw reader.Damaged($"the column is {type} × {width}, and the schema says {column.Type} × {column.Width}", column.Name);
        var allowed = type == ElementType.String ? DataBatchCodec.DictionaryForm | DataBatchCodec.NullsForm : DataBatchCodec.NullsForm;
        if ((form & ~allowed) != 0) throw reader.Damaged($"a form {form} is not known", column.Name);
        var validity = (form & DataBatchCodec.NullsForm) == 0 ? default : reader.Read(8L * ((rows + 63L) >> 6), column.Name);
        ColumnSection section;
        if (type != ElementType.String)
        {
            section = new ColumnSection(rows, validity, 0, default, reader.Read((long)rows * width * CanonicalBytes.SizeOf(type), column.Name), default);
        }
        else if ((form & DataBatchCodec.DictionaryForm) == 0)
        {
            var lengths = reader.Read(4L * rows, column.Name);
            section = new ColumnSection(rows, validity, 0, lengths, reader.Read(Sum(lengths.Span, ref reader, column.Name), column.Name), default);
        }
        else
        {
            var entries = reader.ReadInt32(column.Name);
            if (entries < 1) throw reader.Damaged($"a dictionary of {entries} entries cannot be", column.Name);
            var lengths = reader.Read(4L * entries, column.Name);
            var values = reader.Read(Sum(lengths.Span, ref reader, column.Name), column.Name);
            section = new ColumnSection(rows, validity, entries, lengths, values, reader.Read((long)rows * ColumnEncoder.CodeSize(entries), column.Name));
        }

        if (reader.Remaining > 0) throw reader.Damaged("there are bytes after the last value", column.Name);
        return section;
    }

    private static long Sum(ReadOnlySpan<byte> lengths, ref PayloadReader reader, string column)
    {
        var sum = 0L;
        for (var i = 0; i < lengths.Length; i += 4)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(lengths[i..]);
            if (length < 0) throw reader.Damaged("a text has a negative length", column);
            sum += length;
        }

        return sum;
    }
}
