using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

public sealed partial class Tracker
{
    [LoggerMessage(EventId = 2000, EventName = nameof(LogAbandoned), Level = LogLevel.Information, Message = "Ended {Count} runs as killed: their processes are gone.")]
    private partial void LogAbandoned(int count);

    [LoggerMessage(EventId = 2001, EventName = nameof(LogRenewalFailed), Level = LogLevel.Warning, Message = "The leases of running runs could not be renewed, or abandoned runs not be looked for; trying again. {Problem}")]
    private partial void LogRenewalFailed(string problem);

    [LoggerMessage(EventId = 2004, EventName = nameof(LogEnvironmentLost), Level = LogLevel.Warning, Message = "The environment of runs could not be noted completely. {Problem}")]
    private partial void LogEnvironmentLost(string problem);
}
