using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>How far one load is. Once it has ended, or was let go because it hangs, nothing changes it any more. Safe for concurrent use.</summary>
internal sealed partial class LoadSteps(string model, Activity? activity, TimeProvider time, ILogger logger)
{
    private readonly ILogger _logger = logger;
    private readonly Lock _lock = new();
    private ModelLoadStep? _step;
    private ModelVersion? _version;
    private long _started;
    private bool _isEnded;
    private volatile bool _isFetched;

    public ModelLoadProgress? Progress
    {
        get
        {
            lock (_lock) return _step is { } step ? new ModelLoadProgress(step, _version, time.GetElapsedTime(_started)) : null;
        }
    }

    /// <summary>Gets or sets whether the files are there, so that nothing outside this process is waited for any more, nor to be blamed.</summary>
    public bool IsFetched
    {
        get => _isFetched;
        set => _isFetched = value;
    }

    /// <summary>Begins a step, which ends the one before it.</summary>
    public void Enter(ModelLoadStep step, ModelVersion? version) => Change(step, version);

    /// <summary>Ends the last step. Doing so again does nothing.</summary>
    public void End() => Change(null, null);

    private void Change(ModelLoadStep? step, ModelVersion? version)
    {
        ModelLoadStep? ended;
        TimeSpan duration;
        lock (_lock)
        {
            if (_isEnded) return;
            var now = time.GetTimestamp();
            (ended, duration) = (_step, time.GetElapsedTime(_started, now));
            (_step, _version, _started, _isEnded) = (step, version, now, step is null);
        }

        if (ended is not { } before) return;
        LogStepEnded(model, before, duration.TotalSeconds);
        activity?.AddEvent(new ActivityEvent(before.ToString(), time.GetUtcNow(), new ActivityTagsCollection { ["mlops.step.duration"] = duration.TotalSeconds }));
    }

    [LoggerMessage(3043, LogLevel.Debug, "{Model}: {Step} took {Seconds:F4} s.", EventName = "StepEnded")]
    private partial void LogStepEnded(string model, ModelLoadStep step, double seconds);
}
