namespace Mlops.Tracking.Tests;

/// <summary>A disk with little room: a write that does not fit is written in part, and throws as the operating system does.</summary>
internal sealed class SmallDisk
{
    public long Room { get; set; }

    public Stream Open(string path, FileMode mode) => new SmallFile(this, new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None));

    private sealed class SmallFile(SmallDisk disk, FileStream file) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => file.Position = value;
        }

        public override void Flush() => file.Flush(flushToDisk: true);

        public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => file.Read(buffer);

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void SetLength(long value) => file.SetLength(value);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            var fits = (int)Math.Clamp(disk.Room - file.Position, 0, buffer.Length);
            file.Write(buffer[..fits]);
            if (fits < buffer.Length) throw new IOException("No space left on device");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}
