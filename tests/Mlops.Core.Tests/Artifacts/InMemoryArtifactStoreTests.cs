using Mlops.Artifacts;
using Mlops.Testing;

namespace Mlops.Core.Tests.Artifacts;

public sealed class InMemoryArtifactStoreTests : ArtifactStoreConformance
{
    protected override Task<IArtifactStore> CreateAsync() => Task.FromResult<IArtifactStore>(new InMemoryArtifactStore());
}
