namespace Mlops.Data;

/// <summary>Builds a validity bitmap. Rows have values unless they are marked, so that a present value costs nothing.</summary>
internal struct ValidityBuilder
{
    private ulong[]? _nulls;

    /// <summary>Marks a row as missing.</summary>
    /// <param name="row">Its number, from 0.</param>
    public void MarkNull(int row)
    {
        var word = row >> 6;
        if (_nulls is null) _nulls = new ulong[Math.Max(8, word + 1)];
        else if (word >= _nulls.Length) Array.Resize(ref _nulls, Math.Max(word + 1, _nulls.Length * 2));
        _nulls[word] |= 1UL << row;
    }

    /// <summary>Forgets the marks of rows.</summary>
    /// <param name="first">The first row to forget; all after it are forgotten too.</param>
    public readonly void Truncate(int first)
    {
        var word = first >> 6;
        if (_nulls is null || word >= _nulls.Length) return;
        _nulls[word] &= (1UL << first) - 1;
        _nulls.AsSpan(word + 1).Clear();
    }

    /// <summary>Builds the bitmap and begins a new one.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <returns>The bitmap; <see langword="null"/> when every row has a value.</returns>
    public ulong[]? Build(int rows)
    {
        if (_nulls is null) return null;
        var validity = new ulong[(rows + 63) >> 6];
        for (var i = 0; i < validity.Length; i++) validity[i] = i < _nulls.Length ? ~_nulls[i] : ulong.MaxValue;
        if ((rows & 63) != 0) validity[^1] &= (1UL << rows) - 1;
        _nulls = null;
        return validity;
    }
}
