using Azure.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Mlops;
using Mlops.Artifacts;
using Mlops.Artifacts.AzureBlobs;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Keeps the artifacts of all Mlops packages in Azure Blob Storage, in place of the folder or memory that a tracking store would choose.</summary>
public static class AzureBlobArtifactsMlopsBuilderExtensions
{
    /// <summary>Registers an <see cref="AzureBlobArtifactStore"/> by a connection string. The order of this and <c>AddTracking</c> does not matter.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">The connection string, with an account key or a shared access signature.</param>
    /// <param name="container">The name of the container.</param>
    /// <param name="configure">Sets how artifacts are kept.</param>
    /// <returns>The same builder.</returns>
    public static IMlopsBuilder AddAzureBlobArtifacts(this IMlopsBuilder builder, string connectionString, string container, Action<AzureBlobArtifactStoreOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        BlobContainerName.Check(container);
        return Add(builder, configure, options => new AzureBlobArtifactStore(connectionString, container, options));
    }

    /// <summary>Registers an <see cref="AzureBlobArtifactStore"/> by the address of a container that carries a shared access signature. The order of this and <c>AddTracking</c> does not matter.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="container">The address.</param>
    /// <param name="configure">Sets how artifacts are kept.</param>
    /// <returns>The same builder.</returns>
    public static IMlopsBuilder AddAzureBlobArtifacts(this IMlopsBuilder builder, Uri container, Action<AzureBlobArtifactStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(container);
        return Add(builder, configure, options => new AzureBlobArtifactStore(container, options));
    }

    /// <summary>Registers an <see cref="AzureBlobArtifactStore"/> by the address of a container and a credential that gets tokens. The order of this and <c>AddTracking</c> does not matter.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="container">The address.</param>
    /// <param name="credential">What gets tokens, such as one of Azure.Identity.</param>
    /// <param name="configure">Sets how artifacts are kept.</param>
    /// <returns>The same builder.</returns>
    public static IMlopsBuilder AddAzureBlobArtifacts(this IMlopsBuilder builder, Uri container, TokenCredential credential, Action<AzureBlobArtifactStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(credential);
        return Add(builder, configure, options => new AzureBlobArtifactStore(container, credential, options));
    }

    private static IMlopsBuilder Add(IMlopsBuilder builder, Action<AzureBlobArtifactStoreOptions>? configure, Func<AzureBlobArtifactStoreOptions, AzureBlobArtifactStore> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Services.AddOptions<AzureBlobArtifactStoreOptions>();
        if (configure is not null) options.Configure(configure);
        // Replaced rather than added when absent, because AddTracking may have registered the store of its backend.
        builder.Services.Replace(ServiceDescriptor.Singleton<IArtifactStore>(provider => create(provider.GetRequiredService<IOptions<AzureBlobArtifactStoreOptions>>().Value)));
        return builder;
    }
}
