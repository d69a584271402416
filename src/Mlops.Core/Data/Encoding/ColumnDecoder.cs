using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mlops.Data;

/// <summary>Makes a column of what one or more payloads hold of it.</summary>
internal static class ColumnDecoder
{
    public static Column Decode(ColumnSchema column, ColumnSection[] sections, int rows, string source) => column.Type switch
    {
        ElementType.Boolean => DecodeBooleans(column, sections, rows, source),
        ElementType.Int8 => Copy<sbyte>(column, sections, rows),
        ElementType.Int16 => Copy<short>(column, sections, rows),
        ElementType.Int32 => Copy<int>(column, sections, rows),
        ElementType.Int64 => Copy<long>(column, sections, rows),
        ElementType.UInt8 => Copy<byte>(column, sections, rows),
        ElementType.UInt16 => Copy<ushort>(column, sections, rows),
        ElementType.UInt32 => Copy<uint>(column, sections, rows),
        ElementType.UInt64 => Copy<ulong>(column, sections, rows),
        ElementType.Float16 => Copy<Half>(column, sections, rows),
        ElementType.Float32 => Copy<float>(column, sections, rows),
        ElementType.Float64 => Copy<double>(column, sections, rows),
        ElementType.Date => DecodeDates(column, sections, rows, source),
        ElementType.Timestamp => DecodeTimestamps(column, sections, rows, source),
        _ => DecodeTexts(column.Name, sections, rows, source),
    };

    private static Column<T> Copy<T>(ColumnSchema column, ColumnSection[] sections, int rows)
        where T : unmanaged
        => new(CopyValues<T>(sections, (long)rows * column.Width), DecodeValidity(sections, rows), column.Width);

    private static T[] CopyValues<T>(ColumnSection[] sections, long elements)
        where T : unmanaged
    {
        var values = GC.AllocateUninitializedArray<T>(checked((int)elements));
        var target = MemoryMarshal.AsBytes(values.AsSpan());
        foreach (var section in sections)
        {
            section.Values.Span.CopyTo(target);
            target = target[section.Values.Length..];
        }

        if (!BitConverter.IsLittleEndian) Swap(values);
        return values;
    }

    private static void Swap<T>(T[] values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        var size = bytes.Length / Math.Max(1, values.Length);
        for (var i = 0; i < bytes.Length; i += size) bytes.Slice(i, size).Reverse();
    }

    private static Column<bool> DecodeBooleans(ColumnSchema column, ColumnSection[] sections, int rows, string source)
    {
        foreach (var section in sections)
        {
            if (section.Values.Span.ContainsAnyExcept((byte)0, (byte)1)) throw DataBatchCodec.Damaged(source, "a truth value is neither 0 nor 1", column.Name);
        }

        return Copy<bool>(column, sections, rows);
    }

    private static Column<DateOnly> DecodeDates(ColumnSchema column, ColumnSection[] sections, int rows, string source)
    {
        var days = CopyValues<int>(sections, (long)rows * column.Width);
        var dates = new DateOnly[days.Length];
        for (var i = 0; i < days.Length; i++)
        {
            if ((uint)days[i] > (uint)DateOnly.MaxValue.DayNumber) throw DataBatchCodec.Damaged(source, "a day is after the year 9999", column.Name);
            dates[i] = DateOnly.FromDayNumber(days[i]);
        }

        return new Column<DateOnly>(dates, DecodeValidity(sections, rows), column.Width);
    }

    private static Column<DateTime> DecodeTimestamps(ColumnSchema column, ColumnSection[] sections, int rows, string source)
    {
        var ticks = CopyValues<long>(sections, (long)rows * column.Width);
        var moments = new DateTime[ticks.Length];
        for (var i = 0; i < ticks.Length; i++)
        {
            if ((ulong)ticks[i] > (ulong)DateTime.MaxValue.Ticks) throw DataBatchCodec.Damaged(source, "a moment is after the year 9999", column.Name);
            moments[i] = new DateTime(ticks[i], DateTimeKind.Utc);
        }

        return new Column<DateTime>(moments, DecodeValidity(sections, rows), column.Width);
    }

