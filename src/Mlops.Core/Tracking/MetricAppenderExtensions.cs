using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Conveniences over <see cref="IMetricAppender"/>.</summary>
public static class MetricAppenderExtensions
{
    /// <summary>Appends one batch.</summary>
    /// <param name="appender">The appender.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the batch is durable.</returns>
    public static Task AppendAsync(this IMetricAppender appender, MetricBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(appender);
        return appender.AppendAsync([batch], cancellationToken);
    }

    /// <summary>Reads the whole series of a metric.</summary>
    /// <param name="appender">The appender.</param>
    /// <param name="runId">The run.</param>
    /// <param name="metric">The name of the metric.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The measurements, by step, then timestamp, then value; exact duplicates once.</returns>
    public static async IAsyncEnumerable<Metric> ReadAsync(
        this IMetricAppender appender, string runId, string metric, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(appender);
        var query = new MetricQuery(runId, metric);
        do
        {
            var page = await appender.ReadAsync(query, cancellationToken).ConfigureAwait(false);
            foreach (var point in page.Items) yield return point;
            query = query with { PageToken = page.NextPageToken };
        }
        while (query.PageToken is not null);
    }
}
