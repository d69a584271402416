using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>The files of a version in an artifact store.</summary>
internal sealed partial class ArtifactContent(ModelVersion version, IArtifactStore? artifacts, ILogger logger) : IModelContent
{
    private readonly ILogger _logger = logger;

    public string Address { get; } = ModelUri.OfVersion(version.Name, version.Version).ToString();

    public string Place => $"'{version.Source}'";

    public string Damaged => "is damaged in the artifact store";

    public bool MaySettle => false;

    public bool AllowMissingManifest => false;

    public async Task WriteAsync(string target, CancellationToken cancellationToken)
    {
        if (artifacts is null)
            throw new ModelLoadException(Address, $"{Address} is kept in an artifact store, and the {nameof(ModelLoader)} has none. Give it one.");
        var folder = version.Source.TrimEnd('/') + "/";
        var count = 0;
        try
        {
            await foreach (var artifact in artifacts.ListAsync(folder, cancellationToken).ConfigureAwait(false))
            {
                var file = Path.GetFullPath(Path.Combine(target, artifact.Path[folder.Length..]));
                if (!file.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                    throw new ModelLoadException(Address, $"The artifact '{artifact.Path}' of {Address} leads out of its folder; it is not loaded.");
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                await CopyAsync(artifacts, artifact.Path, file, cancellationToken).ConfigureAwait(false);
                count++;
            }
        }
        catch (Exception error) when (error is not ModelLoadException && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(Address, $"{Address} could not be fetched from '{version.Source}': {error.Message}", error) { IsTransient = true };
        }

        if (count == 0)
            throw new ModelLoadException(Address, $"The artifact store has nothing below '{version.Source}', where {Address} should be. Restore it, or register the model again.");
        LogDownloaded(Address, count, version.Source);
    }

    private static async Task CopyAsync(IArtifactStore artifacts, string path, string file, CancellationToken cancellationToken)
    {
        var source = await artifacts.OpenReadAsync(path, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var target = File.Create(file);
            await using (target.ConfigureAwait(false))
            {
                await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "Fetched {Model} from {Source}; files: {Count}.", EventName = "Downloaded")]
    private partial void LogDownloaded(string model, int count, string source);
}
