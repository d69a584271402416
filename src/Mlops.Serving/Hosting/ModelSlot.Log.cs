using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    [LoggerMessage(3010, LogLevel.Information, "{Model} is now served by version {Version} (before: {Previous}), digest {Digest}, loaded at {LoadedAt:O}, ready after {Seconds:F3} s.", EventName = "Swapped")]
    private partial void LogSwapped(string model, int version, int? previous, string digest, double seconds, DateTimeOffset loadedAt);

    [LoggerMessage(3011, LogLevel.Error, "{Model} could not be brought to {Source}. It goes on with version {Version}.", EventName = "LoadFailed")]
    private partial void LogLoadFailed(Exception error, string model, ModelSource source, int version);

    [LoggerMessage(3016, LogLevel.Error, "{Model} could not be brought to {Source}. No version of it is served yet.", EventName = "FirstLoadFailed")]
    private partial void LogFirstLoadFailed(Exception error, string model, ModelSource source);

    [LoggerMessage(3012, LogLevel.Debug, "Version {Version} of {Model} is disposed.", EventName = "Disposed")]
    private partial void LogDisposed(string model, int version);

    [LoggerMessage(3013, LogLevel.Error, "Version {Version} of {Model} could not be disposed.", EventName = "DisposeFailed")]
    private partial void LogDisposeFailed(Exception error, string model, int version);

    [LoggerMessage(3044, LogLevel.Error, "{Count} predictions by {Model} hang: the oldest has been running for {Seconds:F1} s. They cannot be ended from outside; if they do not end, restart the process.", EventName = "Hanging")]
    private partial void LogHanging(string model, int count, double seconds);

    [LoggerMessage(3045, LogLevel.Information, "No prediction by {Model} hangs any more.", EventName = "HangEnded")]
    private partial void LogHangEnded(string model);

    [LoggerMessage(3040, LogLevel.Error, "Version {Version} of {Model} was rolled back, or should have been: {Figures}.", EventName = "RolledBack")]
    private partial void LogRolledBack(Exception error, string model, int version, string figures);

    [LoggerMessage(3041, LogLevel.Information, "Version {Version} of {Model} has passed its probation: {Figures}.", EventName = "ProbationPassed")]
    private partial void LogProbationPassed(string model, int version, string figures);

    [LoggerMessage(3042, LogLevel.Information, "{Model} is served by version {Version} again, which was still loaded (before: {Previous}), loaded at {LoadedAt:O}.", EventName = "Returned")]
    private partial void LogReturned(string model, int version, int previous, DateTimeOffset loadedAt);

    [LoggerMessage(3017, LogLevel.Warning, "{Model} serves version {Version} as it was served last, from the local copy, because its source is out of reach: {Reason} {Source} is asked again and again.", EventName = "ServesLastGood")]
    private partial void LogServesLastGood(string model, int version, ModelSource source, string reason);

    [LoggerMessage(3018, LogLevel.Warning, "It could not be noted which version of {Model} is served; after a restart without the registry an older one, or none, would be.", EventName = "NoteFailed")]
    private partial void LogNoteFailed(Exception error, string model);

    [LoggerMessage(3019, LogLevel.Debug, "{Model} still cannot be brought to {Source}.", EventName = "StillFails")]
    private partial void LogStillFails(Exception error, string model, ModelSource source);

    [LoggerMessage(3022, LogLevel.Debug, "{Model} was taken out of memory for others; its version {Version} is loaded again when it is needed.", EventName = "Evicted")]
    private partial void LogEvicted(string model, int version);

    [LoggerMessage(3024, LogLevel.Debug, "{Model} is in memory again with version {Version}, loaded at {LoadedAt:O}, ready after {Seconds:F3} s.", EventName = "LoadedAgain")]
    private partial void LogLoadedAgain(string model, int version, double seconds, DateTimeOffset loadedAt);

    [LoggerMessage(3023, LogLevel.Warning, "With {Model} the models in memory take {Bytes} bytes, more than the host's budget, and nothing more can be evicted.", EventName = "OverBudget")]
    private partial void LogOverBudget(string model, long bytes);

    [LoggerMessage(3046, LogLevel.Warning, "The load of version {Version} of {Model} is let go in the step {Step} after {Seconds:F1} s: it takes too long, or does not heed that it was cancelled. What hangs in it goes on until it ends by itself.", EventName = "LoadLetGo")]
    private partial void LogLoadLetGo(string model, int version, ModelLoadStep step, double seconds);

    [LoggerMessage(3047, LogLevel.Information, "The load of version {Version} of {Model} that was let go has ended, and what it gave is disposed.", EventName = "LetGoEnded")]
    private partial void LogLetGoEnded(string model, int version);
}
