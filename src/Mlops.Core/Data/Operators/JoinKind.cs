namespace Mlops.Data;

/// <summary>What becomes of left rows that have no match on the right.</summary>
public enum JoinKind
{
    /// <summary>They are left out.</summary>
    Inner,

    /// <summary>They are kept; the right columns have no value there.</summary>
    Left,
}
