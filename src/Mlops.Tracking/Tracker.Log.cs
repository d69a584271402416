using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

public sealed partial class Tracker
{
    [LoggerMessage(EventId = 2000, EventName = nameof(LogAbandoned), Level = LogLevel.Information, Message = "Ended {Count} runs as killed: their processes are gone.")]
    private partial void LogAbandoned(int count);

    [LoggerMessage(EventId = 2001, EventName = nameof(LogRenewalFailed), Level = LogLevel.Warning, Message = "The leases of running runs could not be renewed, or abandoned runs not be looked for; trying again. {Problem}")]
    private partial void LogRenewalFailed(string problem);

    [LoggerMessage(EventId = 2002, EventName = nameof(LogAdopted), Level = LogLevel.Information, Message = "Delivered what a process that is gone had left in the spool {Path}.")]
    private partial void LogAdopted(string path);

    [LoggerMessage(EventId = 2003, EventName = nameof(LogDamaged), Level = LogLevel.Error, Message = "Delivered what could be read of the spool {Path}. Parts of it are damaged; it is kept as {Path}.damaged.")]
    private partial void LogDamaged(string path);

    [LoggerMessage(EventId = 2004, EventName = nameof(LogEnvironmentLost), Level = LogLevel.Warning, Message = "The environment of runs could not be noted completely. {Problem}")]
    private partial void LogEnvironmentLost(string problem);
}
