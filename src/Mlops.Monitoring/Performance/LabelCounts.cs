namespace Mlops.Monitoring;

/// <summary>How many labels came to a monitor since it was created, by what became of them.</summary>
/// <param name="Joined">Those that belong to a remembered prediction.</param>
/// <param name="Duplicate">Those whose prediction had a label already.</param>
/// <param name="Late">Those whose prediction had left the performance window.</param>
/// <param name="Unknown">Those of which no prediction is remembered.</param>
/// <param name="Invalid">Those that are not finite numbers.</param>
public readonly record struct LabelCounts(long Joined, long Duplicate, long Late, long Unknown, long Invalid);
