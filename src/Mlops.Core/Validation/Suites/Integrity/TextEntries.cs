using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Walks over the texts of a column, those of a dictionary once.</summary>
internal static class TextEntries
{
    /// <summary>Takes in a text.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="times">The number of rows that have it.</param>
    public delegate void Visitor(ReadOnlySpan<byte> utf8, int times);

    /// <summary>Visits the texts; missing ones are passed over. A text may be visited more than once.</summary>
    public static void Visit(TextColumn column, Visitor visitor)
    {
        if (column.IsDictionaryEncoded && column.EntryCount <= column.Length)
        {
            var times = new int[column.EntryCount];
            for (var row = 0; row < column.Length; row++)
            {
                if (!column.IsNull(row)) times[column.Codes[row]]++;
            }

            for (var entry = 0; entry < times.Length; entry++)
            {
                if (times[entry] > 0) visitor(column.GetEntryUtf8(entry), times[entry]);
            }

            return;
        }

        for (var row = 0; row < column.Length; row++)
        {
            if (!column.IsNull(row)) visitor(column.GetUtf8(row), 1);
        }
    }
}
