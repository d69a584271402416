using System.Globalization;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>A model that the application makes by itself.</summary>
internal sealed class MemorySource(object identity, Func<CancellationToken, Task<IModel>> create, bool isOwned, int version) : ModelSource
{
    private readonly object _identity = identity;

    public override string Address { get; } = string.Create(CultureInfo.InvariantCulture, $"version {version} in memory");

    internal override IModelFeed Open(string name, ModelHostServices services)
        => new Feed(new ModelVersion(name, version, "memory", "", services.Time.GetUtcNow()), create, isOwned);

    internal override bool IsSame(ModelSource other) => other is MemorySource memory && ReferenceEquals(memory._identity, _identity);

    private sealed class Feed(ModelVersion version, Func<CancellationToken, Task<IModel>> create, bool isOwned) : IModelFeed
    {
        public bool IsFixed => true;

        public TimeSpan? PollInterval => null;

        public Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken) => Task.FromResult(version);

        public async Task<LoadedModel> LoadAsync(ModelVersion resolved, Func<ModelDirectory?, Task> beforeModel, CancellationToken cancellationToken)
        {
            await beforeModel(null).ConfigureAwait(false);
            var model = await create(cancellationToken).ConfigureAwait(false)
                ?? throw new ModelLoadException(resolved.Name, $"The function that makes the model '{resolved.Name}' returned null.");
            return new LoadedModel(resolved, null, model) { IsOwned = isOwned };
        }

        public IAsyncEnumerable<ModelVersion?> WatchAsync(CancellationToken cancellationToken) => throw new NotSupportedException("Models in memory are not watched.");
    }
}
