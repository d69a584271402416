using System.Text;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Numbers the texts of a column in the order in which they come, and counts them. Number 0 is the missing text, <c>""</c>.</summary>
internal sealed class TextCounter
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal) { [""] = 0 };
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _texts = [""];
    private readonly List<long> _counts = [0];
    private char[] _letters = [];
    private int[] _entries = [];
    private int[] _rows = [];

    public TextCounter() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Gets the texts by number.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>Gets how many rows hold each text, by number.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Adds rows.</summary>
    /// <returns>The number of each row's text, shape (rows); valid until the next call.</returns>
    public ReadOnlySpan<int> Add(TextColumn column)
    {
        if (_rows.Length < column.Length) _rows = new int[column.Length];
        if (column.IsDictionaryEncoded)
        {
            if (_entries.Length < column.EntryCount) _entries = new int[column.EntryCount];
            _entries.AsSpan(0, column.EntryCount).Fill(-1);
        }

        for (var row = 0; row < column.Length; row++)
        {
            var number = column.IsNull(row) ? 0 : column.IsDictionaryEncoded ? NumberOfEntry(column, column.Codes[row]) : NumberOf(column.GetUtf8(row));
            _counts[number]++;
            _rows[row] = number;
        }

        return _rows.AsSpan(0, column.Length);
    }

    /// <summary>Counts missing texts among those of a text.</summary>
    /// <returns>The number of the text.</returns>
    public int Replace(string replacement)
    {
        if (!_numbers.TryGetValue(replacement, out var number)) number = AddText(replacement);
        (_counts[number], _counts[0]) = (_counts[number] + _counts[0], 0);
        return number;
    }

    private int NumberOfEntry(TextColumn column, int entry)
        => _entries[entry] >= 0 ? _entries[entry] : _entries[entry] = NumberOf(column.GetEntryUtf8(entry));

    private int NumberOf(ReadOnlySpan<byte> utf8)
    {
        if (_letters.Length < utf8.Length) _letters = new char[utf8.Length];
        var text = _letters.AsSpan(0, Encoding.UTF8.GetChars(utf8, _letters));
        return _lookup.TryGetValue(text, out var number) ? number : AddText(text.ToString());
    }

    private int AddText(string text)
    {
        var number = _texts.Count;
        _numbers.Add(text, number);
        _texts.Add(text);
        _counts.Add(0);
        return number;
    }
}
