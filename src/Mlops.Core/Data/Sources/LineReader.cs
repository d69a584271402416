namespace Mlops.Data;

/// <summary>Cuts a UTF-8 stream into lines.</summary>
internal sealed class LineReader(string source, Stream stream, int maximumLineBytes) : IAsyncDisposable
{
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isEnd;

    /// <summary>Gets the present line, without its line break.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Gets its number, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Moves to the next line.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="DataFormatException">The line is longer than allowed, or the stream is damaged.</exception>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        return length < 0 ? ReadAsync(cancellationToken) : new ValueTask<bool>(Take(length, length + 1));
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var scanned = _end - _start;
        while (!_isEnd)
        {
            MakeRoom();
            var count = await FillAsync(cancellationToken).ConfigureAwait(false);
            _isEnd = count == 0;
            _end += count;
            var found = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (found >= 0) return Take(scanned + found, scanned + found + 1);
            scanned = _end - _start;
            if (scanned > maximumLineBytes) throw TooLong();
        }

        return _end > _start && Take(_end - _start, _end - _start);
    }

    private async ValueTask<int> FillAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            throw SourceFile.Damaged(source, Number + 1, error);
        }
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length) return;
        var length = _end - _start;
        var target = length > _buffer.Length / 2 ? new byte[checked(_buffer.Length * 2)] : _buffer;
        _buffer.AsSpan(_start, length).CopyTo(target);
        (_buffer, _start, _end) = (target, 0, length);
    }

    private DataFormatException TooLong()
        => new(source, Number + 1, null, $"The line is longer than {maximumLineBytes} bytes. Where lines are so long, raise JsonLinesOptions.MaximumLineBytes.");

    private bool Take(int length, int consumed)
    {
        if (length > maximumLineBytes) throw TooLong();
        var line = _buffer.AsMemory(_start, length);
        _start += consumed;
        Number++;
        if (Number == 1 && line.Span is [0xEF, 0xBB, 0xBF, ..]) line = line[3..];
        Line = line.Span is [.., (byte)'\r'] ? line[..^1] : line;
        return true;
    }
}
