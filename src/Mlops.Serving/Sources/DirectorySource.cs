using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>A model directory, followed while others write into it, rename another one over it, or switch the link that it is.</summary>
internal sealed class DirectorySource(string path, DirectorySourceOptions options) : ModelSource
{
    public override string Address => path;

    internal override IModelFeed Open(string name, ModelHostServices services) => new Feed(name, path, options, services, services.RequireModelLoader(name, this));

    internal override bool IsSame(ModelSource other) => other is DirectorySource && other.Address == path;

    private sealed class Feed(string name, string path, DirectorySourceOptions options, ModelHostServices services, ModelLoader loader) : IModelFeed
    {
        // A copy that pauses for longer than this is looked at too early; it is then tried again.
        private static readonly TimeSpan s_settleTime = TimeSpan.FromMilliseconds(250);

        // A directory that never rests, because some program keeps its log in it, is looked at all the same.
        private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

        // The clock of the files may be that of another machine, and be off by a little.
        private static readonly TimeSpan s_longRest = TimeSpan.FromMinutes(1);

        private readonly VersionNumbers _versions = new(name, path, services.Time);
        private readonly DirectoryContent _content = new(path, options.AllowMissingManifest);
        private volatile Import? _imported;
        private volatile string? _rested;
        private volatile bool _isUnsettled;

        public bool IsFixed => false;

        /// <summary>It looks by itself.</summary>
        public TimeSpan? PollInterval => null;

        public string? WaitsFor => _isUnsettled ? Unsettled().Message : null;

        public async Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken)
        {
            DirectoryContent.Check(path, options.AllowMissingManifest);
            var look = _versions.BeginLook();
            return _versions.Of(look, await ReadDigestAsync(cancellationToken).ConfigureAwait(false) ?? await ImportAsync(cancellationToken).ConfigureAwait(false));
        }

        /// <summary>Reads the digest of the manifest, where there is one. What the cache has of it is no reason to take a directory that is not complete.</summary>
        /// <exception cref="ModelLoadException">Files are missing, or not written to their end.</exception>
        private async Task<string?> ReadDigestAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                var digest = await ReadManifestAsync(cancellationToken).ConfigureAwait(false);
                if (digest is null || await ModelDirectory.FindMissingAsync(path, cancellationToken).ConfigureAwait(false) is not { } missing) return digest;

                // Another directory may have been renamed into its place in between.
                if (await ReadManifestAsync(cancellationToken).ConfigureAwait(false) == digest)
                    throw new ModelLoadException(path, $"{path} {_content.Damaged}: {missing}. Restore it from its source, or save the model again.") { IsTransient = true };
            }
        }

        private async Task<string?> ReadManifestAsync(CancellationToken cancellationToken)
        {
            var manifest = Path.Combine(path, ModelFiles.Manifest);
            return File.Exists(manifest) ? Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(manifest, cancellationToken).ConfigureAwait(false))) : null;
        }

        public Task<LoadedModel> LoadAsync(ModelVersion version, Func<ModelDirectory?, Task> beforeModel, CancellationToken cancellationToken)
            => loader.LoadAsync(version, _content, beforeModel, cancellationToken);

        public async IAsyncEnumerable<ModelVersion?> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            using var changes = new DirectoryChanges(path, options.UseFileEvents ? services.FileWatches : null);
            var seen = DirectoryStamp.Of(path);
            yield return null;
            while (true)
            {
                var told = changes.Listen();
                var stamp = DirectoryStamp.Of(path);
                if (stamp == seen)
                {
                    await WaitAsync(told, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                // Whoever writes gets time to finish.
                (seen, _) = await RestAsync(stamp, s_longestWait, cancellationToken).ConfigureAwait(false);
                yield return null;
            }
        }

        private async Task WaitAsync(Task told, CancellationToken cancellationToken)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(told, Task.Delay(options.PollInterval, services.Time, waiting.Token)).ConfigureAwait(false);
            await waiting.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        /// <summary>Finds the digest of content that no manifest tells, without copying what has not changed. The first time it waits for whoever writes; later, what was found before goes on meanwhile.</summary>
        /// <exception cref="ModelLoadException">The directory is being changed.</exception>
        private async Task<string> ImportAsync(CancellationToken cancellationToken)
        {
            var isFirst = _imported is null;
            while (true)
            {
                var stamp = DirectoryStamp.Of(path);
                if (_imported is { } imported && imported.Stamp == stamp) return imported.Digest;
                if (!HasRestedForLong())
                {
                    (stamp, var isAtRest) = await RestAsync(stamp, isFirst ? TimeSpan.MaxValue : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
                    if (!isAtRest) throw Unsettled();
                }

                var digest = await loader.ImportAsync(_content, cancellationToken).ConfigureAwait(false);

                // A copy of what was changed meanwhile may be neither the one model nor the other.
                if (DirectoryStamp.Of(path) == stamp)
                {
                    (_imported, _isUnsettled) = (new Import(stamp, digest), false);
                    return digest;
                }

                _isUnsettled = true;
                if (!isFirst) throw Unsettled();
            }
        }

        private bool HasRestedForLong() => services.Time.GetUtcNow().UtcDateTime - DirectoryStamp.LastWriteOf(path) >= s_longRest;

        /// <summary>Waits until nobody has changed the directory for a moment, but not for ever.</summary>
        /// <returns>Its stamp then, and whether it is at rest.</returns>
        private async Task<(string Stamp, bool IsAtRest)> RestAsync(string stamp, TimeSpan longestWait, CancellationToken cancellationToken)
        {
            var started = services.Time.GetTimestamp();
            while (stamp != _rested)
            {
                var before = stamp;
                await Task.Delay(s_settleTime, services.Time, cancellationToken).ConfigureAwait(false);
                stamp = DirectoryStamp.Of(path);
                _isUnsettled = stamp != before;
                if (!_isUnsettled) _rested = stamp;
                else if (services.Time.GetElapsedTime(started) >= longestWait) return (stamp, false);
            }

            return (stamp, true);
        }

        private ModelLoadException Unsettled() => new(
            path,
            string.Create(CultureInfo.InvariantCulture, $"{path} is being changed, and without '{ModelFiles.Manifest}' nothing says when it is complete. Write the model elsewhere and rename it into place, or write the manifest last; it is taken when it has not changed for {s_settleTime.TotalMilliseconds:0} ms.")) { IsTransient = true };

        private sealed record Import(string Stamp, string Digest);
    }
}
