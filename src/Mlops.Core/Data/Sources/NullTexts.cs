using System.Text;

namespace Mlops.Data;

/// <summary>The texts that mean that a value is missing; the empty one always does.</summary>
internal sealed class NullTexts
{
    private readonly byte[][] _texts;
    private readonly ulong _lengths;

    public NullTexts(IEnumerable<string> texts)
    {
        _texts = [.. texts.Select(Encoding.UTF8.GetBytes)];
        // Most fields are of another length than every such text.
        foreach (var text in _texts) _lengths |= 1UL << Math.Min(text.Length, 63);
    }

    public bool Contains(ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty) return true;
        if ((_lengths >> Math.Min(field.Length, 63) & 1) == 0) return false;
        foreach (var text in _texts)
        {
            if (field.SequenceEqual(text)) return true;
        }

        return false;
    }

    /// <summary>Tells whether one of the texts would be read as a value, so that fields must be compared before they are parsed.</summary>
    public bool AreReadAs(ColumnSchema column)
    {
        var appender = ColumnAppender.Create(column, 1, new TextBudget());
        return Array.Exists(_texts, text => appender.TryAppendText(text));
    }
}
