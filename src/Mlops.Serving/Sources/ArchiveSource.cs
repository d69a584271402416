using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>A zip archive of a model directory, read from a stream: from a new one at each reload, or from one that can be read once.</summary>
internal sealed class ArchiveSource(string address, Func<CancellationToken, Task<Stream>> open, object identity, bool isReadOnce, ArchiveSourceOptions options) : ModelSource
{
    private readonly object _identity = identity;
    private int _reads;

    public override string Address => address;

    internal override IModelFeed Open(string name, ModelHostServices services)
        => new Feed(isReadOnce, new ArchiveContent(address, OpenAsync, options), new VersionNumbers(name, address, services.Time), services.RequireModelLoader(name, this));

    internal override bool IsSame(ModelSource other) => other is ArchiveSource archive && ReferenceEquals(archive._identity, _identity);

    private Task<Stream> OpenAsync(CancellationToken cancellationToken)
        => isReadOnce && Interlocked.Increment(ref _reads) > 1
            ? throw new ModelLoadException(address, $"{address} was read already and its local copy is not there any more. Give the source a function that opens the stream anew.")
            : open(cancellationToken);

    private sealed class Feed(bool isReadOnce, ArchiveContent content, VersionNumbers versions, ModelLoader loader) : IModelFeed
    {
        /// <summary>Nothing tells of another archive; asked to reload, it is read anew.</summary>
        public bool IsFixed => true;

        public TimeSpan? PollInterval => null;

        public async Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken)
        {
            if (isReadOnce && versions.Last is { } version) return version;
            var look = versions.BeginLook();
            return versions.Of(look, await loader.ImportAsync(content, cancellationToken).ConfigureAwait(false));
        }

        public Task<LoadedModel> LoadAsync(ModelVersion version, Func<ModelDirectory?, Task> beforeModel, CancellationToken cancellationToken)
            => loader.LoadAsync(version, content, beforeModel, cancellationToken);

        public IAsyncEnumerable<ModelVersion?> WatchAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Archives are not watched.");
    }
}
