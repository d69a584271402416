using System.Buffers.Binary;

namespace Mlops.Artifacts.AzureBlobs.Tests;

/// <summary>Content of any length that lies nowhere: numbers by a generator of Steele, Lea and Flood (SplitMix64), little-endian.</summary>
internal sealed class NumberStream(long length, ulong seed = 1, Func<long, Task>? onRead = null) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static byte[] Bytes(int length, ulong seed = 1)
    {
        var bytes = new byte[length];
        new NumberStream(length, seed).ReadExactly(bytes);
        return bytes;
    }

    public override int Read(Span<byte> buffer)
    {
        // Whole numbers, but for the last one.
        var count = (int)Math.Min(buffer.Length, length - _position);
        if (count == 0) return 0;
        if (count > 8) count -= count % 8;
        for (var i = 0; i < count; i += 8)
        {
            var z = seed + ((ulong)((_position + i) / 8) * 0x9E3779B97F4A7C15UL);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            z ^= z >> 31;
            if (count - i >= 8) BinaryPrimitives.WriteUInt64LittleEndian(buffer[i..], z);
            else buffer[i..count].Fill((byte)z);
        }

        _position += count;
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (onRead is not null) await onRead(_position);
        return Read(buffer.Span);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
