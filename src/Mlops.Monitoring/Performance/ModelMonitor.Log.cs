using Microsoft.Extensions.Logging;

namespace Mlops.Monitoring;

public sealed partial class ModelMonitor
{
    [LoggerMessage(EventId = 4001, EventName = nameof(LogObservationFailed), Level = LogLevel.Error, Message = "The monitor of {Model} could not take in a prediction; it goes on, and logs this once.")]
    private static partial void LogObservationFailed(ILogger logger, Exception exception, string model);
}
