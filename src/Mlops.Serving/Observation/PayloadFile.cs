using System.Buffers;

namespace Mlops.Serving;

/// <summary>One file of a payload log while it is written. Used by one thread.</summary>
internal sealed class PayloadFile : IDisposable
{
    private ArrayBufferWriter<byte> _waiting = new();
    private readonly int _headerBytes;
    private FileStream? _stream;
    private long _written;

    /// <summary>Creates the file.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public PayloadFile(string path, ReadOnlyMemory<byte> header, DateTimeOffset created)
    {
        (Path, Created, _headerBytes) = (path, created, header.Length);
        // Others may read it meanwhile; who tries to open it for itself learns that it is being written.
        _stream = Open(FileMode.CreateNew);
        _waiting.Write(header.Span);
    }

    /// <summary>Gets the model whose calls it holds, and the columns where all calls of a file must have the same.</summary>
    public required (string? Model, string Header) Key { get; init; }

    public string Path { get; }

    public DateTimeOffset Created { get; }

    public long Length => _written + _waiting.WrittenCount;

    /// <summary>Gets how many rows wait to be flushed.</summary>
    public int WaitingRows { get; private set; }

    /// <summary>Gets whether half a line may be at its end.</summary>
    public bool IsBroken { get; private set; }

    public int WaitingBytes => _waiting.WrittenCount;

    public bool HasRows => WaitingRows > 0 || _written > _headerBytes;

    public void Append(ReadOnlySpan<byte> lines, int rows)
    {
        _waiting.Write(lines);
        WaitingRows += rows;
    }

    /// <summary>Has the operating system close the file, in which nothing waits, for a while: so many are never open at once.</summary>
    public void Suspend()
    {
        _stream?.Dispose();
        (_stream, _waiting) = (null, new ArrayBufferWriter<byte>());
    }

    /// <summary>Opens the file again.</summary>
    /// <returns>Whether that was possible: another log of the folder may have taken it for one that was left, and ended it.</returns>
    public bool TryResume()
    {
        if (_stream is not null) return true;
        try
        {
            _stream = Open(FileMode.Open);
            _stream.Seek(0, SeekOrigin.End);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Hands what waits to the operating system.</summary>
    /// <returns>How many rows.</returns>
    public int Flush()
    {
        if (_waiting.WrittenCount > 0)
        {
            _stream!.Write(_waiting.WrittenSpan);
            _written += _waiting.WrittenCount;
            _waiting.ResetWrittenCount();
        }

        var rows = WaitingRows;
        WaitingRows = 0;
        return rows;
    }

    /// <summary>Gives up what waits, after it could not be written: what is in the file of it is cut off.</summary>
    /// <returns>How many rows.</returns>
    public int Abandon()
    {
        var rows = WaitingRows;
        WaitingRows = 0;
        _waiting.ResetWrittenCount();
        try
        {
            _stream!.SetLength(_written);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            IsBroken = true;
        }

        return rows;
    }

    public void Dispose() => _stream?.Dispose();

    private FileStream Open(FileMode mode) => new(Path, mode, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
}
