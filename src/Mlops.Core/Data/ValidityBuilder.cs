namespace Mlops.Data;

/// <summary>Builds a validity bitmap; costs nothing as long as no value is missing.</summary>
internal struct ValidityBuilder
{
    private ulong[]? _words;

    /// <summary>Appends a row.</summary>
    /// <param name="row">Its number, from 0, without gaps.</param>
    /// <param name="isValid">Whether it has a value.</param>
    public void Append(int row, bool isValid)
    {
        if (_words is null)
        {
            if (isValid) return;
            _words = new ulong[Math.Max(8, (row >> 6) + 1)];
            _words.AsSpan(0, row >> 6).Fill(ulong.MaxValue);
            _words[row >> 6] = (1UL << row) - 1;
            return;
        }

        if (row >> 6 >= _words.Length) Array.Resize(ref _words, _words.Length * 2);
        if (isValid) _words[row >> 6] |= 1UL << row;
    }

    /// <summary>Builds the bitmap and begins a new one.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <returns>The bitmap; <see langword="null"/> when every row has a value.</returns>
    public ulong[]? Build(int rows)
    {
        var words = _words?[..((rows + 63) >> 6)];
        _words = null;
        return words;
    }
}
