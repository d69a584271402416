using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    [LoggerMessage(3022, LogLevel.Debug, "{Model} was taken out of memory for others; its version {Version} is loaded again when it is needed.", EventName = "Evicted")]
    private partial void LogEvicted(string model, int version);

    [LoggerMessage(3040, LogLevel.Error, "Version {Version} of {Model} was rolled back, or should have been: {Figures}.", EventName = "RolledBack")]
    private partial void LogRolledBack(Exception error, string model, int version, string figures);

    [LoggerMessage(3041, LogLevel.Information, "Version {Version} of {Model} has passed its probation: {Figures}.", EventName = "ProbationPassed")]
    private partial void LogProbationPassed(string model, int version, string figures);

    [LoggerMessage(3044, LogLevel.Error, "Predictions by {Model} that hang: {Count}; the oldest has been running for {Seconds:F1} s. Nothing can end them from outside; if they do not end, restart the process.", EventName = "Hanging")]
    private partial void LogHanging(string model, int count, double seconds);

    [LoggerMessage(3045, LogLevel.Information, "No prediction by {Model} hangs any more.", EventName = "HangEnded")]
    private partial void LogHangEnded(string model);
}
