using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

public sealed partial class ModelLoader
{
    [LoggerMessage(3001, LogLevel.Information, "Fetched {Model}: {Count} files from {Source}.", EventName = "Downloaded")]
    private partial void LogDownloaded(string model, int count, string source);

    [LoggerMessage(3002, LogLevel.Warning, "The cached model in {Directory} is damaged and is fetched again.", EventName = "CacheDamaged")]
    private partial void LogCacheDamaged(Exception error, string directory);
}
