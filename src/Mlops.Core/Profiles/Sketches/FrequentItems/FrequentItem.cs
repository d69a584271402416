namespace Mlops.Profiles;

/// <summary>A value that a <see cref="FrequentItemsSketch"/> has seen often.</summary>
/// <param name="Value">The value.</param>
/// <param name="Estimate">The estimated number of times: the upper bound.</param>
/// <param name="LowerBound">A number of times that it was certainly seen.</param>
/// <param name="UpperBound">A number of times that it was certainly not exceeded.</param>
public readonly record struct FrequentItem(string Value, long Estimate, long LowerBound, long UpperBound);
