namespace Mlops.Data;

/// <summary>Finds the order of rows by several columns.</summary>
internal sealed class SortOrder
{
    private readonly (Column Column, ulong[] Ranks)[] _keys;
    private readonly CancellationToken _cancellationToken;

    private SortOrder((Column, ulong[])[] keys, CancellationToken cancellationToken) => (_keys, _cancellationToken) = (keys, cancellationToken);

    /// <summary>Finds the order.</summary>
    /// <param name="table">All rows.</param>
    /// <param name="keys">The columns to sort by, the most significant first.</param>
    /// <param name="cancellationToken">Cancels the sorting.</param>
    /// <returns>The rows in their new order; rows that are equal in all keys keep theirs.</returns>
    public static int[] Find(DataBatch table, IReadOnlyList<SortKey> keys, CancellationToken cancellationToken)
    {
        var rows = new int[table.RowCount];
        for (var row = 0; row < rows.Length; row++) rows[row] = row;
        new SortOrder([.. keys.Select(key => (table[key.Column], RanksOf(table[key.Column], key.IsDescending)))], cancellationToken).Sort(rows, 0);
        return rows;
    }

    // The rows come in ascending order, or in any where a later key, or their number, will decide.
    private void Sort(Span<int> rows, int key)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var (column, ranks) = _keys[key];
        var present = MoveNullsBehind(rows, column);
        SortPresent(rows[..present], ranks, key);
        SortFurther(rows[present..], key);
    }

    private void SortPresent(Span<int> rows, ulong[] ranks, int key)
    {
        var gathered = new ulong[rows.Length];
        for (var i = 0; i < gathered.Length; i++) gathered[i] = ranks[rows[i]];
        gathered.AsSpan().Sort(rows);
        for (var start = 0; start < gathered.Length;)
        {
            var end = StableSort.EndOfRun<ulong>(gathered, start);
            if (end - start > 1) SortFurther(rows[start..end], key);
            start = end;
        }
    }

    private void SortFurther(Span<int> rows, int key)
    {
        if (key + 1 < _keys.Length) Sort(rows, key + 1);
        else rows.Sort();
    }

    private static int MoveNullsBehind(Span<int> rows, Column column)
    {
        if (column.NullCount == 0) return rows.Length;
        var present = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (column.IsNull(rows[i])) continue;
            (rows[present], rows[i]) = (rows[i], rows[present]);
            present++;
        }

        return present;
    }

    private static ulong[] RanksOf(Column column, bool isDescending)
    {
        var ranks = column is TextColumn text ? RanksOfTexts(text) : OrderedBits.Read(column);
        for (var row = 0; isDescending && row < ranks.Length; row++) ranks[row] = ~ranks[row];
        return ranks;
    }

    // Texts are ordered by their UTF-8 bytes, which is the order of code points: the same in every culture.
    private static ulong[] RanksOfTexts(TextColumn column)
    {
        var entries = new Utf8Dictionary();
        var numbers = new int[column.Length];
        for (var row = 0; row < numbers.Length; row++) numbers[row] = column.IsNull(row) ? RowKeys.None : entries.GetOrAdd(column.GetUtf8(row));

        var order = new int[entries.Count];
        for (var entry = 0; entry < order.Length; entry++) order[entry] = entry;
        order.AsSpan().Sort((one, other) => entries[one].SequenceCompareTo(entries[other]));
        var rankOf = new ulong[order.Length];
        for (var rank = 0; rank < order.Length; rank++) rankOf[order[rank]] = (ulong)rank;

        var ranks = new ulong[numbers.Length];
        for (var row = 0; row < ranks.Length; row++) ranks[row] = numbers[row] == RowKeys.None ? 0 : rankOf[numbers[row]];
        return ranks;
    }
}
