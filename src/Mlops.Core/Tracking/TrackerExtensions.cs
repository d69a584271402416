using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Conveniences over <see cref="ITracker"/>.</summary>
public static class TrackerExtensions
{
    private const int LongestError = 8000;
    private const string Name = "Mlops.Core";

    private static readonly string s_version = typeof(TrackerExtensions).Assembly.GetName().Version?.ToString(3) ?? "";
    private static readonly ActivitySource s_activities = new(Name, s_version);

    // The spans of runs that go on, for those of their parts.
    private static readonly ConditionalWeakTable<Run, Activity> s_spans = [];

    /// <summary>Starts a run, lets the body log to it, and completes it. An exception in the body ends the run as failed, with the error as a tag, and is rethrown.</summary>
    /// <remarks>
    /// Cancelled is only what <paramref name="cancellationToken"/> cancels: then the run ends as <see cref="RunStatus.Killed"/>. Another <see cref="OperationCanceledException"/>, of a time limit
    /// for instance, is a failure like others. A body that has succeeded without completing the run itself ends it as <see cref="RunStatus.Finished"/>, also when it was cancelled too late: completing is not cancelled.
    /// </remarks>
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
        return await RunAsync(tracker, experiment, null, body, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a run, lets a body that does not wait for anything log to it, and completes it, as <see cref="RunAsync(ITracker, string, Func{Run, Task}, StartRunOptions?, CancellationToken)"/> does.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="experiment">The name of the experiment, which is created when it does not exist.</param>
    /// <param name="body">What the run does.</param>
    /// <param name="options">What the run is given.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it was left.</returns>
    public static Task<RunSnapshot> RunAsync(this ITracker tracker, string experiment, Action<Run> body, StartRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return tracker.RunAsync(experiment, ToTask(body), options, cancellationToken);
    }

    /// <summary>Starts a run that is a part of another one, in the same experiment.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="parent">The run that it is a part of.</param>
    /// <param name="options">What the run is given; its <see cref="StartRunOptions.ParentRunId"/> and <see cref="StartRunOptions.ExperimentId"/> do not matter.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run; dispose it. It is independent of its parent otherwise: each ends by itself.</returns>
    public static async Task<Run> StartChildRunAsync(this ITracker tracker, Run parent, StartRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var experiment = await FindExperimentAsync(tracker, parent, cancellationToken).ConfigureAwait(false);
        return await tracker.StartRunAsync(experiment, PartOf(parent, options), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a run that is a part of another one, lets the body log to it, and completes it, as <see cref="RunAsync(ITracker, string, Func{Run, Task}, StartRunOptions?, CancellationToken)"/> does.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="parent">The run that it is a part of.</param>
    /// <param name="body">What the run does.</param>
    /// <param name="options">What the run is given; its <see cref="StartRunOptions.ParentRunId"/> and <see cref="StartRunOptions.ExperimentId"/> do not matter.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it was left.</returns>
    public static async Task<RunSnapshot> RunAsync(this ITracker tracker, Run parent, Func<Run, Task> body, StartRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        var experiment = await FindExperimentAsync(tracker, parent, cancellationToken).ConfigureAwait(false);
        return await RunAsync(tracker, experiment, parent, body, PartOf(parent, options), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a run that is a part of another one, lets a body that does not wait for anything log to it, and completes it, as <see cref="RunAsync(ITracker, Run, Func{Run, Task}, StartRunOptions?, CancellationToken)"/> does.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="parent">The run that it is a part of.</param>
    /// <param name="body">What the run does.</param>
    /// <param name="options">What the run is given; its <see cref="StartRunOptions.ParentRunId"/> and <see cref="StartRunOptions.ExperimentId"/> do not matter.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it was left.</returns>
    public static Task<RunSnapshot> RunAsync(this ITracker tracker, Run parent, Action<Run> body, StartRunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(body);
        return tracker.RunAsync(parent, ToTask(body), options, cancellationToken);
    }

    /// <summary>Reads a run.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The run as it is now.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    public static async Task<RunSnapshot> GetRunAsync(this ITracker tracker, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return await tracker.Runs.FindRunAsync(runId, cancellationToken).ConfigureAwait(false)
            ?? throw new EntityNotFoundException("run", runId, $"There is no run '{runId}' in this store; check the identifier and the store.");
    }

    /// <summary>Reads the whole series of a metric.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="runId">The run.</param>
    /// <param name="metric">The name of the metric.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The measurements, by step, then timestamp, then value.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    public static async IAsyncEnumerable<Metric> GetMetricHistoryAsync(
        this ITracker tracker, string runId, string metric, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(metric);
        await tracker.GetRunAsync(runId, cancellationToken).ConfigureAwait(false);
        await foreach (var point in tracker.Metrics.ReadAsync(runId, metric, cancellationToken).ConfigureAwait(false)) yield return point;
    }

    /// <summary>Finds runs, reading page after page as they are asked for.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="query">Which runs, in which order; its <see cref="RunQuery.MaxResults"/> is the size of the pages.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The runs as they are when their page is read.</returns>
    /// <exception cref="EntityNotFoundException">There is no experiment of a name in the query.</exception>
    public static async IAsyncEnumerable<RunSnapshot> SearchRunsAsync(this ITracker tracker, RunQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        ArgumentNullException.ThrowIfNull(query);
        while (true)
        {
            var page = await tracker.Runs.SearchRunsAsync(query, cancellationToken).ConfigureAwait(false);
            foreach (var run in page.Items) yield return run;
            if (page.NextPageToken is null) yield break;
            query = query with { PageToken = page.NextPageToken };
        }
    }

    /// <summary>Finds the run with the best latest value of a metric.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="experiment">The name of the experiment.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="direction">Which values are better.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>
    /// The best finished run, or <see langword="null"/> when none has the metric as a number: NaN is none, infinities are the largest and the smallest. Of equal runs the one that started last.
    /// </returns>
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
        var best = (await tracker.Runs.SearchRunsAsync(query, cancellationToken).ConfigureAwait(false)).Items;
        // NaN comes behind all numbers, and what has no such metric behind that.
        return best.Count > 0 && best[0].Metrics.TryGetValue(metric, out var latest) && !double.IsNaN(latest.Value) ? best[0] : null;
    }

    /// <summary>Deletes a run; it can be restored.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the run is deleted.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    public static Task DeleteRunAsync(this ITracker tracker, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        return tracker.Runs.SetRunStageAsync(runId, LifecycleStage.Deleted, cancellationToken);
    }

    /// <summary>Restores a run that was deleted.</summary>
    /// <param name="tracker">The tracker.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when the run is in use again.</returns>
    /// <exception cref="EntityNotFoundException">There is no such run.</exception>
    public static Task RestoreRunAsync(this ITracker tracker, string runId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        return tracker.Runs.SetRunStageAsync(runId, LifecycleStage.Active, cancellationToken);
    }

    private static Func<Run, Task> ToTask(Action<Run> body) => run =>
    {
        body(run);
        return Task.CompletedTask;
    };

    private static StartRunOptions PartOf(Run parent, StartRunOptions? options) => (options ?? new StartRunOptions()) with { ParentRunId = parent.Id, ExperimentId = parent.ExperimentId };

    // For the name of the span; the run is started by the identifier.
    private static async Task<string> FindExperimentAsync(ITracker tracker, Run parent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        ArgumentNullException.ThrowIfNull(parent);
        var experiment = await tracker.Experiments.FindExperimentByIdAsync(parent.ExperimentId, cancellationToken).ConfigureAwait(false)
            ?? throw new EntityNotFoundException("experiment", parent.ExperimentId, $"There is no experiment with the identifier '{parent.ExperimentId}'; the run belongs to another store.");
        return experiment.Name;
    }

    private static async Task<RunSnapshot> RunAsync(ITracker tracker, string experiment, Run? parent, Func<Run, Task> body, StartRunOptions? options, CancellationToken cancellationToken)
    {
        using var activity = StartSpan(parent);
        var run = await tracker.StartRunAsync(experiment, options, cancellationToken).ConfigureAwait(false);
        if (activity is not null)
        {
            // Only now: a name that is refused, perhaps because it holds a secret, goes to nobody.
            activity.DisplayName = $"train {experiment}";
            activity.SetTag("mlops.run.id", run.Id);
            s_spans.Add(run, activity);
        }

        return await RunAsync(run, body, activity, cancellationToken).ConfigureAwait(false);
    }

    // What is going on is the parent, as for every span; where that is not the span of the parent run, the two are linked.
    private static Activity? StartSpan(Run? parent)
    {
        var ofParent = parent is not null && s_spans.TryGetValue(parent, out var span) ? span.Context : default;
        ActivityLink[]? links = ofParent != default && Activity.Current is { } current && current.Context.SpanId != ofParent.SpanId ? [new ActivityLink(ofParent)] : null;
        var activity = s_activities.StartActivity("train", ActivityKind.Internal, Activity.Current is null ? ofParent : default, links: links);
        if (parent is not null) activity?.SetTag("mlops.run.parent.id", parent.Id);
        return activity;
    }

    private static async Task<RunSnapshot> RunAsync(Run run, Func<Run, Task> body, Activity? activity, CancellationToken cancellationToken)
    {
        await using (run.ConfigureAwait(false))
        {
            try
            {
                await body(run).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // A time limit of the body's own is a failure.
                var isCancelled = error is OperationCanceledException && cancellationToken.IsCancellationRequested;
                if (!isCancelled) activity?.SetTag("error.type", error.GetType().FullName).SetStatus(ActivityStatusCode.Error);
                await EndAsync(run, error, isCancelled ? RunStatus.Killed : RunStatus.Failed).ConfigureAwait(false);
                throw;
            }

            // What has succeeded has finished, also when it was cancelled too late; a body may have said itself how its run ended.
            return run.CompletedSnapshot ?? await run.CompleteAsync(RunStatus.Finished, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // What goes wrong here is logged by the tracker; the caller is told what went wrong first.
    private static async Task EndAsync(Run run, Exception error, RunStatus status)
    {
        try
        {
            run.SetTag(RunTags.Error, Describe(error));
        }
        catch (Exception refused) when (refused is MlopsException or ArgumentException)
        {
            // As below; how the run ended is worth more than why.
        }

        try
        {
            await run.CompleteAsync(status, CancellationToken.None).ConfigureAwait(false);
        }
        catch (MlopsException)
        {
            // The body may have completed the run itself, or the store may have been what failed.
        }
    }

    // A message may hold anything; a tag may not.
    private static string Describe(Exception error)
    {
        var text = $"{error.GetType().Name}: {error.Message}".Replace('\0', ' ');
        if (text.Length > LongestError)
        {
            // Between words, so that a part of a secret is not left that is too short to be known as one.
            var space = text.LastIndexOf(' ', LongestError - 1, LongestError / 8);
            text = text[..(space > 0 ? space : char.IsHighSurrogate(text[LongestError - 1]) ? LongestError - 1 : LongestError)];
        }

        return string.Concat(text.EnumerateRunes().Select(rune => rune.ToString()));
    }
}
