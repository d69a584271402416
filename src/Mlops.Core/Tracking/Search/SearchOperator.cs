namespace Mlops.Tracking;

/// <summary>How a field is compared with a value. A field that is absent never matches, not even <see cref="NotEqual"/>.</summary>
public enum SearchOperator
{
    /// <summary><c>=</c></summary>
    Equal,

    /// <summary><c>!=</c></summary>
    NotEqual,

    /// <summary><c>&lt;</c>, for numbers and times.</summary>
    Less,

    /// <summary><c>&lt;=</c>, for numbers and times.</summary>
    LessOrEqual,

    /// <summary><c>&gt;</c>, for numbers and times.</summary>
    Greater,

    /// <summary><c>&gt;=</c>, for numbers and times.</summary>
    GreaterOrEqual,

    /// <summary><c>LIKE</c>, for texts: <c>%</c> stands for any characters, <c>_</c> for one; case matters.</summary>
    Like,

    /// <summary><c>ILIKE</c>, for texts: as <see cref="Like"/>, case does not matter for the letters A to Z.</summary>
    ILike,

    /// <summary><c>IN</c>, for texts: one of a list.</summary>
    In,

    /// <summary><c>NOT IN</c>, for texts: none of a list.</summary>
    NotIn,
}
