using Azure.Storage.Blobs;

namespace Mlops.Artifacts.AzureBlobs;

/// <summary>How artifacts are kept in a container of Azure Blob Storage.</summary>
public sealed class AzureBlobArtifactStoreOptions
{
    internal const int MinBlockBytes = 64 << 10;

    internal const int MaxBlockBytes = 1 << 30;

    /// <summary>Gets or sets the folder within the container that the artifacts are kept below.</summary>
    /// <value>The default value is empty: the whole container.</value>
    public string Prefix { get; set; } = "";

    /// <summary>Gets or sets the size in bytes of the blocks that larger content is uploaded in; smaller content is uploaded in one request.</summary>
    /// <value>The default value is 8 MiB; from 64 KiB to 1 GiB. The service takes 50,000 blocks, so that content can be as long as 50,000 times this.</value>
    public int BlockBytes { get; set; } = 8 << 20;

    /// <summary>Gets or sets how many blocks of one write are uploaded at once. A write holds that many blocks in memory.</summary>
    /// <value>The default value is 4; at least 1.</value>
    public int Parallelism { get; set; } = 4;

    /// <summary>Gets or sets what is changed in the options of the client that the store makes: retries, timeouts, proxy, transport.</summary>
    /// <value>The default value is <see langword="null"/>: the defaults of Azure.Storage.Blobs.</value>
    public Action<BlobClientOptions>? ConfigureClient { get; set; }

    internal BlobClientOptions CreateClientOptions()
    {
        var options = new BlobClientOptions();
        ConfigureClient?.Invoke(options);
        return options;
    }
}
