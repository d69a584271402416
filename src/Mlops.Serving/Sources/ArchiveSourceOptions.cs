namespace Mlops.Serving;

/// <summary>How an archive of a model directory is unpacked.</summary>
public sealed class ArchiveSourceOptions
{
    /// <summary>Gets or sets whether an archive without a manifest is served: a directory that another program wrote, such as MLflow.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool AllowMissingManifest { get; set; }

    /// <summary>Gets or sets how large the archive may be, and how large all its files together, in bytes.</summary>
    /// <value>The default value is 4,294,967,296 (4 GiB); at least 1.</value>
    public long MaxBytes { get; set; } = 1L << 32;

    /// <summary>Gets or sets how many files the archive may hold.</summary>
    /// <value>The default value is 10,000; at least 1.</value>
    public int MaxFiles { get; set; } = 10_000;

    internal ArchiveSourceOptions Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, 1, nameof(MaxBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFiles, 1, nameof(MaxFiles));
        return new ArchiveSourceOptions { AllowMissingManifest = AllowMissingManifest, MaxBytes = MaxBytes, MaxFiles = MaxFiles };
    }
}
