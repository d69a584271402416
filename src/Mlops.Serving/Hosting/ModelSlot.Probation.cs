using System.Globalization;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    private readonly Lock _notifying = new();
    private readonly Queue<ModelSwap> _swaps = new();
    private Probation? _probation;
    private ModelVersion? _refused;

    /// <summary>Measures the current generation while the next one is loaded, for the guard of the latency. It ends by itself when there is enough.</summary>
    private void MeasureBaseline()
    {
        lock (_lock)
        {
            // One that is on probation is measured already, and is not what the next one is compared with.
            if (_options.Probation is not null && _probation is null && _current is { } current) InstrumentedOf(current).MeasureBaseline();
        }
    }

    /// <summary>Makes a generation the current one; under the lock.</summary>
    /// <param name="next">The generation.</param>
    /// <param name="before">Which one answered last, also when it was evicted since.</param>
    /// <returns>What is to be retired, outside the lock.</returns>
    private ModelGeneration? Replace(ModelGeneration next, HostedModel? before)
    {
        var previous = _current;
        var fallback = _probation?.Fallback ?? previous;
        var retired = previous;
        _current = next;
        if (_options.Probation is { } options && fallback is not null)
        {
            // What is replaced during its own probation was never proven: the one before it stays to fall back to.
            retired = ReferenceEquals(fallback, previous) ? null : previous;
            var baseline = InstrumentedOf(fallback).FindBaseline(options.LatencyQuantile, Probation.RiskOf(options));
            _probation?.Dispose();
            InstrumentedOf(fallback).Measure(null);
            _probation = new Probation(fallback, next, baseline, options, _services.Time, generation => MeasureCalls(generation).Hanging, OnProbationEnded);
            InstrumentedOf(next).Measure(_probation.Meter);
            _probation.Begin();
        }
        else if (_options.Probation is not null)
        {
            InstrumentedOf(next).MeasureBaseline();
        }

        if (retired is not null) _draining.Add(retired);
        // A version that comes back after an eviction is no other one: nobody has to begin anew with it.
        if (before is null || !IsSame(before.Version, next.Model.Version)) _swaps.Enqueue(new ModelSwap(before, next.Model));
        return retired;
    }

    /// <summary>Switches back to the generation that is kept, when it is what the source gives now.</summary>
    private ModelSwap? TryReturn(ModelVersion version)
    {
        ModelGeneration abandoned;
        ModelSwap swap;
        lock (_lock)
        {
            if (_isClosed || _probation is not { } probation || !IsSame(probation.Fallback.Model.Version, version) || _callers.FindUnmetDemand(probation.Fallback.Model.Signature) is not null) return null;
            abandoned = probation.Generation;
            swap = Return(probation);
            OnServing();
        }

        abandoned.Retire();
        NotifySwaps();
        return swap;
    }

    private void OnProbationEnded(Probation probation, ProbationVerdict verdict)
    {
        var version = probation.Generation.Model.Version;
        ModelGeneration retired;
        ModelLoadException? error = null;
        var isRolledBack = false;
        lock (_lock)
        {
            // Superseded or closed meanwhile.
            if (_isClosed || !ReferenceEquals(_probation, probation)) return;
            if (verdict.Guard is not null)
            {
                var obstacle = _callers.FindUnmetDemand(probation.Fallback.Model.Signature);
                isRolledBack = obstacle is null;
                var fallback = probation.Fallback.Model.Version.Version;
                error = new ModelLoadException(Source.Address, string.Create(
                    CultureInfo.InvariantCulture,
                    $"Version {version.Version} of '{version.Name}' did not pass its probation as '{Name}': {verdict.Figures}. {(isRolledBack ? $"Version {fallback} serves again; reload to try this version once more." : $"It goes on nevertheless, because the callers of version {fallback} could not be kept: {obstacle}.")}"));
            }

            if (isRolledBack)
            {
                retired = probation.Generation;
                Return(probation);
                _refused = version;
            }
            else
            {
                retired = probation.Fallback;
                _draining.Add(retired);
                EndProbation(probation);
            }

            if (error is not null) _lastError = error;
        }

        retired.Retire();
        if (error is null)
        {
            LogProbationPassed(Name, version.Version, verdict.Figures);
            _ = NoteProvenAsync();
            return;
        }

        if (isRolledBack) _services.Telemetry.OnRolledBack(Name, TextOf(version), verdict.Guard!);
        LogRolledBack(error, Name, version.Version, verdict.Figures);
        NotifySwaps();
    }

    /// <summary>What is worth to be served again when the source is away: while a version is on probation, the one before it.</summary>
    private ModelVersion ProvenVersionOf(HostedModel model)
    {
        lock (_lock) return _probation is { } probation && ReferenceEquals(probation.Generation.Model, model) ? probation.Fallback.Model.Version : model.Version;
    }

    /// <summary>Makes the kept generation the current one again; under the lock.</summary>
    private ModelSwap Return(Probation probation)
    {
        var swap = new ModelSwap(probation.Generation.Model, probation.Fallback.Model);
        _callers.Tell(probation.Fallback.CallerSignature);
        _current = probation.Fallback;
        _draining.Add(probation.Generation);
        EndProbation(probation);
        _swaps.Enqueue(swap);
        return swap;
    }

    private void EndProbation(Probation probation)
    {
        InstrumentedOf(probation.Generation).Measure(null);
        probation.Dispose();
        _probation = null;
    }

    /// <summary>Tells of swaps in the order in which they happened, whoever brought them about.</summary>
    private void NotifySwaps()
    {
        lock (_notifying)
        {
            while (true)
            {
                ModelSwap? swap;
                lock (_lock)
                {
                    if (!_swaps.TryDequeue(out swap)) return;
                }

                _services.OnSwapped(swap);
            }
        }
    }

    private static InstrumentedPredictor InstrumentedOf(ModelGeneration generation) => (InstrumentedPredictor)generation.Predictor;
}
