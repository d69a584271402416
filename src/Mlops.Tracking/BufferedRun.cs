using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>A run whose entries go to the tracker's background writer.</summary>
/// <remarks>
/// Each thread that logs measurements fills segments of its own, found by the number of the thread; numbers are small, and used again only after their thread has ended.
/// </remarks>
internal sealed partial class BufferedRun : Run
{
    private const long LargestInput = 1 << 26;
    private const int MostRefused = 100;

    // The changes of a handle have numbers of their own, beside those of its metrics.
    private const string ChangesSuffix = "!";

    private const int Running = 0;
    private const int Ending = 1;
    private const int Ended = 2;

    private readonly RunSnapshot _snapshot;
    private readonly TrackerWriter _writer;
    private readonly IRunStore _runs;
    private readonly IArtifactStore _artifacts;
    private readonly TrackerOptions _options;
    private readonly SecretMask _mask;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<BufferedRun> _onEnded;
    private readonly string _writerId;
    private readonly ValuePreparation _preparation;

    // Read without the gate, changed within it; the array grows by being replaced.
    private volatile MetricLane?[] _lanes = [];
    private volatile int _state;

    // Everything below is guarded by the writer's gate.
    private readonly Dictionary<string, string> _known;
    private readonly Dictionary<string, string> _tags;
    private readonly List<DatasetInput> _inputs;
    private readonly List<TaskCompletionSource> _waiters = [];
    private readonly List<Exception> _refused = [];
    private RunEntries _logged = new();
    private RunEnding? _ending;
    private string _name;
    private long _sequence;
    private long _changeSequence;
    private long _lostEntries;
    private bool _hasError;
    private long _takenEntries;
    private bool _disposed;
    private SystemMetricsSampler? _sampler;

    public BufferedRun(
        RunSnapshot snapshot, string holder, TrackerWriter writer, IRunStore runs, IArtifactStore artifacts, TrackerOptions options, SecretMask mask, TimeProvider time, ILogger logger, Action<BufferedRun> ended)
    {
        (_snapshot, _writer, _runs, _artifacts, _options, _mask, _time, _logger, _onEnded) = (snapshot, writer, runs, artifacts, options, mask, time, logger, ended);
        _writerId = holder;
        _preparation = new ValuePreparation(mask, options.TruncateLongValues);
        _name = snapshot.Name;
        _known = new Dictionary<string, string>(snapshot.Params, StringComparer.Ordinal);
        _tags = new Dictionary<string, string>(snapshot.Tags, StringComparer.Ordinal);
        _inputs = [.. snapshot.Inputs];
    }

    public override string Id => _snapshot.Id;

    public override string ExperimentId => _snapshot.ExperimentId;

    public override RunSnapshot? CompletedSnapshot => _completed;

    /// <summary>Gets by what the run and its store know the handle: it holds the run, and counts what it writes.</summary>
    public string WriterId => _writerId;

    /// <summary>Gets what the writer has taken; the passes' own.</summary>
    public RunPass Pass { get; } = new();

    /// <summary>Gets why the store takes nothing of this run any more; <see langword="null"/> while it does.</summary>
    public Exception? BrokenBy { get; private set; }

    /// <summary>Gets by what name the handle holds its run.</summary>
    public string Holder => _writerId;

    /// <summary>Gets or sets whether the caller was told of what broke the run.</summary>
    public bool IsBrokenTold { get; set; }

    /// <summary>Gets or sets how many entries had been logged when the caller was told of a failure that lasts; <see langword="null"/> when nobody was told of one.</summary>
    public long? ToldEntries { get; set; }

    /// <summary>Gets or sets whether the end of the run is durable.</summary>
    public bool HasEnded { get; set; }

