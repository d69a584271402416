namespace Mlops.Data;

/// <summary>A set of rows of some chunks: a bit for each row.</summary>
internal sealed class RowMarks(IReadOnlyList<ManifestChunk> chunks)
{
    private readonly ulong[]?[] _words = new ulong[chunks.Count][];

    public IReadOnlyList<ManifestChunk> Chunks => chunks;

    public long Count { get; private set; }

    /// <summary>Adds a row that is not in the set.</summary>
    public void Add(RowPosition position)
    {
        var words = _words[position.Chunk] ??= new ulong[(chunks[position.Chunk].Rows + 63) >> 6];
        words[position.Row >> 6] |= 1UL << position.Row;
        Count++;
    }

    /// <summary>Gets the rows of a chunk that are in the set, in their order.</summary>
    public int[] RowsOf(int chunk)
    {
        if (_words[chunk] is not { } words) return [];
        var rows = new List<int>();
        for (var i = 0; i < words.Length; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1) rows.Add((64 * i) + System.Numerics.BitOperations.TrailingZeroCount(word));
        }

        return [.. rows];
    }
}

/// <summary>A row of some chunks.</summary>
internal readonly record struct RowPosition(int Chunk, int Row);
