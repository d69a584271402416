using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    [LoggerMessage(3010, LogLevel.Information, "{Model} is now served by version {Version} (before: {Previous}), digest {Digest}, ready after {Seconds:F3} s.", EventName = "Swapped")]
    private partial void LogSwapped(string model, int version, int? previous, string digest, double seconds);

    [LoggerMessage(3011, LogLevel.Error, "{Model} could not be brought to {Source}. It goes on with version {Version}.", EventName = "LoadFailed")]
    private partial void LogLoadFailed(Exception error, string model, ModelSource source, int version);

    [LoggerMessage(3016, LogLevel.Error, "{Model} could not be brought to {Source}. No version of it is served yet.", EventName = "FirstLoadFailed")]
    private partial void LogFirstLoadFailed(Exception error, string model, ModelSource source);

    [LoggerMessage(3012, LogLevel.Debug, "Version {Version} of {Model} is disposed.", EventName = "Disposed")]
    private partial void LogDisposed(string model, int version);

    [LoggerMessage(3013, LogLevel.Error, "Version {Version} of {Model} could not be disposed.", EventName = "DisposeFailed")]
    private partial void LogDisposeFailed(Exception error, string model, int version);

    [LoggerMessage(3014, LogLevel.Warning, "Watching {Source} for {Model} failed and is begun again.", EventName = "WatchFailed")]
    private partial void LogWatchFailed(Exception error, string model, ModelSource source);

    [LoggerMessage(3015, LogLevel.Warning, "The watching of {Source} for {Model} has ended and is begun again.", EventName = "WatchEnded")]
    private partial void LogWatchEnded(string model, ModelSource source);
}