    public override void SetName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        TrackingLimits.CheckRunName(name = _preparation.PrepareName(name, TrackingLimits.RunNameLength));
        _writer.Add(this, "naming it", RunChangesExtensions.CountBytes(name), () =>
        {
            // A name that waits already has its place in the buffer.
            var isFirst = _logged.Name is null;
            _logged.Name = _name = name;
            return isFirst;
        });
    }

    public override void LogParam(string name, string value)
    {
        TrackingLimits.CheckParam(name, value = _preparation.Prepare("param", name, value, TrackingLimits.ParamValue));
        AddParam(new Param(name, value));
    }

    public override void LogParams(IEnumerable<KeyValuePair<string, string>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var prepared = values.Select(param => new Param(param.Key, _preparation.Prepare("param", param.Key, param.Value, TrackingLimits.ParamValue))).ToArray();
        foreach (var param in prepared) TrackingLimits.CheckParam(param.Name, param.Value);
        lock (_writer.Gate)
        {
            ThrowIfEnded("logging params");
            RunRules.CheckParams(Id, prepared, _known);
        }

        foreach (var param in prepared) AddParam(param);
    }

    public override void LogMetric(string name, double value, long step = 0, DateTimeOffset? timestamp = null)
    {
        var (lanes, thread) = (_lanes, Environment.CurrentManagedThreadId);
        var lane = (uint)thread < (uint)lanes.Length ? lanes[thread] : null;
        lane ??= AddLane(thread);
        if (!ReferenceEquals(lane.CheckedName, name))
        {
            TrackingLimits.CheckMetric(name);
            lane.CheckedName = name;
        }

        if (timestamp is { } given) TrackingLimits.CheckTimestamp(given);
        var time = timestamp ?? _time.GetUtcNow();
        if (_state != Running) ThrowIfEnded("logging a metric");
        var segment = lane.Segment;
        if (segment is null || lane.Index == segment.Entries.Length) segment = _writer.Extend(this, lane);
        var index = lane.Index;
        segment.Entries[index] = new Metric(name, value, step, time);
        lane.Index = index + 1;
        Volatile.Write(ref segment.Published, index + 1);
        // After publishing: whoever ends the run, or begins a pass, either sees the measurement or is seen here.
        if (!_writer.IsArmed) _writer.Arm();
        if (_state != Running) ThrowIfEnded("logging a metric");
    }

    public override void SetTag(string name, string value)
    {
        if (name == RunTags.RunName)
        {
            SetName(value);
            return;
        }

        TrackingLimits.CheckTag(name, value = _preparation.Prepare("tag", name, value, TrackingLimits.TagValue));
        RunRules.CheckParent(Id, name, value);
        _writer.Add(this, "setting a tag", RunChangesExtensions.CountBytes(name, value), () =>
        {
            _tags[name] = value;
            _hasError |= name == RunTags.Error;
            _logged.Tags.Add(KeyValuePair.Create<string, string?>(name, value));
            return true;
        });
    }

    public override void RemoveTag(string name)
    {
        TrackingLimits.CheckTag(name, "");
        _writer.Add(this, "removing a tag", RunChangesExtensions.CountBytes(name), () =>
        {
            // Also where this handle does not know the tag: somebody else may have set it.
            _tags.Remove(name);
            _logged.Tags.Add(KeyValuePair.Create<string, string?>(name, null));
            return true;
        });
    }

    public override void LogInput(DatasetReference dataset, string context = "")
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(context);
        // Before it is masked, which takes longer the longer it is.
        TrackingLimits.CheckInput(new DatasetInput(dataset, context));
        var input = new DatasetInput(_mask.MaskDataset(dataset), _mask.MaskText(context));
        TrackingLimits.CheckInput(input);
        var bytes = RunChangesExtensions.CountBytes(input);
        if (bytes > LargestInput)
            throw new ArgumentException($"The schema of the dataset '{dataset.Name}' has {dataset.Schema.Count} columns, too many to be kept; store it as an artifact, and log the dataset without columns.", nameof(dataset));
        _writer.Add(this, "logging an input", bytes, () =>
        {
            if (_inputs.Exists(known => RunRules.IsSame(known, input))) return false;
            _inputs.Add(input);
            _logged.Inputs.Add(input);
            return true;
        });
    }

    public override Task<Artifact> LogArtifactAsync(string path, Stream content, CancellationToken cancellationToken = default)
    {
        ArtifactPath.Check(path);
        ArgumentNullException.ThrowIfNull(content);
        lock (_writer.Gate) ThrowIfEnded("storing an artifact");
        return _artifacts.WriteAsync($"{_snapshot.ArtifactRoot}/{path}", content, default, cancellationToken);
    }

    /// <summary>Sets tags that nobody has set, unless the run has ended.</summary>
    public void SetMissingTags(IReadOnlyDictionary<string, string> tags)
    {
        try
        {
            foreach (var (name, value) in tags)
            {
                bool isSet;
                lock (_writer.Gate) isSet = _tags.ContainsKey(name);
                if (!isSet) SetTag(name, value);
            }
        }
        catch (Exception error) when (error is MlopsException or ArgumentException)
        {
            // The run has ended meanwhile, or its store is down and the buffer full: the tags are not worth a failure.
        }
    }

    public void Sample(TimeSpan interval) => _sampler = new SystemMetricsSampler(this, interval, _time);

    /// <summary>Notes how much memory an entry takes that was just added; within the gate.</summary>
    public void CountBytes(long bytes) => _logged.Bytes += bytes;

    /// <summary>Within the gate: what is logged and not durable, in entries.</summary>
    public long CountUnwritten() => CountUntaken() + Pass.EntryCount;

    /// <summary>Within the gate: what was ever logged, in entries.</summary>
    public long CountLogged() => CountUntaken() + _takenEntries;

    private long CountUntaken()
    {
        long count = _logged.Count;
        foreach (var lane in _lanes)
        {
            for (var segment = lane?.Head; segment is not null; segment = segment.Next) count += Volatile.Read(ref segment.Published) - segment.Taken;
        }

        return count;
    }

    /// <summary>Takes what is logged into <see cref="Pass"/>, giving batches their numbers; within the gate.</summary>
    /// <returns>How many entries need no place any more, because they have become one with others.</returns>
    public int Collect(int maxBatchSize)
    {
        foreach (var lane in _lanes)
        {
            if (lane is not null) Collect(lane, maxBatchSize);
        }

        _takenEntries += _logged.Count;
        (_logged, var merged) = Pass.Exchange(_logged);
        Pass.Waiters.AddRange(_waiters);
        _waiters.Clear();
        // Once it has ended it is not ended again, however long its handle stays here.
        Pass.Ending = HasEnded ? null : _ending;
        if (BrokenBy is not null) Drop();
        return merged;
    }

    /// <summary>Gives changes their number, and says whose they are; within the gate.</summary>
    public RunChanges Sign(RunChanges changes) => changes with { Origin = new ChangeOrigin(_writerId + ChangesSuffix, ++_changeSequence), Holder = _writerId };

    /// <summary>Notes what the store refused; within the gate.</summary>
    public void Refuse(Refusal refusal)
    {
        if (!refusal.IsFinal)
        {
            if (_refused.Count < MostRefused) _refused.Add(refusal.Error);
            return;
        }

        BrokenBy ??= TrackingErrors.IsRunDeleted(refusal.Error) ? TrackingErrors.RunDeletedMeanwhile(Id, refusal.Error) : refusal.Error;
        _lostEntries += refusal.Entries;
        _state = Ended;
        _writer.ReleaseWaiters(force: false);
    }

    /// <summary>Notes that the pass that was to end the run is over; within the gate.</summary>
    public void OnPassOver()
    {
        if (Pass.Ending is not { } ending) return;
        Pass.Ending = null;
        if (HasEnded || BrokenBy is not null) _state = Ended;
        else if (ending.IsAbandoned) GoOn(ending);
        if (ending.IsAbandoned) _completing.TrySetResult();
    }

    /// <summary>Forgets what a run that is over still holds; within the gate.</summary>
    /// <returns>How many entries, and how many bytes, had been reserved for it.</returns>
    public (long Entries, long Bytes) Forget()
    {
        // The segments are not used again: a thread that has not noticed the end may still write to one.
        long reserved = _logged.Count + Pass.ChangeCount + Pass.Segments.Sum(segment => segment.Entries.Length);
        foreach (var lane in _lanes)
        {
            for (var segment = lane?.Head; segment is not null; segment = segment.Next) reserved += segment.Entries.Length;
            if (lane is not null) lane.Head = null;
        }

        var bytes = _logged.Bytes + Pass.ChangeBytes;
        Pass.Batches.Clear();
        Pass.Segments.Clear();
        Pass.ForgetChanges();
        _logged.Clear();
        return (reserved, bytes);
    }

    public void ThrowIfEnded(string attempted)
    {
        if (BrokenBy is not null)
        {
            IsBrokenTold = true;
            throw BrokenBy is RunFinishedException ? TrackingErrors.Ended(Id, attempted) : BrokenBy;
        }

        if (_state != Running) throw TrackingErrors.Ended(Id, attempted);
    }

    private void AddParam(Param param) => _writer.Add(this, "logging a param", RunChangesExtensions.CountBytes(param.Name, param.Value), () =>
    {
        if (!_known.TryAdd(param.Name, param.Value)) return _known[param.Name] == param.Value ? false : throw TrackingErrors.Param(Id, param.Name);
        _logged.Params.Add(param);
        return true;
    });

    private void Collect(MetricLane lane, int maxBatchSize)
    {
        while (lane.Head is { } segment)
        {
            var published = Volatile.Read(ref segment.Published);
            while (segment.Taken < published)
            {
                var count = Math.Min(maxBatchSize, published - segment.Taken);
                Pass.Batches.Add(new MetricBatch(Id, _writerId, ++_sequence, segment.Entries.AsMemory(segment.Taken, count)) { Holder = _writerId });
                segment.Taken += count;
                _takenEntries += count;
            }

            if (segment.Taken < segment.Entries.Length) return;
            Pass.Segments.Add(segment);
            lane.Head = segment.Next;
        }
    }

    // The store takes nothing any more; whoever waits is told by the end of the pass.
    private void Drop() => Pass.Batches.Clear();

    private MetricLane AddLane(int thread)
    {
        lock (_writer.Gate)
        {
            var lanes = _lanes;
            if (thread >= lanes.Length) Array.Resize(ref lanes, Math.Max(thread + 1, 2 * lanes.Length));
            var lane = lanes[thread] ??= new MetricLane();
            _lanes = lanes;
            return lane;
        }
    }
}
