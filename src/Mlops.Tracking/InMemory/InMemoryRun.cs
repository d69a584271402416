namespace Mlops.Tracking;

/// <summary>A run in memory, with its lease and its series. Guarded by the lock of its store.</summary>
internal sealed class InMemoryRun(RunSnapshot run, RunLease? lease, DateTimeOffset leaseEnd)
{
    // Of each writer, of metrics as of changes, the number of what it wrote last.
    private readonly Dictionary<string, long> _writers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<Metric>> _series = new(StringComparer.Ordinal);

    public RunSnapshot Run { get; private set; } = run;

    /// <summary>Gets which process holds the run; <see langword="null"/> when none does.</summary>
    public RunOwner? Owner { get; private set; } = lease?.Owner;

    /// <summary>Gets which handle the run belongs to.</summary>
    public string Holder { get; private set; } = lease?.Holder ?? "";

    /// <summary>Gets or sets until when that process holds the run.</summary>
    public DateTimeOffset LeaseEnd { get; set; } = leaseEnd;

    public bool Holds(string writer, long sequence) => sequence <= _writers.GetValueOrDefault(writer);

    public SortedSet<Metric>? FindSeries(string metric) => _series.GetValueOrDefault(metric);

    public void Change(RunChanges changes)
    {
        var (parameters, tags, inputs) = (Copy(Run.Params), Copy(Run.Tags), new List<DatasetInput>(Run.Inputs));
        // How the process really ended the run replaces the end that was put in its place, and the reason of that.
        if (Run.Status == RunStatus.Killed && changes.End is not null && tags.TryGetValue(RunTags.Error, out var reason) && reason.StartsWith(RunRules.LossPrefix, StringComparison.Ordinal)) tags.Remove(RunTags.Error);
        foreach (var param in changes.Params) parameters[param.Name] = param.Value;
        foreach (var name in changes.RemovedTags) tags.Remove(name);
        foreach (var (name, value) in changes.Tags) tags[name] = value;
        foreach (var input in changes.Inputs)
        {
            if (!inputs.Exists(known => RunRules.IsSame(known, input))) inputs.Add(input);
        }

        Run = Run with { Name = changes.Name ?? Run.Name, Params = parameters.SortByName(), Tags = tags.SortByName(), Inputs = inputs };
        if (changes.Origin is { } origin) _writers[origin.WriterId] = origin.Sequence;
        if (changes.End is { } end) End(end);
    }

    public void Append(MetricBatch batch)
    {
        var latest = new Dictionary<string, Metric>(Run.Metrics, StringComparer.Ordinal);
        foreach (var metric in batch.Metrics.Span)
        {
            var point = metric with { Timestamp = StoredTime.Cut(metric.Timestamp) };
            if (!_series.TryGetValue(point.Name, out var series)) _series[point.Name] = series = new SortedSet<Metric>(MetricOrder.Instance);
            series.Add(point);
            latest[point.Name] = series.Max;
        }

        _writers[batch.WriterId] = batch.Sequence;
        Run = Run with { Metrics = latest.SortByName() };
    }

    public void End(RunEnd end)
    {
        Run = Run with { Status = end.Status, EndTime = StoredTime.Cut(end.Time) };
        Owner = null;
    }

    /// <summary>Ends the run because its process is gone, or does not renew its lease.</summary>
    public void Abandon(DateTimeOffset now)
    {
        var reason = RunRules.DescribeLoss(Owner!, LeaseEnd < now ? LeaseEnd : null);
        End(new RunEnd(RunStatus.Killed, now));
        // What the process has said itself before it was gone stays.
        if (!Run.Tags.ContainsKey(RunTags.Error)) Run = Run with { Tags = Run.Tags.Append(KeyValuePair.Create(RunTags.Error, reason)).SortByName() };
    }

    public void Resume(RunLease lease, DateTimeOffset leaseEnd)
    {
        Run = Run with { Status = RunStatus.Running, EndTime = null, Tags = Run.Tags.Where(tag => tag.Key != RunTags.Error).SortByName() };
        (Owner, Holder, LeaseEnd) = (lease.Owner, lease.Holder, leaseEnd);
    }

    public void SetStage(LifecycleStage stage) => Run = Run with { Stage = stage };

    public static Dictionary<string, string> Copy(IReadOnlyDictionary<string, string>? values)
        => values is null ? new(StringComparer.Ordinal) : new(values, StringComparer.Ordinal);
}
