namespace Mlops.Data;

/// <summary>The rows of each key, in their order.</summary>
internal sealed class JoinIndex
{
    private readonly RowKeys _keys;
    private readonly int[] _starts;
    private readonly int[] _rows;

    /// <summary>Builds an index.</summary>
    /// <param name="keys">The key columns of all rows.</param>
    /// <param name="rowCount">The number of rows.</param>
    public JoinIndex(DataBatch keys, int rowCount)
    {
        _keys = new RowKeys([.. keys.Schema], areNullsValues: false);
        var numbers = new int[rowCount];
        _keys.Add(keys, numbers);
        // Counting sort: stable, and all rows of a key lie together.
        _starts = new int[_keys.Count + 1];
        foreach (var number in numbers)
        {
            if (number != RowKeys.None) _starts[number + 1]++;
        }

        for (var i = 1; i < _starts.Length; i++) _starts[i] += _starts[i - 1];
        _rows = new int[_starts[^1]];
        var next = _starts[..^1];
        for (var row = 0; row < numbers.Length; row++)
        {
            if (numbers[row] != RowKeys.None) _rows[next[numbers[row]]++] = row;
        }
    }

    /// <summary>Gets the number of different keys.</summary>
    public int Count => _keys.Count;

    /// <summary>Finds the numbers of the keys of other rows; <see cref="RowKeys.None"/> where there is none.</summary>
    public void Find(DataBatch keys, Span<int> target) => _keys.Find(keys, target);

    /// <summary>Gets where the rows of a key begin and end in <see cref="Rows"/>.</summary>
    public (int Start, int End) RangeOf(int key) => key == RowKeys.None ? default : (_starts[key], _starts[key + 1]);

    /// <summary>Gets the rows with a key, key by key.</summary>
    public Span<int> Rows => _rows;
}
