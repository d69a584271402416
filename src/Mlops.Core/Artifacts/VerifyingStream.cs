using System.Security.Cryptography;

namespace Mlops.Artifacts;

/// <summary>Reads an artifact from its beginning and checks its digest when the end is reached.</summary>
internal sealed class VerifyingStream(Stream content, Artifact artifact, Func<string, Exception> tampered) : ForwardStream(content)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;
    private bool _verified;

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty) return 0;
        var count = Inner.Read(buffer);
        Check(buffer[..count]);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        var count = await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Check(buffer.Span[..count]);
        return count;
    }

    // Whoever copies the whole content gets the hashing beside the copying.
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (_read > 0 || artifact.Length < HashingCopy.BlockBytes)
        {
            await base.CopyToAsync(destination, bufferSize, cancellationToken).ConfigureAwait(false);
            return;
        }

        var (digest, length) = await HashingCopy.CopyAsync(Inner, WriteAsync, cancellationToken).ConfigureAwait(false);
        _read = length;
        if (length < artifact.Length) throw tampered("it is shorter than what was written");
        if (digest != artifact.Digest) throw tampered("its digest is another one");
        _verified = true;

        ValueTask WriteAsync(ReadOnlyMemory<byte> block, long position, CancellationToken token)
            => position + block.Length > artifact.Length ? throw tampered("it is longer than what was written") : destination.WriteAsync(block, token);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }

    // At the expected length rather than at the first empty read: a reader that knows the length may never make that one.
    private void Check(ReadOnlySpan<byte> bytes)
    {
        _read += bytes.Length;
        if (_read > artifact.Length) throw tampered("it is longer than what was written");
        if (bytes.IsEmpty && _read < artifact.Length) throw tampered("it is shorter than what was written");
        if (_verified) return;
        _hash.AppendData(bytes);
        if (_read < artifact.Length) return;
        if (Convert.ToHexStringLower(_hash.GetHashAndReset()) != artifact.Digest) throw tampered("its digest is another one");
        _verified = true;
    }
}
