using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

internal sealed partial class TrackerWriter
{
    // Errors are given as masked text, not as exceptions: what formats an exception knows nothing of secrets.
    [LoggerMessage(EventId = 2010, EventName = nameof(LogRetry), Level = LogLevel.Debug, Message = "Writing to the store failed for a passing reason; trying again. {Problem}")]
    private partial void LogRetry(string problem);

    [LoggerMessage(EventId = 2011, EventName = nameof(LogWriteFailed), Level = LogLevel.Error, Message = "The entries of {Count} runs could not be written; they are kept in memory and tried again. {Problem}")]
    private partial void LogWriteFailed(int count, string problem);

    [LoggerMessage(EventId = 2012, EventName = nameof(LogRefused), Level = LogLevel.Error, Message = "The store refused {Count} entries of run {RunId}; they are dropped and will be reported. {Problem}")]
    private partial void LogRefused(string runId, int count, string problem);

    [LoggerMessage(EventId = 2014, EventName = nameof(LogStoreUnavailable), Level = LogLevel.Warning, Message = "The store cannot be written; entries go to the spool until it can. {Problem}")]
    private partial void LogStoreUnavailable(string problem);

    [LoggerMessage(EventId = 2015, EventName = nameof(LogStoreAvailable), Level = LogLevel.Information, Message = "The store can be written again.")]
    private partial void LogStoreAvailable();

    [LoggerMessage(EventId = 2016, EventName = nameof(LogDelivered), Level = LogLevel.Information, Message = "Everything in the spool has been delivered.")]
    private partial void LogDelivered();

    [LoggerMessage(EventId = 2017, EventName = nameof(LogLeftInSpool), Level = LogLevel.Warning, Message = "{Bytes} bytes stay in the spool; the next tracker over this store delivers them. {Problem}")]
    private partial void LogLeftInSpool(long bytes, string problem);
}
