using Microsoft.Extensions.Logging;

namespace Mlops.Monitoring;

public sealed partial class AlertEngine
{
    [LoggerMessage(EventId = 4101, EventName = nameof(LogRaised), Level = LogLevel.Warning, Message = "Alert {Rule} of {Model}: {Reason}")]
    private static partial void LogRaised(ILogger logger, string rule, string model, string reason);

    [LoggerMessage(EventId = 4102, EventName = nameof(LogResolved), Level = LogLevel.Information, Message = "Alert {Rule} of {Model} is over: {Resolution}")]
    private static partial void LogResolved(ILogger logger, string rule, string model, string resolution);

    [LoggerMessage(EventId = 4103, EventName = nameof(LogSinkFailed), Level = LogLevel.Error, Message = "{Sink} failed to handle the alert {Rule} of {Model}.")]
    private static partial void LogSinkFailed(ILogger logger, Exception exception, string sink, string rule, string model);
}
