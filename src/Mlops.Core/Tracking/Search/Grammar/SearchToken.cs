namespace Mlops.Tracking;

/// <summary>A word, number, text or sign of a filter.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The characters; of a quoted text, what stands between the quotes.</param>
/// <param name="Position">Where it begins.</param>
/// <param name="End">Where it has ended.</param>
internal readonly record struct SearchToken(SearchTokenKind Kind, string Text, int Position, int End)
{
    /// <summary>Tells whether it is a keyword, in any case.</summary>
    public bool Is(string keyword) => Kind == SearchTokenKind.Word && Text.Equals(keyword, StringComparison.OrdinalIgnoreCase);

    /// <summary>Names it for a message, cut where it is long.</summary>
    public string Describe()
    {
        const int Shown = 40;
        if (Kind == SearchTokenKind.End) return "the end";
        var text = Text.Length <= Shown ? Text : Text[..Shown] + "…";
        return Kind switch
        {
            SearchTokenKind.SingleQuoted => $"'{text}'",
            SearchTokenKind.DoubleQuoted => $"\"{text}\"",
            SearchTokenKind.Backticked => $"`{text}`",
            _ => $"'{text}'",
        };
    }
}
