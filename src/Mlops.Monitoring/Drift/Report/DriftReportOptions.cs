using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>What a drift report compares, and what it calls drift.</summary>
public sealed class DriftReportOptions
{
    private double _significance = 0.05;
    private IReadOnlyDictionary<string, IDriftTest> _tests = new Dictionary<string, IDriftTest>();

    /// <summary>Gets the significance of the whole report, 0..1: with the default correction, the probability of any false alarm in it without drift.</summary>
    /// <value>The default value is 0.05.</value>
    public double Significance { get => _significance; init => _significance = value; }

    /// <summary>Gets how the p-values are corrected for the number of tests.</summary>
    /// <value>The default value is <see cref="Correction.Holm"/>.</value>
    public Correction Correction { get; init; } = Correction.Holm;

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

    /// <summary>Gets the tests of columns by name, before any other choice. A column that is named here is compared whatever its role and type are: a label, a prediction, a date.</summary>
    /// <remarks>A result without a p-value or without an effect keeps the verdict that the test gave it; all others are decided by the corrected p-value and the minimum effect.</remarks>
    /// <value>The default value is empty.</value>
    public IReadOnlyDictionary<string, IDriftTest> Tests { get => _tests; init => _tests = value; }

    /// <summary>Gets how the test of a column is chosen, by its schema in the reference; <see langword="null"/> as a result leaves the choice to the data.</summary>
    /// <value>The default value is <see langword="null"/>: all tests are chosen by the data, as <c>docs/drift.md</c> tabulates.</value>
    public Func<ColumnSchema, IDriftTest?>? ChooseTest { get; init; }

    /// <summary>Gets the tests that compare all numeric features together, a row at a time; they need the values, so profiles cannot tell.</summary>
    /// <remarks>A row with a missing value is left out; a column without any value on a side is left out instead, and the reason names it.</remarks>
    /// <value>The default value is empty. <see cref="DomainClassifierDrift"/> is a good one.</value>
    public IReadOnlyList<IRowDriftTest> RowTests { get; init; } = [];

    /// <summary>Gets the largest number of bytes of values, of both datasets together, that are held in memory; beyond it, they are compared by their profiles. A dataset that is in memory already is limited column by column.</summary>
    /// <value>The default value is 1 GiB.</value>
    public long MaximumSampleBytes { get; init; } = 1L << 30;

    /// <summary>Gets the number of columns that are compared at the same time, ≥ 1.</summary>
    /// <value>The default value is the number of processors.</value>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Gets whether findings carry the distributions of both sides, for the HTML report.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool IncludesDistributions { get; init; } = true;

    /// <summary>Makes the same options with another significance, as a budget of false alarms gives it to each evaluation.</summary>
    internal DriftReportOptions WithSignificance(double significance)
    {
        var options = (DriftReportOptions)MemberwiseClone();
        options._significance = significance;
        return options;
    }

    /// <summary>Makes the same options with other tests of columns, so that many reports are by the same ones.</summary>
    internal DriftReportOptions WithTests(IReadOnlyDictionary<string, IDriftTest> tests)
    {
        var options = (DriftReportOptions)MemberwiseClone();
        options._tests = tests;
        return options;
    }

    internal DriftReportOptions Validate()
    {
        _ = ToTestOptions(Significance);
        if (!Enum.IsDefined(Correction)) throw DriftTestOptions.OutOfRange(nameof(Correction), Correction, $"is one of {string.Join(", ", Enum.GetNames<Correction>())}");
        if (MaximumSampleBytes < 0) throw DriftTestOptions.OutOfRange(nameof(MaximumSampleBytes), MaximumSampleBytes, "is at least 0");
        if (Parallelism < 1) throw DriftTestOptions.OutOfRange(nameof(Parallelism), Parallelism, "is at least 1");
        if (ExcludedColumns is null) throw Refuse($"{nameof(ExcludedColumns)} is null; leave it empty for none.");
        if (ExcludedColumns.Any(name => name is null)) throw Refuse($"{nameof(ExcludedColumns)} holds a name that is null.");
        if (Tests is null) throw Refuse($"{nameof(Tests)} is null; leave it empty for none.");
        if (Tests.FirstOrDefault(pair => pair.Value is null).Key is { } untested) throw Refuse($"{nameof(Tests)} has no test for '{untested}'. Give it one, or leave the name out.");
        if (RowTests is null) throw Refuse($"{nameof(RowTests)} is null; leave it empty for none.");
        if (RowTests.Any(test => test is null)) throw Refuse($"{nameof(RowTests)} holds a test that is null.");
        if (Tests.Keys.FirstOrDefault(ExcludedColumns.Contains) is { } both) throw Refuse($"'{both}' has a test in {nameof(Tests)} and is left out by {nameof(ExcludedColumns)}. Remove it from one of them.");
        return this;
    }

    private static ArgumentException Refuse(string message, string parameter = "options") => new(message, parameter);

    /// <summary>Gets the significance that is left to one of several tests, so that what is significant by it is so after the correction too.</summary>
    internal double GetSignificance(int tests) => Correction switch
    {
        Correction.None => Significance,
        Correction.BenjaminiYekutieli => Significance / Math.Max(1, tests) / Enumerable.Range(1, Math.Max(1, tests)).Sum(rank => 1.0 / rank),
        _ => Significance / Math.Max(1, tests),
    };

    internal DriftTestOptions ToTestOptions(double significance)
        => new DriftTestOptions { Significance = significance, MinimumEffect = MinimumEffect, MinimumCount = MinimumCount }.Validate();
}