    private static TextColumn DecodeTexts(string name, ColumnSection[] sections, int rows, string source)
    {
        if (rows > 0 && Array.TrueForAll(sections, section => section.IsDictionaryEncoded || section.Rows == 0)) return DecodeCodes(name, sections, rows, source);
        var total = 0L;
        foreach (var section in sections) total += section.IsDictionaryEncoded ? SumOfRows(name, section, source) : section.Values.Length;
        if (total > Array.MaxLength) throw DataBatchCodec.Damaged(source, "the texts are longer than a column can hold", name);
        var (bytes, offsets) = (GC.AllocateUninitializedArray<byte>((int)total), new int[rows + 1]);
        var (row, end) = (0, 0);
        foreach (var section in sections)
        {
            if (!section.IsDictionaryEncoded)
            {
                section.Values.Span.CopyTo(bytes.AsSpan(end));
                for (var i = 0; i < section.Rows; i++) offsets[++row] = end += section.GetLength(i);
                continue;
            }

            var starts = EntryOffsets(section);
            for (var i = 0; i < section.Rows; i++)
            {
                if (!section.IsNull(i))
                {
                    var entry = section.Values.Span[starts[section.GetCode(i)]..starts[section.GetCode(i) + 1]];
                    entry.CopyTo(bytes.AsSpan(end));
                    end += entry.Length;
                }

                offsets[++row] = end;
            }
        }

        return new TextColumn(bytes, offsets, DecodeValidity(sections, rows));
    }

    private static TextColumn DecodeCodes(string name, ColumnSection[] sections, int rows, string source)
    {
        var codes = new int[rows];
        var entries = new Utf8Dictionary();
        var row = 0;
        foreach (var section in sections)
        {
            if (section.Rows == 0) continue;
            var starts = EntryOffsets(section);
            var merged = new int[section.EntryCount];
            for (var i = 0; i < merged.Length; i++) merged[i] = entries.GetOrAdd(section.Values.Span[starts[i]..starts[i + 1]]);
            for (var i = 0; i < section.Rows; i++) codes[row++] = section.IsNull(i) ? 0 : merged[CheckCode(name, section, i, source)];
        }

        return entries.ToColumn(codes, DecodeValidity(sections, rows));
    }

    private static int CheckCode(string name, ColumnSection section, int row, string source)
    {
        var code = section.GetCode(row);
        return (uint)code < (uint)section.EntryCount ? code : throw DataBatchCodec.Damaged(source, "a text is not in the dictionary", name);
    }

    private static long SumOfRows(string name, ColumnSection section, string source)
    {
        var sum = 0L;
        for (var i = 0; i < section.Rows; i++)
        {
            if (!section.IsNull(i)) sum += section.GetLength(CheckCode(name, section, i, source));
        }

        return sum;
    }

    private static int[] EntryOffsets(ColumnSection section)
    {
        var offsets = new int[section.EntryCount + 1];
        for (var i = 0; i < section.EntryCount; i++) offsets[i + 1] = offsets[i] + section.GetLength(i);
        return offsets;
    }

    private static ulong[]? DecodeValidity(ColumnSection[] sections, int rows)
    {
        if (!Array.Exists(sections, section => section.HasNulls)) return null;
        var validity = new ulong[(rows + 63) >> 6];
        var bit = 0;
        foreach (var section in sections)
        {
            for (var start = 0; start < section.Rows; start += 64, bit += 64)
            {
                var word = section.HasNulls ? BinaryPrimitives.ReadUInt64LittleEndian(section.Validity.Span[(start >> 3)..]) : ulong.MaxValue;
                if (section.Rows - start < 64) word &= (1UL << (section.Rows - start)) - 1;
                validity[bit >> 6] |= word << bit;
                // What did not fit into the word; a shift by 64 would be one by 0.
                if ((bit & 63) != 0 && (bit >> 6) + 1 < validity.Length) validity[(bit >> 6) + 1] |= word >> (64 - (bit & 63));
            }

            bit -= (64 - (section.Rows & 63)) & 63;
        }

        return validity;
    }
}
