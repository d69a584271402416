namespace Mlops.Validation;

/// <summary>What a history holds at one moment.</summary>
/// <param name="Name">The name of the history.</param>
/// <param name="Series">The values of each metric by time, ordered by the names of the metrics; none is empty.</param>
/// <param name="LatestAt">When the newest run was.</param>
internal sealed record MetricSnapshot(string Name, IReadOnlyList<KeyValuePair<string, IReadOnlyList<MetricPoint>>> Series, DateTimeOffset? LatestAt);
