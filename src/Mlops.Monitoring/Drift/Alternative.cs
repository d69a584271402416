namespace Mlops.Monitoring;

/// <summary>Which differences a two-sample test looks for.</summary>
public enum Alternative
{
    /// <summary>Any difference.</summary>
    TwoSided,

    /// <summary>The reference is less: its values tend to be smaller, or, where a test compares cumulative distributions, its distribution lies below the current one.</summary>
    Less,

    /// <summary>The reference is greater: its values tend to be larger, or, where a test compares cumulative distributions, its distribution lies above the current one.</summary>
    Greater,
}
