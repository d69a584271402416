using Microsoft.Extensions.Logging;

namespace Mlops.Monitoring;

public sealed partial class ModelMonitor
{
    [LoggerMessage(EventId = 4001, EventName = nameof(LogObservationFailed), Level = LogLevel.Error, Message = "The monitor of {Model} could not take in a prediction; it goes on, and logs this once.")]
    private static partial void LogObservationFailed(ILogger logger, Exception exception, string model);

    [LoggerMessage(EventId = 4002, EventName = nameof(LogNoProfile), Level = LogLevel.Warning, Message = "Version {Version} of {Model} was saved without a profile of its training data, so drift cannot be tested. Set ModelSaveOptions.Profile.")]
    private static partial void LogNoProfile(ILogger logger, string model, int version);

    [LoggerMessage(EventId = 4003, EventName = nameof(LogNothingJudged), Level = LogLevel.Error, Message = "The predictions of {Model} are not judged: {Reason} See Output, OutputElement and PositiveClass of ModelMonitorOptions.")]
    private static partial void LogNothingJudged(ILogger logger, string model, string reason);
}
