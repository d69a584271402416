using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Whether the share of missing values has changed.</summary>
/// <remarks>
/// Statistic χ² of the 2 × 2 table of present and missing rows; the effect is the difference of the two shares, 0..1. Counts are of rows. Its p-value and interval are those of <see cref="ChiSquared"/> with two categories. Thread-safe: stateless.
/// </remarks>
public sealed class MissingValues : IProfileDriftTest
{
    private static readonly ChiSquared s_chiSquared = new();

    /// <inheritdoc/>
    public string Name => "missing-values";

    /// <inheritdoc/>
    public double DefaultMinimumEffect => 0.05;

    /// <inheritdoc/>
    public DriftResult Test(ColumnProfile reference, ColumnProfile current, DriftTestOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        return Test(new MissingCounts(reference.RowCount, reference.MissingCount, current.RowCount, current.MissingCount), options);
    }

    internal DriftResult Test(MissingCounts counts, DriftTestOptions? options)
    {
        options ??= DriftTestOptions.Default;
        return s_chiSquared.Test(
            [counts.ReferencePresent, counts.ReferenceMissing],
            [counts.CurrentPresent, counts.CurrentMissing],
            new DriftTestOptions
            {
                Significance = options.Significance,
                MinimumEffect = options.MinimumEffect ?? DefaultMinimumEffect,
                MinimumCount = options.MinimumCount,
                ConfidenceLevel = options.ConfidenceLevel,
            }) with { Test = Name };
    }
}
