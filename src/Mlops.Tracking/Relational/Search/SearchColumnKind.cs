namespace Mlops.Tracking;

/// <summary>What the values of a column are that searches order by.</summary>
internal enum SearchColumnKind
{
    /// <summary>Whole numbers and times.</summary>
    Whole,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Texts.</summary>
    Text,
}
