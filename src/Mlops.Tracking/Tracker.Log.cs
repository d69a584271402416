using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

public sealed partial class Tracker
{
    [LoggerMessage(EventId = 2000, EventName = nameof(LogAbandoned), Level = LogLevel.Information, Message = "Ended {Count} runs as killed: their processes are gone.")]
    private partial void LogAbandoned(int count);

    [LoggerMessage(EventId = 2001, EventName = nameof(LogRenewalFailed), Level = LogLevel.Warning, Message = "The leases of running runs could not be renewed; trying again.")]
    private partial void LogRenewalFailed(Exception error);
}
