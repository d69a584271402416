using Microsoft.Extensions.Logging;

namespace Mlops.Triggers;

public sealed partial class PipelineTrigger
{
    [LoggerMessage(EventId = 1201, EventName = nameof(LogStarting), Level = LogLevel.Information, Message = "Trigger {Trigger} starts its pipeline for the {Kind} {CauseId}.")]
    private static partial void LogStarting(ILogger logger, string trigger, string kind, string causeId);

    [LoggerMessage(EventId = 1202, EventName = nameof(LogRan), Level = LogLevel.Information, Message = "Trigger {Trigger} ran its pipeline for {CauseId}.")]
    private static partial void LogRan(ILogger logger, string trigger, string causeId);

    [LoggerMessage(EventId = 1203, EventName = nameof(LogFailed), Level = LogLevel.Error, Message = "The pipeline of trigger {Trigger} failed for {CauseId}.")]
    private static partial void LogFailed(ILogger logger, Exception exception, string trigger, string causeId);

    [LoggerMessage(EventId = 1204, EventName = nameof(LogRenewalFailed), Level = LogLevel.Warning, Message = "Trigger {Trigger} could not renew its lease; it tries again while the lease lasts.")]
    private static partial void LogRenewalFailed(ILogger logger, Exception exception, string trigger);

    [LoggerMessage(EventId = 1205, EventName = nameof(LogLeaseLost), Level = LogLevel.Error, Message = "Trigger {Trigger} lost its lease; its run is cancelled.")]
    private static partial void LogLeaseLost(ILogger logger, string trigger);

    [LoggerMessage(EventId = 1206, EventName = nameof(LogRecordingFailed), Level = LogLevel.Warning, Message = "Trigger {Trigger} could not record the end of its run; the pause counts from its beginning.")]
    private static partial void LogRecordingFailed(ILogger logger, Exception exception, string trigger);
}
