namespace Mlops.Tracking;

/// <summary>Conveniences over <see cref="ITracker"/>.</summary>
public static class TrackerExtensions
{
    /// <summary>Starts a run, lets the body log to it, and completes it. An exception in the body ends the run as failed, with the error as a tag, and is rethrown.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="experiment">The name of the experiment, which is created when it does not exist.</param>
    /// <param name="body">What the run does.</param>
    /// <param name="options">What the run is given.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it was left.</returns>
    public static async Task<RunSnapshot> RunAsync(this ITracker tracker, string experiment, Func<Run, Task> body, StartRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        ArgumentNullException.ThrowIfNull(body);
        var run = await tracker.StartRunAsync(experiment, options, cancellationToken).ConfigureAwait(false);
        await using (run.ConfigureAwait(false))
        {
            try
            {
                await body(run).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                run.SetTag(RunTags.Error, $"{error.GetType().Name}: {error.Message}");
                await run.CompleteAsync(error is OperationCanceledException ? RunStatus.Killed : RunStatus.Failed, CancellationToken.None).ConfigureAwait(false);
                throw;
            }

            return await run.CompleteAsync(RunStatus.Finished, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Finds the run with the best latest value of a metric.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="experiment">The name of the experiment.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="direction">Which values are better.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The best finished run, or <see langword="null"/> when none has the metric.</returns>
    public static async Task<RunSnapshot?> BestRunAsync(this ITracker tracker, string experiment, string metric, MetricDirection direction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        var finished = new SearchCondition(new SearchField(SearchEntity.Attribute, "status"), SearchOperator.Equal, SearchValue.Of("FINISHED"));
        var query = new RunQuery(experiment)
        {
            Filter = new SearchFilter([finished]),
            OrderBy = [new SearchOrder(new SearchField(SearchEntity.Metric, metric), direction == MetricDirection.Maximize)],
            MaxResults = 1,
        };
        await foreach (var run in tracker.SearchRunsAsync(query, cancellationToken).ConfigureAwait(false))
            return run.Metrics.ContainsKey(metric) ? run : null;
        return null;
    }
}
