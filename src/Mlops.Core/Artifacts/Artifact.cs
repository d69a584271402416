namespace Mlops.Artifacts;

/// <summary>A file in an artifact store. A snapshot: later writes do not change it.</summary>
/// <param name="Path">The path within the store, with <c>/</c>, without a leading one.</param>
/// <param name="Digest">The SHA-256 digest of the content, 64 lower-case hexadecimal digits.</param>
/// <param name="Length">The length in bytes.</param>
public sealed record Artifact(string Path, string Digest, long Length)
{
    /// <summary>Wraps the content of the file so that its length and digest are checked while it is read; for those who write a store.</summary>
    /// <param name="content">The whole content, from its beginning; it is disposed with the stream that is returned.</param>
    /// <param name="tampered">Makes the exception that the last read throws if the content is another one; it is given what is wrong.</param>
    /// <returns>The content, to be read once from its beginning to its end.</returns>
    public Stream Verify(Stream content, Func<string, Exception> tampered)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(tampered);
        return new VerifyingStream(content, this, tampered);
    }
}
