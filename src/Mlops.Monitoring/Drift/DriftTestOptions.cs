namespace Mlops.Monitoring;

/// <summary>What a drift test calls drift.</summary>
public sealed class DriftTestOptions
{
    internal static DriftTestOptions Default { get; } = new();

    /// <summary>Gets the false-alarm rate of one test without drift, 0..1.</summary>
    /// <value>The default value is 0.05.</value>
    public double Significance { get; init; } = 0.05;

    /// <summary>Gets the smallest effect that counts, ≥ 0 and finite, on the test's scale; with many values, a difference can be certain and still not matter.</summary>
    /// <value>The default value is <see langword="null"/>: <see cref="IDriftTest.DefaultMinimumEffect"/> of the test.</value>
    public double? MinimumEffect { get; init; }

    /// <summary>Gets the number of values, present ones, that each sample must have.</summary>
    /// <value>The default value is 20.</value>
    public int MinimumCount { get; init; } = 20;

    /// <summary>Gets the probability with which the interval of the effect holds the true one, above 0 and below 1.</summary>
    /// <value>The default value is 0.95.</value>
    public double ConfidenceLevel { get; init; } = 0.95;

    internal DriftTestOptions Validate()
    {
        if (!(Significance is > 0 and < 1)) throw OutOfRange(nameof(Significance), Significance, "lies between 0 and 1");
        if (MinimumEffect is { } effect && !(effect >= 0 && double.IsFinite(effect))) throw OutOfRange(nameof(MinimumEffect), MinimumEffect, "is at least 0 and finite");
        if (MinimumCount < 1) throw OutOfRange(nameof(MinimumCount), MinimumCount, "is at least 1");
        if (!(ConfidenceLevel is > 0 and < 1)) throw OutOfRange(nameof(ConfidenceLevel), ConfidenceLevel, "lies between 0 and 1");
        return this;
    }

    /// <summary>Names the option; the parameter by which methods take it is called <c>options</c>.</summary>
    internal static ArgumentOutOfRangeException OutOfRange(string option, object? value, string rule, string parameter = "options") => new(parameter, value, $"{option} {rule}.");
}
