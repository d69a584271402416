namespace Mlops.Serving;

/// <summary>Reads lines of bounded length. Used by one caller at a time.</summary>
internal sealed class ProcessLineReader(Stream stream, int longest)
{
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    /// <summary>Reads a line.</summary>
    /// <returns>The line without its end, valid until the next read; <see langword="null"/> at the end of the stream.</returns>
    /// <exception cref="InvalidDataException">The line is too long.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        var searched = _start;
        while (true)
        {
            var at = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + at - _start);
                _start = searched + at + 1;
                return line.Length > longest ? throw TooLong() : line;
            }

            searched = _end;
            if (_end - _start > longest) throw TooLong();
            if (_end == _buffer.Length)
            {
                var length = _end - _start;
                var target = length > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
                _buffer.AsSpan(_start, length).CopyTo(target);
                (_buffer, _start, _end, searched) = (target, 0, length, length);
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0) return null;
            _end += read;
        }
    }

    private InvalidDataException TooLong() => new(FormattableString.Invariant($"it wrote a line of more than {longest} bytes"));
}
