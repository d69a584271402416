using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

internal sealed partial class BufferedRun
{
    [LoggerMessage(EventId = 2013, EventName = nameof(LogLost), Level = LogLevel.Error, Message = "Run {RunId} was disposed before everything it logged could be written. {Problem}")]
    private partial void LogLost(string problem, string runId);

    [LoggerMessage(EventId = 2018, EventName = nameof(LogUnreadable), Level = LogLevel.Warning, Message = "Run {RunId} has ended and cannot be read back just now. {Problem}")]
    private partial void LogUnreadable(string problem, string runId);
}
