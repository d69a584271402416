using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

public sealed partial class ModelLoader
{
    [LoggerMessage(3002, LogLevel.Warning, "The cached model in {Directory} is damaged and is fetched again.", EventName = "CacheDamaged")]
    private partial void LogCacheDamaged(Exception error, string directory);
}
