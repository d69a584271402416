namespace Mlops.Data;

/// <summary>How a catalog stores and reads.</summary>
public sealed class DatasetCatalogOptions
{
    /// <summary>Gets how chunks are compressed. Chunks are found again whatever their compression.</summary>
    /// <value>The default value is <see cref="ChunkCompression.Deflate"/>.</value>
    public ChunkCompression Compression { get; init; } = ChunkCompression.Deflate;

    /// <summary>
    /// Gets for how long what a registration has written is kept from garbage collection when nothing is heard of it, since its process may have died.
    /// A registration tells of itself whenever it writes; one that was silent for longer, and met a collection then, fails and leaves nothing.
    /// </summary>
    /// <value>The default value is 1 hour.</value>
    public TimeSpan RegistrationTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Gets how many portions of some megabytes are read at the same time when a version is read; rows keep their order.</summary>
    /// <value>The default value is 2.</value>
    public int ReadParallelism { get; init; } = 2;

    /// <summary>Gets whether a registration reads the chunks that are there already before it relies on them, and writes those anew that were damaged.</summary>
    /// <value>The default value is <see langword="true"/>. Otherwise their length must do, which spares the reading where the store is far away.</value>
    public bool VerifiesReusedChunks { get; init; } = true;

    internal void Check()
    {
        if (!Enum.IsDefined(Compression)) throw new ArgumentOutOfRangeException(nameof(Compression), Compression, "This is not a compression.");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RegistrationTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadParallelism, 1);
    }
}
