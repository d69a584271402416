using System.Buffers;

namespace Mlops.Data;

/// <summary>Cuts a UTF-8 CSV stream into blocks of whole rows, which can be parsed independently of one another.</summary>
/// <remarks>
/// A line break ends a row when an even number of quotes lies before it, which one pass of counting tells. A stray quote spoils the count, and with it the blocks
/// that follow; but the block that holds it is refused when it is parsed, and no block after it is delivered.
/// </remarks>
internal sealed class CsvBlockReader(string source, Stream stream, int maximumRowBytes) : IDisposable
{
    private const int BlockBytes = 4 << 20;
    private byte[] _rest = [];
    private long _lines;
    private bool _isEnd;

    /// <summary>Reads the next block.</summary>
    /// <returns>The block; <see langword="null"/> at the end.</returns>
    /// <exception cref="DataFormatException">A row is longer than allowed.</exception>
    public async ValueTask<CsvBlock?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_isEnd && _rest.Length == 0) return null;
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(BlockBytes, _rest.Length * 2));
        _rest.CopyTo(buffer, 0);
        var length = _rest.Length;
        while (true)
        {
            var count = await FillAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            _isEnd = count < buffer.Length - length;
            length += count;
            var end = _isEnd ? length : FindEnd(buffer.AsSpan(0, length));
            if (end > 0 || _isEnd)
            {
                var lines = _lines;
                _rest = buffer[end..length];
                _lines += CountLines(buffer.AsSpan(0, end));
                return end == 0 ? null : new CsvBlock(buffer.AsMemory(0, end), lines, buffer);
            }

            if (length > maximumRowBytes) throw CsvInput.TooLong(source, _lines, maximumRowBytes, null);
            Array.Resize(ref buffer, checked(buffer.Length * 2));
        }
    }

    public void Dispose() => stream.Dispose();

    private async ValueTask<int> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            throw SourceFile.Damaged(source, _lines, error);
        }
    }

    /// <summary>Finds where the last whole row ends; the bytes begin with a row.</summary>
    private static int FindEnd(ReadOnlySpan<byte> bytes)
    {
        var isOdd = (bytes.Count((byte)'"') & 1) != 0;
        while (true)
        {
            var lineBreak = bytes.LastIndexOfAny((byte)'\n', (byte)'\r');
            if (lineBreak < 0) return 0;
            if (lineBreak == bytes.Length - 1 && bytes[lineBreak] == '\r')
            {
                bytes = bytes[..lineBreak]; // Its line feed may come with the next bytes.
                continue;
            }

            isOdd ^= (bytes[lineBreak..].Count((byte)'"') & 1) != 0;
            if (!isOdd) return lineBreak + 1;
            bytes = bytes[..lineBreak];
        }
    }

    /// <summary>Counts line breaks as the parser does: LF, CR, or both together.</summary>
    private static long CountLines(ReadOnlySpan<byte> bytes)
    {
        var feeds = bytes.Count((byte)'\n');
        var returns = bytes.Count((byte)'\r');
        return returns == 0 ? feeds : feeds + returns - bytes.Count("\r\n"u8);
    }
}
