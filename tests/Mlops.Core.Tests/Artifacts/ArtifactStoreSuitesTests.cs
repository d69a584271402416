using Mlops.Artifacts;
using Mlops.Tests;

namespace Mlops.Core.Tests.Artifacts;

public sealed class ArtifactStoreSuitesTests
{
    [Fact]
    public void Stores_OfThePackage_RunTheSuite()
        => Assert.Empty(ArtifactStoreSuites.FindUntested(typeof(LocalArtifactStore).Assembly, typeof(ArtifactStoreSuitesTests).Assembly));
}
