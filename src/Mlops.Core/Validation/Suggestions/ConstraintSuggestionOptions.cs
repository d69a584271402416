namespace Mlops.Validation;

/// <summary>How constraints are suggested.</summary>
public sealed class ConstraintSuggestionOptions
{
    /// <summary>Gets the seed by which rows are put into two halves; the same seed gives the same halves for the same rows, whatever the batches.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <summary>Gets the number of values of the first half below which nothing is suggested for a column, 10 or more. Figures of all values (mean, quantiles) need four times as many.</summary>
    /// <value>The default value is 50.</value>
    public int MinimumRows { get; init; } = 50;

    /// <summary>Gets whether suggestions that did not hold on the second half are returned too.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IncludeViolated { get; init; }

    /// <summary>Gets the largest number of different values for which a set is suggested; for whole numbers a tenth of it.</summary>
    /// <value>The default value is 100.</value>
    public int MaxSetSize { get; init; } = 100;

    /// <summary>Gets by how much of the observed spread (largest minus smallest value) a range is widened on either side at least, 0 or more.</summary>
    /// <value>The default value is 0.1: a tenth of the spread. Where the largest values lie far apart, it is widened further.</value>
    public double RangeMarginRatio { get; init; } = 0.1;

    /// <summary>Gets the largest number of pairs of columns that are compared, those that stand next to each other first; 0 for none.</summary>
    /// <value>The default value is 5,000: all pairs of 100 columns.</value>
    public int MaxComparedPairs { get; init; } = 5_000;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumRows, 10, nameof(MinimumRows));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxSetSize, nameof(MaxSetSize));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxComparedPairs, nameof(MaxComparedPairs));
        if (!(RangeMarginRatio >= 0) || double.IsInfinity(RangeMarginRatio)) throw new ArgumentOutOfRangeException(nameof(RangeMarginRatio), RangeMarginRatio, "The margin is a finite number, 0 or more.");
    }
}
