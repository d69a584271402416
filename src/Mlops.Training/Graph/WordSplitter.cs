namespace Mlops.Training;

/// <summary>The words of a text, one after another: longest runs of ASCII letters, ASCII digits and characters beyond ASCII.</summary>
internal ref struct WordSplitter(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    public ReadOnlySpan<char> Current { get; private set; }

    public readonly WordSplitter GetEnumerator() => this;

    public bool MoveNext()
    {
        var start = 0;
        while (start < _rest.Length && !IsWord(_rest[start])) start++;
        var end = start;
        while (end < _rest.Length && IsWord(_rest[end])) end++;
        Current = _rest[start..end];
        _rest = _rest[end..];
        return end > start;
    }

    private static bool IsWord(char letter) => letter >= 0x80 || char.IsAsciiLetterOrDigit(letter);
}
