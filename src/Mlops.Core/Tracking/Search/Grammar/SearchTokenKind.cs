namespace Mlops.Tracking;

/// <summary>What a part of a filter is.</summary>
internal enum SearchTokenKind
{
    /// <summary>Nothing follows.</summary>
    End,

    /// <summary>Letters, digits, <c>_</c>, <c>$</c> and dots: a field or a keyword.</summary>
    Word,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A text in single quotes.</summary>
    SingleQuoted,

    /// <summary>A text in double quotes.</summary>
    DoubleQuoted,

    /// <summary>A key in backticks.</summary>
    Backticked,

    /// <summary>Signs of a comparison.</summary>
    Comparison,

    /// <summary><c>(</c></summary>
    Open,

    /// <summary><c>)</c></summary>
    Close,

    /// <summary><c>,</c></summary>
    Comma,

    /// <summary>A character that the grammar does not know.</summary>
    Other,
}
