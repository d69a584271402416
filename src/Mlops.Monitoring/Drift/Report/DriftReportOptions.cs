using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What a drift report compares, and what it calls drift.</summary>
public sealed class DriftReportOptions
{
    private double _significance = 0.05;

    /// <summary>Gets the probability of any false alarm in the whole report without drift, 0..1.</summary>
    /// <value>The default value is 0.05.</value>
    public double Significance { get => _significance; init => _significance = value; }

    /// <summary>Gets the smallest effect that counts, on the scale of each test.</summary>
    /// <value>The default value is <see langword="null"/>: what each test calls small, <see cref="IDriftTest.DefaultMinimumEffect"/>.</value>
    public double? MinimumEffect { get; init; }

    /// <summary>Gets the number of values, present ones, that a column must have on both sides.</summary>
    /// <value>The default value is 20.</value>
    public int MinimumCount { get; init; } = 20;

    /// <summary>Gets the columns to leave out.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyCollection<string> ExcludedColumns { get; init; } = [];

    /// <summary>Gets whether a changed share of missing values is looked for too.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool TestsMissingValues { get; init; } = true;

    /// <summary>Gets how the test of a column is chosen, by its reference profile; <see langword="null"/> as a result leaves the column out.</summary>
    /// <value>The default value chooses Kolmogorov–Smirnov for numbers and chi-squared for texts and booleans.</value>
    public Func<ColumnProfile, IProfileDriftTest?> ChooseTest { get; init; } = DriftReport.ChooseTest;

    /// <summary>Makes the same options with another significance, as a budget of false alarms gives it to each evaluation.</summary>
    internal DriftReportOptions WithSignificance(double significance)
    {
        var options = (DriftReportOptions)MemberwiseClone();
        options._significance = significance;
        return options;
    }

    internal DriftTestOptions ToTestOptions()
        => new DriftTestOptions { Significance = Significance, MinimumEffect = MinimumEffect, MinimumCount = MinimumCount }.Validate();
}
