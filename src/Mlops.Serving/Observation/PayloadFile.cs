using System.Buffers;

namespace Mlops.Serving;

/// <summary>One file of a payload log while it is written. Used by one thread.</summary>
internal sealed class PayloadFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _waiting = new();
    private readonly int _headerBytes;
    private long _written;

    /// <summary>Creates the file.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public PayloadFile(string path, ReadOnlyMemory<byte> header, DateTimeOffset created)
    {
        (Path, Created, _headerBytes) = (path, created, header.Length);
        // Others may read it meanwhile; who tries to open it for itself learns that it is being written.
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
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

    /// <summary>Hands what waits to the operating system.</summary>
    /// <returns>How many rows.</returns>
    public int Flush()
    {
        if (_waiting.WrittenCount > 0)
        {
            _stream.Write(_waiting.WrittenSpan);
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
            _stream.SetLength(_written);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            IsBroken = true;
        }

        return rows;
    }

    public void Dispose() => _stream.Dispose();
}
