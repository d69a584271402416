using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Mlops.Data;

/// <summary>One digest for each column over its values, and one over which rows have one; for texts one over their bytes, and one over their lengths.</summary>
internal sealed class OrderedRowDigest(DataSchema schema) : RowDigest
{
    private const int ScratchBytes = 1 << 15;

    private readonly IncrementalHash[] _values = [.. schema.Select(_ => IncrementalHash.CreateHash(HashAlgorithmName.SHA256))];
    private readonly IncrementalHash?[] _lengths = [.. schema.Select(column => column.Type == ElementType.String ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null)];
    private readonly NullBits?[] _nulls = [.. schema.Select(column => column.Type == ElementType.String ? null : new NullBits())];
    private readonly byte[] _scratch = new byte[ScratchBytes];
    private int[] _textLengths = [];

    public override void Add(DataBatch batch)
    {
        for (var i = 0; i < schema.Count; i++)
        {
            if (batch[i] is TextColumn texts)
            {
                AddTexts(texts, _values[i], _lengths[i]!);
                continue;
            }

            AddValues(batch[i], _values[i]);
            _nulls[i]!.Add(batch[i], _scratch);
        }
    }

    public override void Finish(IncrementalHash all)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < schema.Count; i++)
        {
            _values[i].GetCurrentHash(digest);
            all.AppendData(digest);
            if (_nulls[i] is { } nulls)
            {
                nulls.Finish(all);
                continue;
            }

            _lengths[i]!.GetCurrentHash(digest);
            all.AppendData(digest);
        }
    }

    public override void Dispose()
    {
        foreach (var hash in _values) hash.Dispose();
        foreach (var hash in _lengths) hash?.Dispose();
        foreach (var nulls in _nulls) nulls?.Dispose();
    }

    private void AddValues(Column column, IncrementalHash values)
    {
        var size = CanonicalBytes.SizeOf(column.Type);
        var elements = column.Length * column.Width;
        for (var start = 0; start < elements; start += ScratchBytes / size)
        {
            var count = Math.Min(ScratchBytes / size, elements - start);
            if (!CanonicalBytes.TryGet(column, start, count, out var bytes))
            {
                CanonicalBytes.Write(column, start, count, _scratch);
                bytes = _scratch.AsSpan(0, count * size);
            }

            values.AppendData(bytes);
        }
    }

    private void AddTexts(TextColumn column, IncrementalHash bytes, IncrementalHash lengths)
    {
        if (_textLengths.Length < column.Length) _textLengths = new int[column.Length];
        if (column.TryGetContiguous(out var texts, out var offsets))
        {
            bytes.AppendData(texts);
            TensorPrimitives.Subtract(offsets[1..], offsets[..^1], _textLengths);
        }
        else
        {
            AddTextsOneByOne(column, bytes);
        }

        var all = _textLengths.AsSpan(0, column.Length);
        if (!BitConverter.IsLittleEndian) BinaryPrimitives.ReverseEndianness(all, all);
        lengths.AppendData(MemoryMarshal.AsBytes(all));
    }

    private void AddTextsOneByOne(TextColumn column, IncrementalHash bytes)
    {
        var used = 0;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
            {
                _textLengths[row] = -1;
                continue;
            }

            var text = column.GetUtf8(row);
            _textLengths[row] = text.Length;
            if (text.Length > ScratchBytes - used)
            {
                bytes.AppendData(_scratch, 0, used);
                used = 0;
            }

            if (text.Length > ScratchBytes)
            {
                bytes.AppendData(text);
                continue;
            }

            text.CopyTo(_scratch.AsSpan(used));
            used += text.Length;
        }

        bytes.AppendData(_scratch, 0, used);
    }
}
