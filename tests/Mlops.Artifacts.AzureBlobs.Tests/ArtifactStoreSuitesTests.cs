using Mlops.Tests;

namespace Mlops.Artifacts.AzureBlobs.Tests;

public sealed class ArtifactStoreSuitesTests
{
    [Fact]
    public void Stores_OfThePackage_RunTheSuite()
        => Assert.Empty(ArtifactStoreSuites.FindUntested(typeof(AzureBlobArtifactStore).Assembly, typeof(ArtifactStoreSuitesTests).Assembly));
}
