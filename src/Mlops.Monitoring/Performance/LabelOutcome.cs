namespace Mlops.Monitoring;

/// <summary>What became of a label.</summary>
public enum LabelOutcome
{
    /// <summary>It belongs to a prediction that is remembered, and counts.</summary>
    Joined,

    /// <summary>Its prediction had a label already; the first one stays.</summary>
    Duplicate,

    /// <summary>It came after its prediction had left the performance window, so it cannot count any more.</summary>
    Late,

    /// <summary>No prediction of that identifier is remembered.</summary>
    Unknown,

    /// <summary>It is not a finite number.</summary>
    Invalid,
}
