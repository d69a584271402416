using System.Diagnostics;
using Mlops.Tracking;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    private ModelLoadStep? _step;
    private ModelVersion? _stepVersion;
    private long _stepStarted;

    private HostedModelState State => _isClosed ? HostedModelState.Closed
        : _current is null ? (IsLazy ? HostedModelState.OnFirstUse : HostedModelState.NotLoaded)
        : _probation is null ? HostedModelState.Serving
        : HostedModelState.Probation;

    private ModelLoadProgress? Progress => _step is { } step ? new ModelLoadProgress(step, _stepVersion, _services.Time.GetElapsedTime(_stepStarted)) : null;

    /// <summary>Begins a step of a load, which ends the one before it.</summary>
    private void Enter(ModelLoadStep? step, ModelVersion? version, Activity? activity)
    {
        ModelLoadStep? ended;
        TimeSpan duration;
        lock (_lock)
        {
            var now = _services.Time.GetTimestamp();
            (ended, duration) = (_step, _services.Time.GetElapsedTime(_stepStarted, now));
            (_step, _stepVersion, _stepStarted) = (step, version, now);
        }

        if (ended is not { } before) return;
        LogStepEnded(Name, before, duration.TotalSeconds);
        activity?.AddEvent(new ActivityEvent(before.ToString(), _services.Time.GetUtcNow(), new ActivityTagsCollection { ["mlops.step.duration"] = duration.TotalSeconds }));
    }

    private void EndSteps(Activity? activity) => Enter(null, null, activity);

    /// <summary>Whether a version was rolled back and is not tried again by itself. Any other version, or a request, lifts that.</summary>
    private bool IsRefused(ModelVersion version, bool isAsked)
    {
        lock (_lock)
        {
            if (_refused is null) return false;
            if (!isAsked && IsSame(_refused, version)) return true;
            _refused = null;
            return false;
        }
    }
}
