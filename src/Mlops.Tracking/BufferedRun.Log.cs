using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

internal sealed partial class BufferedRun
{
    [LoggerMessage(EventId = 2010, EventName = nameof(LogRetry), Level = LogLevel.Debug, Message = "Writing to run {RunId} failed for a passing reason; trying again.")]
    private partial void LogRetry(Exception error, string runId);

    [LoggerMessage(EventId = 2011, EventName = nameof(LogWriteFailed), Level = LogLevel.Error, Message = "Run {RunId} could not be written; its entries are kept in memory and tried again.")]
    private partial void LogWriteFailed(Exception error, string runId);

    [LoggerMessage(EventId = 2012, EventName = nameof(LogRefused), Level = LogLevel.Error, Message = "The store refused an entry of run {RunId}; it is dropped and will be reported.")]
    private partial void LogRefused(Exception error, string runId);

    [LoggerMessage(EventId = 2013, EventName = nameof(LogLost), Level = LogLevel.Error, Message = "Run {RunId} was disposed before everything it logged could be written.")]
    private partial void LogLost(Exception error, string runId);
}
