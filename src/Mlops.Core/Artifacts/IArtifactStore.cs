namespace Mlops.Artifacts;

/// <summary>Keeps files by path, each with the SHA-256 digest of its content: models, reports, dataset chunks.</summary>
/// <remarks>
/// <para>Safe for concurrent use, also by several processes. A write is atomic: readers see the old content or the new, never a part, also after a crash.</para>
/// <para>Paths use <c>/</c>, are relative and case-sensitive; <c>..</c>, empty segments, backslashes, colons, control characters, device names, invalid UTF-16
/// and what is longer than <see cref="ArtifactPath.MaxLength"/> are refused with <see cref="ArgumentException"/>.</para>
/// </remarks>
public interface IArtifactStore
{
    /// <summary>Finds a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The file, or <see langword="null"/>.</returns>
    Task<Artifact?> FindAsync(string path, CancellationToken cancellationToken = default);

    /// <summary>Opens a file for reading; the digest is verified while it is read.</summary>
    /// <param name="path">The path.</param>
    /// <param name="offset">The first byte to read.</param>
    /// <param name="length">The number of bytes to read; to the end when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>
    /// The content; the caller disposes it. When the whole file is read, the last read throws <see cref="StorageException"/> if the content is not what was written;
    /// a range cannot be verified.
    /// </returns>
    /// <exception cref="EntityNotFoundException">There is no such file.</exception>
    Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default);

    /// <summary>Writes a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="content">The content, read to its end.</param>
    /// <param name="condition">What must hold for the write to be carried out.</param>
    /// <param name="cancellationToken">Cancels the operation; nothing is written then.</param>
    /// <returns>The file.</returns>
    /// <exception cref="EntityConflictException">
    /// The condition does not hold; nothing is written. Stores with folders also refuse a path that is one, and a path below a file, because there a path is one or the other.
    /// </exception>
    /// <exception cref="StorageException">The content could not be stored; what was there before still is.</exception>
    Task<Artifact> WriteAsync(string path, Stream content, WriteCondition condition = default, CancellationToken cancellationToken = default);

    /// <summary>Lists the files below a path.</summary>
    /// <param name="prefix">The folder, with or without a trailing <c>/</c>; empty for everything.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The files, ordered by path.</returns>
    IAsyncEnumerable<Artifact> ListAsync(string prefix, CancellationToken cancellationToken = default);

    /// <summary>Deletes a file.</summary>
    /// <param name="path">The path.</param>
    /// <param name="condition">What must hold for the file to be deleted.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether there was such a file.</returns>
    /// <exception cref="EntityConflictException">The condition does not hold; nothing is deleted.</exception>
    Task<bool> DeleteAsync(string path, WriteCondition condition = default, CancellationToken cancellationToken = default);
}
