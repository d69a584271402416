using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>How data are compared chunk by chunk.</summary>
public sealed class DriftSeriesOptions
{
    internal static DatasetProfileOptions DefaultProfile { get; } = new() { QuantileK = 1024 };

    /// <summary>Gets how the current data are cut.</summary>
    /// <value>The default value is days, by the column with the role Time.</value>
    public Chunking Chunking { get; init; } = Chunking.ByTime(ChunkPeriod.Day);

    /// <summary>Gets what each chunk is compared with.</summary>
    /// <value>The default value is <see cref="DriftSeriesReference.Whole"/>.</value>
    public DriftSeriesReference Reference { get; init; } = DriftSeriesReference.Whole;

    /// <summary>Gets what is compared, and what is called drift; its significance gives way to <see cref="Budget"/> and <see cref="Spending"/>.</summary>
    /// <value>The default value has the defaults of <see cref="DriftReportOptions"/>.</value>
    public DriftReportOptions Report { get; init; } = new();

    /// <summary>Gets how many chunks may alarm without drift in which time; every chunk gets the same share of it.</summary>
    /// <value>The default value is <see langword="null"/>: every chunk has the significance of <see cref="Report"/>.</value>
    public FalseAlarmBudget? Budget { get; init; }

    /// <summary>Gets the time from one chunk to the next, which a <see cref="Budget"/> needs.</summary>
    /// <value>The default value is <see langword="null"/>: that of <see cref="Chunking"/> by time.</value>
    public TimeSpan? Interval { get; init; }

    /// <summary>Gets how chunks get their significance, in place of a <see cref="Budget"/>.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public AlphaSpending? Spending { get; init; }

    /// <summary>Gets where <see cref="Spending"/> has come to, when the series continues an earlier one (<see cref="DriftSeries.SpendingState"/>).</summary>
    /// <value>The default value is the start.</value>
    public AlphaSpendingState SpendingState { get; init; } = AlphaSpendingState.Start;

    /// <summary>Gets limits from chunks of the reference, which then decide in place of p-values.</summary>
    /// <value>The default value is <see langword="null"/>: p-values decide.</value>
    public ReferenceChunkOptions? ReferenceChunks { get; init; }

    /// <summary>Gets how exactly the rows of each chunk are described.</summary>
    /// <value>The default value has an accuracy of quantiles of 1024: ranks are off by at most 0.27 % of the rows, and a column of numbers takes up to 25 kB a chunk.</value>
    public DatasetProfileOptions Profile { get; init; } = DefaultProfile;

    internal DriftSeriesOptions Validate()
    {
        Require(Chunking, nameof(Chunking));
        Require(Reference, nameof(Reference));
        Require(Report, nameof(Report));
        Require(SpendingState, nameof(SpendingState));
        Require(Profile, nameof(Profile));
        _ = Report.Validate();
        return this;
    }

    private static void Require(object? value, string option, string parameter = "options")
    {
        if (value is null) throw new ArgumentException($"{option} is null; leave it out for the default.", parameter);
    }

    internal AlphaSpending GetSpending()
    {
        if (Spending is not null && Budget is not null)
            throw new ArgumentException($"Both {nameof(Budget)} and {nameof(Spending)} are given. Make the spending from the budget: AlphaSpending.Pocock(budget, interval).", "options");
        if (Spending is not null) return Spending;
        if (Budget is null) return AlphaSpending.Constant(Report.Significance);
        return AlphaSpending.Constant(Budget, Interval ?? Chunking.Interval
            ?? throw new ArgumentException($"A budget needs the time from one chunk to the next, and chunks {Chunking} do not tell it. Give {nameof(Interval)}.", "options"));
    }
}
