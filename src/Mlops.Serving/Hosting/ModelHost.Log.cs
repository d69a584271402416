using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

public sealed partial class ModelHost
{
    [LoggerMessage(3030, LogLevel.Warning, "Predictions are still running {Seconds} s after the shutdown began; their models are disposed when they end.", EventName = "DrainTimedOut")]
    private partial void LogDrainTimedOut(double seconds);

    [LoggerMessage(3031, LogLevel.Error, "A subscriber to the swaps of {Model} threw.", EventName = "SubscriberFailed")]
    private partial void LogSubscriberFailed(Exception error, string model);

    [LoggerMessage(3032, LogLevel.Warning, "Predictions by {Model} are still running {Seconds} s after it was removed; it is disposed when they end.", EventName = "RemovalTimedOut")]
    private partial void LogRemovalTimedOut(string model, double seconds);
}
