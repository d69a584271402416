using System.Text.Json;

namespace Mlops.Data;

/// <summary>The place of a value in nested objects: the names of its properties, joined by dots.</summary>
internal sealed class JsonPath
{
    private char[] _text = new char[256];
    private int _length;

    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>Goes into the property whose name the reader is at.</summary>
    /// <returns>What to give to <see cref="Pop"/>.</returns>
    public int Push(ref Utf8JsonReader reader)
    {
        var before = _length;
        var needed = _length + 1 + reader.ValueSpan.Length;
        if (needed > _text.Length) Array.Resize(ref _text, needed * 2);
        if (_length > 0) _text[_length++] = '.';
        _length += reader.CopyString(_text.AsSpan(_length));
        return before;
    }

    public void Pop(int length) => _length = length;

    public void Clear() => _length = 0;
}
