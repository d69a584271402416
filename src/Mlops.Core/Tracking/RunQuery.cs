namespace Mlops.Tracking;

/// <summary>Which runs to find, in which order.</summary>
/// <param name="Experiment">The name of the experiment.</param>
public sealed record RunQuery(string Experiment)
{
    /// <summary>Gets the state that the runs must have; any when <see langword="null"/>.</summary>
    public RunStatus? Status { get; init; }

    /// <summary>Gets the metric to order by; runs that do not have it come last. When <see langword="null"/>, the latest runs come first.</summary>
    public string? OrderByMetric { get; init; }

    /// <summary>Gets which values of <see cref="OrderByMetric"/> come first.</summary>
    public MetricDirection Direction { get; init; }

    /// <summary>Gets the largest number of runs to find.</summary>
    /// <value>The default value is 1000.</value>
    public int MaxResults { get; init; } = 1000;
}
