using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

internal sealed partial class TrackerWriter
{
    // Errors are given as masked text, not as exceptions: what formats an exception knows nothing of secrets.
    [LoggerMessage(EventId = 2010, EventName = nameof(LogRetry), Level = LogLevel.Debug, Message = "Writing to the store failed for a passing reason; trying again. {Problem}")]
    private partial void LogRetry(string problem);

    [LoggerMessage(EventId = 2011, EventName = nameof(LogWriteFailed), Level = LogLevel.Error, Message = "The entries of {Count} runs could not be written; they are kept in memory and tried again. {Problem}")]
    private partial void LogWriteFailed(int count, string problem);

    [LoggerMessage(EventId = 2012, EventName = nameof(LogRefused), Level = LogLevel.Error, Message = "The store refused {Count} entries of run {RunId}; where the handle that logged them lives, its next flush or completion tells. {Problem}")]
    private partial void LogRefused(string runId, int count, string problem);

    [LoggerMessage(EventId = 2014, EventName = nameof(LogStoreUnavailable), Level = LogLevel.Warning, Message = "The store cannot be written; entries go to the spool until it can. {Problem}")]
    private partial void LogStoreUnavailable(string problem);

    [LoggerMessage(EventId = 2015, EventName = nameof(LogStoreAvailable), Level = LogLevel.Information, Message = "The store can be written again.")]
    private partial void LogStoreAvailable();

    [LoggerMessage(EventId = 2016, EventName = nameof(LogDelivered), Level = LogLevel.Information, Message = "Everything in the spool has been delivered.")]
    private partial void LogDelivered();

    [LoggerMessage(EventId = 2017, EventName = nameof(LogLeftInSpool), Level = LogLevel.Warning, Message = "{Bytes} bytes stay in the spool; the next tracker over this store delivers them. {Problem}")]
    private partial void LogLeftInSpool(long bytes, string problem);

    [LoggerMessage(EventId = 2002, EventName = nameof(LogAdopted), Level = LogLevel.Information, Message = "Delivered what a process that is gone had left in the spool {Path}.")]
    private partial void LogAdopted(string path);

    [LoggerMessage(EventId = 2003, EventName = nameof(LogDamaged), Level = LogLevel.Error, Message = "Delivered what could be read of the spool {Path}. Parts of it are damaged; it is kept beside, with the ending .damaged.")]
    private partial void LogDamaged(string path);

    [LoggerMessage(EventId = 2019, EventName = nameof(LogRefusedKept), Level = LogLevel.Error, Message = "{Count} entries that waited in the spool were refused by the store; they are kept in {Path}. Once the reason is gone (the run is restored, or goes on), give it the ending .spool instead of .refused to have it delivered; otherwise delete it.")]
    private partial void LogRefusedKept(int count, string path);

    [LoggerMessage(EventId = 2020, EventName = nameof(LogRefusedDropped), Level = LogLevel.Error, Message = "{Count} entries that waited in the spool were refused by the store and are dropped: in {Folder} there is as much as SpoolOptions.MaxRefusedBytes allows.")]
    private partial void LogRefusedDropped(int count, string folder);

    [LoggerMessage(EventId = 2021, EventName = nameof(LogUnreadable), Level = LogLevel.Error, Message = "The spool {Path} that a process had left cannot be delivered now; it stays, and is tried again. {Problem}")]
    private partial void LogUnreadable(string path, string problem);
}
