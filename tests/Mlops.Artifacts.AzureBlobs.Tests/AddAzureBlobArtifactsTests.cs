using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Mlops.Artifacts.AzureBlobs.Tests;

public sealed class AddAzureBlobArtifactsTests
{
    private static readonly Uri s_container = new("https://account.blob.core.windows.net/models");

    /// <summary>As AddTracking does: it keeps a store that is there and adds one when there is none.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AddAzureBlobArtifacts_BeforeOrAfterAnotherStore_IsTheStore(bool isFirst)
    {
        var services = new ServiceCollection();
        if (!isFirst) services.TryAddSingleton<IArtifactStore>(new InMemoryArtifactStore());
        services.AddMlops().AddAzureBlobArtifacts(s_container, options => options.Prefix = "team");
        services.TryAddSingleton<IArtifactStore>(new InMemoryArtifactStore());
        using var provider = services.BuildServiceProvider();
        Assert.Equal(s_container, Assert.IsType<AzureBlobArtifactStore>(provider.GetRequiredService<IArtifactStore>()).Container);
        Assert.Single(provider.GetServices<IArtifactStore>());
    }

    [Fact]
    public void AddAzureBlobArtifacts_ConnectionString_IsTheStore()
    {
        var services = new ServiceCollection();
        services.AddMlops().AddAzureBlobArtifacts("DefaultEndpointsProtocol=https;AccountName=account;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net", "models");
        using var provider = services.BuildServiceProvider();
        Assert.Equal(s_container, Assert.IsType<AzureBlobArtifactStore>(provider.GetRequiredService<IArtifactStore>()).Container);
    }
}
