using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>How often each category occurs in the reference and in the current data: what tests of categories compare.</summary>
/// <remarks>Missing rows are not counted. Immutable.</remarks>
/// <example><code>
/// var table = ContingencyTable.FromColumns(trainingColumn, liveColumn);
/// var result = new ChiSquared().Test(table.Reference, table.Current);
/// </code></example>
public sealed class ContingencyTable
{
    private readonly long[] _reference;
    private readonly long[] _current;

    private ContingencyTable(long[] reference, long[] current, IReadOnlyList<string> categories)
        => (_reference, _current, Categories) = (reference, current, categories);

    /// <summary>Gets how often each category occurs in the reference, shape (K).</summary>
    public ReadOnlySpan<long> Reference => _reference;

    /// <summary>Gets how often each category occurs now, shape (K).</summary>
    public ReadOnlySpan<long> Current => _current;

    /// <summary>Gets the names of the categories, shape (K), in ordinal order; empty for codes, which have none.</summary>
    public IReadOnlyList<string> Categories { get; }

    /// <summary>Counts codes. Time O(n + m), about half a nanosecond a row.</summary>
    /// <param name="reference">The category of each reference row, shape (n), each below <paramref name="categoryCount"/>; a negative one is missing.</param>
    /// <param name="current">The category of each current row, shape (m), likewise.</param>
    /// <param name="categoryCount">The number of categories K, ≥ 0.</param>
    /// <returns>The table.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A code is not below the number of categories, or that is negative.</exception>
    public static ContingencyTable FromCodes(ReadOnlySpan<int> reference, ReadOnlySpan<int> current, int categoryCount)
        => new(CodeCounter.Count(reference, categoryCount), CodeCounter.Count(current, categoryCount), []);

    /// <summary>Counts the texts of two columns; those of a dictionary by their codes, each dictionary entry being read once.</summary>
    /// <param name="reference">The reference column.</param>
    /// <param name="current">The current column.</param>
    /// <returns>The table; its categories are the union of the two columns' texts.</returns>
    public static ContingencyTable FromColumns(TextColumn reference, TextColumn current)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        var counts = new SortedDictionary<string, (long Reference, long Current)>(StringComparer.Ordinal);
        Add(reference, isReference: true);
        Add(current, isReference: false);
        return From(counts);

        void Add(TextColumn column, bool isReference)
        {
            if (column.IsDictionaryEncoded)
            {
                var entries = CountEntries(column);
                for (var entry = 0; entry < entries.Length; entry++)
                {
                    if (entries[entry] > 0) Count(System.Text.Encoding.UTF8.GetString(column.GetEntryUtf8(entry)), entries[entry], isReference);
                }

                return;
            }

            for (var row = 0; row < column.Length; row++)
            {
                if (column.GetString(row) is { } text) Count(text, 1, isReference);
            }
        }

        void Count(string text, long times, bool isReference)
        {
            var (first, second) = counts.GetValueOrDefault(text);
            counts[text] = isReference ? (first + times, second) : (first, second + times);
        }
    }

    /// <summary>Takes the counts of two columns' profiles, as far as values are counted one by one there.</summary>
    /// <param name="reference">The counts of the reference.</param>
    /// <param name="current">The counts of the current data.</param>
    /// <returns>The table; its categories are the union of the values.</returns>
    public static ContingencyTable FromCounts(ValueCounts reference, ValueCounts current)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        var counts = new SortedDictionary<string, (long Reference, long Current)>(StringComparer.Ordinal);
        foreach (var (value, count) in reference.GetOrdered()) counts[value] = (count, current.GetCount(value));
        foreach (var (value, count) in current.GetOrdered()) counts[value] = (reference.GetCount(value), count);
        return From(counts);
    }

    internal static ContingencyTable From(SortedDictionary<string, (long Reference, long Current)> counts)
        => new([.. counts.Values.Select(count => count.Reference)], [.. counts.Values.Select(count => count.Current)], [.. counts.Keys]);

    internal static long[] CountEntries(TextColumn column)
    {
        var entries = CodeCounter.Count(column.Codes, column.EntryCount);
        if (column.NullCount == 0) return entries;
        // Missing rows hold code 0.
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row)) entries[column.Codes[row]]--;
        }

        return entries;
    }
}
