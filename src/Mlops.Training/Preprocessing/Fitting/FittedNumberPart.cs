namespace Mlops.Training;

/// <summary>One operator on one column of numbers.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="First">The replacement, the offset, or the minimum.</param>
/// <param name="Second">The scale, or the maximum.</param>
internal readonly record struct FittedNumberPart(NumberOperation Kind, double First, double Second = 0);
