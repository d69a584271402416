namespace Mlops.Tracking;

/// <summary>Which part of the series of a metric to read.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Metric">The name of the metric.</param>
public sealed record MetricQuery(string RunId, string Metric)
{
    /// <summary>Gets the first step to read; <see langword="null"/> for no bound.</summary>
    public long? FromStep { get; init; }

    /// <summary>Gets the last step to read, included; <see langword="null"/> for no bound.</summary>
    public long? ToStep { get; init; }

    /// <summary>Gets the largest number of measurements of a page, ≥ 1.</summary>
    /// <value>The default value is 25,000.</value>
    public int MaxResults { get; init; } = 25_000;

    /// <summary>Gets where to go on: the token of the page before; <see langword="null"/> for the first page.</summary>
    public string? PageToken { get; init; }
}
