using Microsoft.Extensions.Logging;

namespace Mlops.Monitoring;

public sealed partial class MonitoringLoop
{
    [LoggerMessage(EventId = 4201, EventName = nameof(LogEvaluationFailed), Level = LogLevel.Error, Message = "The evaluation of {Model} failed; it is tried again after the next interval.")]
    private static partial void LogEvaluationFailed(ILogger logger, Exception exception, string model);
}
