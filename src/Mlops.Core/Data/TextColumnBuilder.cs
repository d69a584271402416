using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Data;

/// <summary>Builds a <see cref="TextColumn"/> row by row, with a dictionary when values are repetitive. Not safe for concurrent use.</summary>
/// <remarks>The column gets a dictionary when at most half of its rows hold values not seen before, in rows enough for that to matter.</remarks>
public sealed class TextColumnBuilder
{
    private const int SmallestDictionaryRows = 16;
    private readonly Utf8Dictionary _entries = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _offsets;
    private readonly List<int> _codes;
    private ValidityBuilder _validity;
    private bool _isPlain;

    /// <summary>Creates a builder.</summary>
    /// <param name="capacity">The expected number of rows.</param>
    public TextColumnBuilder(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _offsets = [0];
        _codes = new List<int>(capacity);
    }

    /// <summary>Gets the number of rows so far.</summary>
    public int Count => _isPlain ? _offsets.Count - 1 : _codes.Count;

    /// <summary>Gets the number of bytes held so far.</summary>
    internal long ByteCount => _isPlain ? _bytes.WrittenCount : _entries.ByteCount;

    /// <summary>Appends a value.</summary>
    /// <param name="value">The text.</param>
    public void Append(ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetMaxByteCount(value.Length);
        var rented = length > 256 ? ArrayPool<byte>.Shared.Rent(length) : null;
        var buffer = rented ?? stackalloc byte[256];
        Append(buffer[..Encoding.UTF8.GetBytes(value, buffer)]);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Appends a value.</summary>
    /// <param name="utf8">The text in UTF-8.</param>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        if (!_isPlain)
        {
            _codes.Add(_entries.GetOrAdd(utf8));
            // Few repetitions so far: go on without a dictionary, whose upkeep would not pay.
            if (_codes.Count >= 64 && _entries.Count > _codes.Count / 2) MakePlain();
            return;
        }

        _bytes.Write(utf8);
        _offsets.Add(_bytes.WrittenCount);
    }

    /// <summary>Appends a missing value.</summary>
    public void AppendNull()
    {
        _validity.MarkNull(Count);
        if (_isPlain) _offsets.Add(_bytes.WrittenCount);
        else _codes.Add(0);
    }

    /// <summary>Builds the column and begins a new one.</summary>
    /// <returns>The column.</returns>
    public TextColumn Build()
    {
        var count = Count;
        if (!_isPlain && (count < SmallestDictionaryRows || _entries.Count == 0 || _entries.Count > count / 2)) MakePlain();
        var column = _isPlain
            ? new TextColumn(_bytes.WrittenSpan.ToArray(), _offsets.ToArray(), _validity.Build(count))
            : _entries.ToColumn(_codes.ToArray(), _validity.Build(count));
        // The next column is likely to be like this one; a small one says too little.
        _isPlain = _isPlain && count >= SmallestDictionaryRows;
        Clear();
        return column;
    }

    /// <summary>Forgets the last rows.</summary>
    internal void Truncate(int count)
    {
        if (count == Count) return;
        _validity.Truncate(count);
        if (count == 0)
        {
            Clear();
        }
        else if (_isPlain)
        {
            var kept = _bytes.WrittenSpan[.._offsets[count]].ToArray();
            _bytes.ResetWrittenCount();
            _bytes.Write(kept);
            CollectionsMarshal.SetCount(_offsets, count + 1);
        }
        else
        {
            CollectionsMarshal.SetCount(_codes, count);
        }
    }

    private void MakePlain()
    {
        _isPlain = true;
        foreach (var code in _codes)
        {
            if (code < _entries.Count) _bytes.Write(_entries[code]);
            _offsets.Add(_bytes.WrittenCount);
        }

        _codes.Clear();
        _entries.Clear();
    }

    private void Clear()
    {
        _bytes.ResetWrittenCount();
        CollectionsMarshal.SetCount(_offsets, 1);
        _codes.Clear();
        _entries.Clear();
    }
}
