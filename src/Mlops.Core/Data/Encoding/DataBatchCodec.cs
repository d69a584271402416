namespace Mlops.Data;

/// <summary>Writes rows as bytes that depend on the rows alone, and reads them back.</summary>
/// <remarks>
/// <para>The same rows have the same bytes, whatever the batches they came in, the encoding of their texts and the platform: values are written as
/// <see cref="CanonicalBytes"/> has them (negative zero as zero, every NaN as one), and whether texts get a dictionary is decided by the texts.
/// Names and roles of columns are not part of the bytes.</para>
/// <para>Form, little-endian: a byte for the version (1); the number of rows and of columns (4 bytes each); the length of each column (4 bytes each); the columns.
/// A column: its <see cref="ElementType"/> (1 byte), its form (1 byte: 1 dictionary, 2 has missing rows), its width (4 bytes); if rows are missing, a bit for each row that
/// is set when it has a value, in whole words of 8 bytes. Then values of a fixed size one after another; or the length of each text (4 bytes), and the texts;
/// or the number of entries (4 bytes), the length of each entry (4 bytes), the entries, and for each row the number of its entry, in 1, 2 or 4 bytes as their number needs.</para>
/// </remarks>
internal static class DataBatchCodec
{
    public const byte Version = 1;
    public const byte DictionaryForm = 1;
    public const byte NullsForm = 2;

    /// <summary>Writes rows.</summary>
    /// <param name="schema">The schema of the batches.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="target">Receives the bytes.</param>
    /// <exception cref="OverflowException">The rows need more bytes than an array can hold.</exception>
    public static void Encode(DataSchema schema, IReadOnlyList<RowRange> rows, PayloadWriter target)
    {
        var count = rows.Sum(range => range.Count);
        target.AppendByte(Version);
        target.AppendInt32(count);
        target.AppendInt32(schema.Count);
        var lengths = target.Position;
        target.Append(4L * schema.Count);
        for (var i = 0; i < schema.Count; i++)
        {
            var start = target.Position;
            ColumnEncoder.Encode(schema[i], i, rows, count, target);
            target.SetInt32(lengths + (4 * i), target.Position - start);
        }
    }

    /// <summary>Reads the rows of one or more payloads into one batch.</summary>
    /// <param name="schema">The schema of the payloads.</param>
    /// <param name="columns">The positions of the columns to read; the others are not looked at.</param>
    /// <param name="selected">The schema of these columns.</param>
    /// <param name="payloads">What <see cref="Encode"/> wrote.</param>
    /// <param name="source">What they are, for messages.</param>
    /// <returns>The rows of all, one payload after another.</returns>
    /// <exception cref="DataFormatException">The bytes are not rows of this schema.</exception>
    public static DataBatch Decode(DataSchema schema, ReadOnlySpan<int> columns, DataSchema selected, ReadOnlySpan<ReadOnlyMemory<byte>> payloads, string source)
    {
        var sections = new ColumnSection[columns.Length][];
        for (var i = 0; i < sections.Length; i++) sections[i] = new ColumnSection[payloads.Length];
        var rows = 0L;
        for (var p = 0; p < payloads.Length; p++) rows += ReadSections(schema, columns, payloads[p], source, sections, p);
        if (rows > Array.MaxLength) throw Damaged(source, "there are more rows than fit into a batch", null);
        var decoded = new Column[columns.Length];
        for (var i = 0; i < decoded.Length; i++) decoded[i] = ColumnDecoder.Decode(selected[i], sections[i], (int)rows, source);
        return new DataBatch(selected, decoded);
    }

    public static DataFormatException Damaged(string source, string problem, string? column)
        => new(source, 0, column, $"the bytes are not rows as the catalog writes them: {problem}. Restore the file from a copy, or register the data again.");

    private static int ReadSections(DataSchema schema, ReadOnlySpan<int> columns, ReadOnlyMemory<byte> payload, string source, ColumnSection[][] sections, int index)
    {
        var reader = new PayloadReader(payload, source);
        if (reader.ReadByte() is var version && version != Version) throw reader.Damaged($"the version of the form is {version}, and only {Version} is known");
        var (rows, count) = (reader.ReadInt32(), reader.ReadInt32());
        if (rows < 0 || count != schema.Count) throw reader.Damaged($"{count} columns of {rows} rows are told, and the schema has {schema.Count} columns");
        var blocks = new ReadOnlyMemory<byte>[count];
        var lengths = new PayloadReader(reader.Read(4L * count), source);
        for (var i = 0; i < count; i++) blocks[i] = reader.Read(lengths.ReadInt32(), schema[i].Name);
        if (reader.Remaining > 0) throw reader.Damaged("there are bytes after the last column");
        for (var i = 0; i < columns.Length; i++) sections[i][index] = ColumnSection.Read(schema[columns[i]], blocks[columns[i]], rows, source);
        return rows;
    }
}
