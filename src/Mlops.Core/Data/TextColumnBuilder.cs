using System.Buffers;
using System.Text;

namespace Mlops.Data;

/// <summary>Builds a <see cref="TextColumn"/> row by row. Not safe for concurrent use.</summary>
/// <param name="capacity">The expected number of rows.</param>
public sealed class TextColumnBuilder(int capacity = 0)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly List<int> _offsets = new(capacity + 1) { 0 };
    private ValidityBuilder _validity;

    /// <summary>Gets the number of rows so far.</summary>
    public int Count => _offsets.Count - 1;

    /// <summary>Appends a value.</summary>
    /// <param name="value">The text.</param>
    public void Append(ReadOnlySpan<char> value)
    {
        Encoding.UTF8.GetBytes(value, _bytes);
        End(true);
    }

    /// <summary>Appends a value.</summary>
    /// <param name="utf8">The text in UTF-8.</param>
    public void Append(ReadOnlySpan<byte> utf8)
    {
        _bytes.Write(utf8);
        End(true);
    }

    /// <summary>Appends a missing value.</summary>
    public void AppendNull() => End(false);

    /// <summary>Builds the column and begins a new one.</summary>
    /// <returns>The column.</returns>
    public TextColumn Build()
    {
        var column = new TextColumn(_bytes.WrittenSpan.ToArray(), _offsets.ToArray(), _validity.Build(Count));
        _bytes.ResetWrittenCount();
        _offsets.Clear();
        _offsets.Add(0);
        return column;
    }

    private void End(bool isValid)
    {
        _validity.Append(Count, isValid);
        _offsets.Add(_bytes.WrittenCount);
    }
}
