using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>The generations of a slot – the one that answers, the one kept beside it during its probation, those that drain – and what is remembered of the last ones. Each operation is one step for all others. Safe for concurrent use.</summary>
/// <param name="callers">What callers rely on. Its signature is that of the generation that answers, or answered last.</param>
/// <param name="probation">How a new generation is watched; <see langword="null"/> where a switch is final.</param>
/// <param name="time">The clock.</param>
/// <param name="use">Is told of each use; <see langword="null"/> where nobody wants to know.</param>
/// <param name="countHanging">Counts the calls of a generation that hang.</param>
/// <param name="onProbationEnded">Is told that a probation is over, to call <see cref="EndProbation"/>.</param>
#pragma warning disable CA1001 // Whoever closes it takes all generations out of service, which ends the probation.
internal sealed class GenerationLine(
    CallerContract callers,
    ProbationOptions? probation,
    TimeProvider time,
    LastUse? use,
    Func<ModelGeneration, int> countHanging,
    Action<Probation, ProbationVerdict> onProbationEnded)
{
    private readonly LastUse? _use = use;
    private readonly Lock _lock = new();
    private readonly List<ModelGeneration> _draining = [];
    private readonly Queue<GenerationChange> _changes = new();
    private volatile ModelGeneration? _current;
    private volatile bool _isClosed;
    private Probation? _probation;
    private HostedModel? _evicted;
    private ModelVersion? _refused;
    private ModelLoadException? _lastError;
    private long _lastChange;
    private int _waiting;

    /// <summary>Gets the generation that answers.</summary>
    public HostedModel? Model => _current?.Model;

    /// <summary>Gets the generation that answers, and the number of the change that brought it about.</summary>
    public (HostedModel? Model, long Change) Present
    {
        get
        {
            lock (_lock) return (_current?.Model, _lastChange);
        }
    }

    /// <summary>Gets the generation that answered last and would answer again, because what the source gives now was refused; <see langword="null"/> when one answers, or none would.</summary>
    public HostedModel? Evicted
    {
        get
        {
            lock (_lock) return _current is null && _refused is not null ? _evicted : null;
        }
    }

    /// <summary>Gets whether one answered last and was taken out of memory for others.</summary>
    public bool IsEvicted => _current is null && Volatile.Read(ref _evicted) is not null;

    /// <summary>Gets whether nothing begins to answer any more.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Takes a reference to the generation that answers.</summary>
    /// <returns>The generation, which the caller releases; <see langword="null"/> when there is none.</returns>
    public ModelGeneration? TryAcquire()
    {
        while (_current is { } generation)
        {
            // Fails only when a swap or an eviction has happened in between: then there is another one already, or none.
            if (generation.TryAcquire())
            {
                _use?.Touch();
                return generation;
            }
        }

        return null;
    }

    /// <summary>Asks the generation that answers why it cannot, though it is loaded; that is no use of it.</summary>
    public string? FindObstacle() => _current?.FindObstacle();

    /// <summary>Notes that somebody waits for a generation: it is not evicted before he has it.</summary>
    public void BeginWait() => Interlocked.Increment(ref _waiting);

    /// <summary>Notes that somebody waits no more.</summary>
    public void EndWait() => Interlocked.Decrement(ref _waiting);

    /// <summary>Demands that this and every later generation can be called by callers made for a signature.</summary>
    /// <param name="contract">The signature.</param>
    /// <param name="isFirm">Whether also the first generation is refused if it does not meet it; otherwise such a demand is dropped, and fails its own caller.</param>
    /// <returns>What does not fit what answers, or answered before it was evicted; <see langword="null"/> when the demand holds from now on, or from the first generation on.</returns>
    public string? Require(ModelSignature contract, bool isFirm = false)
    {
        lock (_lock)
        {
            if (callers.Signature is { } told && contract.FindIncompatibility(told) is { } difference) return difference;
            callers.Demand(contract, isFirm);
            return null;
        }
    }

    /// <summary>Measures the generation that answers while the next one is loaded, for the guard of the latency. It ends by itself when there is enough.</summary>
    public void MeasureBaseline()
    {
        lock (_lock)
        {
            // One that is on probation is measured already, and is not what the next one is compared with.
            if (probation is not null && _probation is null && _current is { } current) InstrumentedOf(current).MeasureBaseline();
        }
    }

    /// <summary>Makes a generation the one that answers, unless callers could not call it, or it comes too late; it is retired then.</summary>
    /// <param name="next">The generation.</param>
    /// <param name="cancellationToken">Says that it comes too late.</param>
    /// <param name="obstacle">Why it is not of the version that the source gives; <see langword="null"/> when it is.</param>
    public GenerationSwitch TrySwitch(ModelGeneration next, CancellationToken cancellationToken, ModelLoadException? obstacle = null)
    {
        ModelGeneration? retired;
        GenerationSwitch result;
        lock (_lock)
        {
            // Checked again: a typed face may have been made meanwhile, or the slot closed.
            var isLate = _isClosed || cancellationToken.IsCancellationRequested;
            var incompatibility = isLate ? null : callers.FindIncompatibility(next.Model.Signature);
            if (!isLate && incompatibility is null)
            {
                var previous = _current?.Model ?? _evicted;
                (_evicted, _lastError) = (null, obstacle);
                if (obstacle is null) _refused = null; // Refused may also be one that was rolled back while this one was loaded.
                callers.Tell(next.CallerSignature = callers.Combine(next.Model.Signature));
                retired = Replace(next);
                result = new GenerationSwitch(Note(new ModelSwap(previous, next.Model)), null);
            }
            else
            {
                retired = next;
                result = new GenerationSwitch(null, incompatibility);
            }

            if (retired is not null) _draining.Add(retired);
        }

        retired?.Retire();
        return result;
    }

    /// <summary>Switches back to the generation that is kept, when it is of a version and callers can call it.</summary>
    /// <returns>The switch; <see langword="null"/> when it did not come about.</returns>
    public ModelSwap? TryReturn(ModelVersion version)
    {
        ModelGeneration abandoned;
        ModelSwap swap;
        lock (_lock)
        {
            if (_isClosed || _probation is not { } current || !current.Fallback.Model.Version.IsSameAs(version) || callers.FindUnmetDemand(current.Fallback.Model.Signature) is not null) return null;
            abandoned = current.Generation;
            swap = Return(current);
            _lastError = null;
        }

        abandoned.Retire();
        return swap;
    }

    /// <summary>Ends a probation: lets the generation go on that has passed, and switches back from one that has not, if callers can be kept.</summary>
    /// <param name="ended">The probation.</param>
    /// <param name="isPassed">Whether the generation has passed.</param>
    /// <param name="explain">Makes the error of one that has not, given what stands in the way of switching back, if anything does.</param>
    /// <returns>What has become of it; <see langword="null"/> when it was superseded or closed meanwhile.</returns>
    public ProbationEnd? EndProbation(Probation ended, bool isPassed, Func<string?, ModelLoadException> explain)
    {
        ModelGeneration retired;
        ModelLoadException? error = null;
        var isRolledBack = false;
        lock (_lock)
        {
            if (_isClosed || !ReferenceEquals(_probation, ended)) return null;
            if (!isPassed)
            {
                var obstacle = callers.FindUnmetDemand(ended.Fallback.Model.Signature);
                isRolledBack = obstacle is null;
                error = explain(obstacle);
            }

            if (isRolledBack)
            {
                retired = ended.Generation;
                Return(ended);
                _refused = retired.Model.Version;
            }
            else
            {
                retired = ended.Fallback;
                _draining.Add(retired);
                Forget(ended);
            }

            if (error is not null) _lastError = error;
        }

        retired.Retire();
        return new ProbationEnd(isRolledBack, error);
    }

    /// <summary>Takes the generation that answers out of memory, unless it is used or waited for, or could not come back.</summary>
    /// <param name="isRunning">Tells whether a generation is at work though nobody holds it.</param>
    /// <returns>The generation, which is being disposed; <see langword="null"/> when it stays.</returns>
    public ModelGeneration? TryEvict(Func<ModelGeneration, bool> isRunning)
    {
        // A call whose caller was let go takes its memory until it ends; without it, nothing would be gained.
        if (_current is not { IsIdle: true } generation || isRunning(generation)) return null;
        lock (_lock)
        {
            if (_isClosed || !ReferenceEquals(_current, generation) || Volatile.Read(ref _waiting) > 0) return null;

            // What a probation keeps, and what serves in the place of a version that was refused, might not be there to be loaded again.
            if (_probation is not null || _refused is not null) return null;

            // Away before it is retired, so that who calls meanwhile waits for a load instead of trying again and again.
            _current = null;
            if (!generation.TryRetireIdle())
            {
                _current = generation;
                return null;
            }

            _draining.Add(generation);
            _evicted = generation.Model with { Profile = null };
            return generation;
        }
    }

    /// <summary>Keeps everything that is not there yet from answering.</summary>
    public void Close()
    {
        lock (_lock) _isClosed = true;
    }

    /// <summary>Takes all generations out of service.</summary>
    /// <returns>Completes when the last one is disposed.</returns>
    public Task RetireAllAsync()
    {
        ModelGeneration? last, fallback;
        Task[] disposals;
        lock (_lock)
        {
            (last, fallback) = (_current, _probation?.Fallback);
            _current = null;
            _probation?.Dispose();
            _probation = null;
            if (fallback is not null) _draining.Add(fallback);
            if (last is not null) _draining.Add(last);
            disposals = [.. _draining.Select(generation => generation.Disposed)];
        }

        fallback?.Retire();
        last?.Retire();
        return Task.WhenAll(disposals);
    }

    /// <summary>Forgets a generation that is disposed.</summary>
    public void Remove(ModelGeneration generation)
    {
        lock (_lock) _draining.Remove(generation);
    }

    /// <summary>Gets why the last attempt failed; <see langword="null"/> where it has not.</summary>
    public ModelLoadException? LastError
    {
        get
        {
            lock (_lock) return _lastError;
        }
    }

    /// <summary>Notes why the last attempt failed, or that none has.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="version">The version that could not be loaded; <see langword="null"/> where it is not known, or not to be blamed.</param>
    public void SetLastError(ModelLoadException? error, ModelVersion? version = null)
    {
        lock (_lock)
        {
            _lastError = error;

            // It would fail again; what stands in the way of others may be gone.
            if (version is null || error is not { IsTransient: false }) return;
            if (_current is not null) _refused = version;
            else if (_evicted is { } evicted) _refused = evicted.Version.IsSameAs(version) ? null : version;
        }
    }

    /// <summary>Gets whether something stood in the way of what the source gave, or gives.</summary>
    public bool HasObstacle
    {
        get
        {
            lock (_lock) return _refused is not null || _lastError is not null;
        }
    }

    /// <summary>Tells whether a version was refused or rolled back, so that it is not tried again by itself.</summary>
    public bool IsRefused(ModelVersion version)
    {
        lock (_lock) return _refused is not null && _refused.IsSameAs(version);
    }

    /// <summary>Lifts the refusal of a version that was refused or rolled back: because another one is to be tried, or somebody asks for this one.</summary>
    /// <param name="version">The version to be tried.</param>
    /// <param name="isAsked">Whether somebody asks for it.</param>
    /// <returns>Whether the version may be tried: no refusal stands.</returns>
    public bool TryLiftRefusal(ModelVersion version, bool isAsked)
    {
        lock (_lock)
        {
            if (!isAsked && _refused is not null && _refused.IsSameAs(version)) return false;
            _refused = null;
            return true;
        }
    }

    /// <summary>Gets what is worth to be served again when the source is away: while a version is on probation, the one before it.</summary>
    public ModelVersion ProvenVersionOf(HostedModel model)
    {
        lock (_lock) return _probation is { } current && ReferenceEquals(current.Generation.Model, model) ? current.Fallback.Model.Version : model.Version;
    }

    /// <summary>Takes the change that is to be told next.</summary>
    public GenerationChange? TryDequeueChange()
    {
        lock (_lock) return _changes.TryDequeue(out var change) ? change : null;
    }

    /// <summary>Lists all generations that are in memory.</summary>
    public IReadOnlyList<ModelGeneration> List()
    {
        lock (_lock)
        {
            var generations = new List<ModelGeneration>(_draining.Count + 2);
            if (_current is { } current) generations.Add(current);
            if (_probation is { } kept) generations.Add(kept.Fallback);
            generations.AddRange(_draining);
            return generations;
        }
    }

    public GenerationSnapshot GetSnapshot()
    {
        lock (_lock) return new GenerationSnapshot(_current?.Model, _probation?.Fallback.Model, [.. _draining.Select(generation => generation.Model)], _lastError, _isClosed);
    }

    /// <summary>Makes a generation the current one, on probation where there is another one to compare it with.</summary>
    /// <returns>What is to be retired.</returns>
    private ModelGeneration? Replace(ModelGeneration next)
    {
        var previous = _current;
        var fallback = _probation?.Fallback ?? previous;
        _current = next;
        if (probation is null) return previous;
        if (fallback is null)
        {
            InstrumentedOf(next).MeasureBaseline();
            return null;
        }

        var baseline = InstrumentedOf(fallback).FindBaseline(probation.LatencyQuantile, Probation.RiskOf(probation));
        _probation?.Dispose();
        InstrumentedOf(fallback).Measure(null);
        _probation = new Probation(fallback, next, baseline, probation, time, countHanging, onProbationEnded);
        InstrumentedOf(next).Measure(_probation.Meter);
        _probation.Begin();

        // What is replaced during its own probation was never proven: the one before it stays to fall back to.
        return ReferenceEquals(fallback, previous) ? null : previous;
    }

    /// <summary>Makes the kept generation the current one again.</summary>
    private ModelSwap Return(Probation current)
    {
        callers.Tell(current.Fallback.CallerSignature);
        _current = current.Fallback;
        _draining.Add(current.Generation);
        Forget(current);
        return Note(new ModelSwap(current.Generation.Model, current.Fallback.Model));
    }

    private ModelSwap Note(ModelSwap swap)
    {
        _changes.Enqueue(new GenerationChange(swap, ++_lastChange, swap.Previous is { } previous && previous.Version.IsSameAs(swap.Current.Version)));
        return swap;
    }

    private void Forget(Probation current)
    {
        InstrumentedOf(current.Generation).Measure(null);
        current.Dispose();
        _probation = null;
    }

    private static InstrumentedPredictor InstrumentedOf(ModelGeneration generation) => (InstrumentedPredictor)generation.Predictor;
}
