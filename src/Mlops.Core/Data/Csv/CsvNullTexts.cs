using System.Text;

namespace Mlops.Data;

/// <summary>The texts that mean that a value is missing.</summary>
internal sealed class CsvNullTexts(IEnumerable<string> texts)
{
    private readonly byte[][] _texts = [.. texts.Select(Encoding.UTF8.GetBytes)];

    public bool Contains(ReadOnlySpan<byte> field)
    {
        if (field.IsEmpty) return true;
        foreach (var text in _texts)
        {
            if (field.SequenceEqual(text)) return true;
        }

        return false;
    }
}
