using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Tracking;

/// <summary>The pages of a series: a token is the last measurement of its page together with a hash of the query.</summary>
internal static class MetricPages
{
    private const int Length = 8 + 8 + 8 + 8;

    /// <summary>Makes a page of what was read, which is one measurement more than the page holds when others follow.</summary>
    public static Page<Metric> Make(MetricQuery query, List<Metric> read)
    {
        if (read.Count <= query.MaxResults) return new Page<Metric>(read, null);
        read.RemoveRange(query.MaxResults, read.Count - query.MaxResults);
        var last = read[^1];
        Span<byte> token = stackalloc byte[Length];
        Hash(query, token);
        BinaryPrimitives.WriteInt64LittleEndian(token[8..], last.Step);
        BinaryPrimitives.WriteInt64LittleEndian(token[16..], last.Timestamp.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteDoubleLittleEndian(token[24..], last.Value);
        return new Page<Metric>(read, Base64Url.EncodeToString(token));
    }

    /// <summary>Gives the measurement that the page follows; <see langword="null"/> for the first page.</summary>
    public static Metric? Read(MetricQuery query)
    {
        if (query.PageToken is null) return null;
        Span<byte> token = stackalloc byte[Length];
        Span<byte> expected = stackalloc byte[8];
        Hash(query, expected);
        if (Base64Url.DecodeFromChars(query.PageToken, token, out _, out var written) != OperationStatus.Done || written != Length || !token[..8].SequenceEqual(expected))
            throw new ArgumentException("The page token belongs to another query, or was changed; begin with the first page.", nameof(query));
        var milliseconds = BinaryPrimitives.ReadInt64LittleEndian(token[16..]);
        if (milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds() || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
            throw new ArgumentException("The page token was changed; begin with the first page.", nameof(query));
        return new Metric(
            query.Metric,
            BinaryPrimitives.ReadDoubleLittleEndian(token[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(token[8..]),
            DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
    }

    private static void Hash(MetricQuery query, Span<byte> hash)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{query.RunId}\n{query.Metric}\n{query.FromStep}\n{query.ToStep}");
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        digest[..8].CopyTo(hash);
    }
}
