namespace Mlops.Tracking;

/// <summary>How a field may be compared, and with what.</summary>
internal enum SearchFieldKind
{
    /// <summary>Numbers and times: <c>= != &lt; &lt;= &gt; &gt;=</c> and a number.</summary>
    Number,

    /// <summary>Texts: <c>= != LIKE ILIKE</c> and a text.</summary>
    Text,

    /// <summary>Texts that also take <c>IN</c> and <c>NOT IN</c> with a list.</summary>
    ListedText,

    /// <summary>What is ordered by only.</summary>
    OrderOnly,
}
