using System.Collections;
using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The texts or booleans of a column in batches, as one list that makes each string when it is asked for.</summary>
internal sealed class BatchTexts : IReadOnlyList<string?>
{
    private readonly Column[] _columns;
    private readonly int[] _ends;

    public BatchTexts(Column[] columns)
    {
        _columns = columns;
        _ends = new int[columns.Length];
        var end = 0;
        for (var i = 0; i < columns.Length; i++) _ends[i] = end = checked(end + columns[i].Length);
        Count = end;
    }

    public int Count { get; }

    public string? this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            var place = Array.BinarySearch(_ends, index + 1);
            if (place < 0) place = ~place;
            return GetText(_columns[place], index - (place == 0 ? 0 : _ends[place - 1]));
        }
    }

    public IEnumerator<string?> GetEnumerator()
    {
        foreach (var column in _columns)
        {
            for (var row = 0; row < column.Length; row++) yield return GetText(column, row);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Counts the values of both sides; <see langword="null"/> when there are more different ones than the limit.</summary>
    public static ContingencyTable? CountValues(Column[] reference, Column[] current, int limit)
    {
        var counts = new Dictionary<string, (long Reference, long Current)>(StringComparer.Ordinal);
        foreach (var (columns, isReference) in new[] { (reference, true), (current, false) })
        {
            foreach (var column in columns)
            {
                if (!Add(counts, column, isReference, limit)) return null;
            }
        }

        return ContingencyTable.From(new SortedDictionary<string, (long Reference, long Current)>(counts, StringComparer.Ordinal));
    }

    private static bool Add(Dictionary<string, (long Reference, long Current)> counts, Column column, bool isReference, int limit)
    {
        if (column is Column<bool> flags)
        {
            long trues = System.MemoryExtensions.Count(flags.Values, true), falses = flags.Length - flags.NullCount - trues; // Missing rows hold false.
            return (trues == 0 || Add(counts, "true", trues, isReference, limit)) && (falses == 0 || Add(counts, "false", falses, isReference, limit));
        }

        var texts = (TextColumn)column;
        if (texts.IsDictionaryEncoded)
        {
            var entries = ContingencyTable.CountEntries(texts);
            for (var entry = 0; entry < entries.Length; entry++)
            {
                if (entries[entry] > 0 && !Add(counts, System.Text.Encoding.UTF8.GetString(texts.GetEntryUtf8(entry)), entries[entry], isReference, limit)) return false;
            }

            return true;
        }

        for (var row = 0; row < texts.Length; row++)
        {
            if (texts.GetString(row) is { } text && !Add(counts, text, 1, isReference, limit)) return false;
        }

        return true;
    }

    private static bool Add(Dictionary<string, (long Reference, long Current)> counts, string text, long times, bool isReference, int limit)
    {
        var (first, second) = counts.GetValueOrDefault(text);
        counts[text] = isReference ? (first + times, second) : (first, second + times);
        return counts.Count <= limit;
    }

    private static string? GetText(Column column, int row)
        => column is TextColumn texts ? texts.GetString(row) : column.IsNull(row) ? null : ((Column<bool>)column).Values[row] ? "true" : "false";
}
