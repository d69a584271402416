using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>What an address of a registry points to.</summary>
internal sealed class RegistrySource(ModelUri uri) : ModelSource
{
    public override string Address => uri.ToString();

    public override ModelUri? Uri => uri;

    internal override IModelFeed Open(string name, ModelHostServices services)
        => new Feed(uri, services.Resolver ?? throw new InvalidOperationException($"The model '{name}' comes from {uri}, but the host has no registry. Give one to the {nameof(ModelHost)}."), services.Loader, services.Options.PollInterval);

    internal override bool IsSame(ModelSource other) => other is RegistrySource && other.Uri == uri;

    private sealed class Feed(ModelUri uri, IModelResolver resolver, IModelLoader loader, TimeSpan pollInterval) : IModelFeed
    {
        /// <summary>A version never moves.</summary>
        public bool IsFixed => uri.Version is not null;

        public TimeSpan? PollInterval => pollInterval;

        public Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken) => resolver.ResolveAsync(uri, cancellationToken);

        public async Task<LoadedModel> LoadAsync(ModelVersion version, Func<ModelDirectory?, Task> beforeModel, CancellationToken cancellationToken)
        {
            if (loader is ModelLoader own) return await own.LoadAsync(version, beforeModel, cancellationToken).ConfigureAwait(false);
            await beforeModel(null).ConfigureAwait(false);
            return await loader.LoadAsync(version, cancellationToken).ConfigureAwait(false);
        }

        public IAsyncEnumerable<ModelVersion?> WatchAsync(CancellationToken cancellationToken) => resolver.WatchAsync(uri, cancellationToken);
    }
}
