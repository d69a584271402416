using System.Buffers;
using System.Buffers.Binary;

namespace Mlops.Profiles;

/// <summary>The binary form of a moments sketch, little-endian, version 2.</summary>
/// <remarks>
/// Byte 0: <c>MOM</c>. 3: version. 4: how many values the open block has taken. 8: six counts of 64 bits: finite values of closed blocks, NaN, +∞, −∞, zeros, negatives.
/// 56: nine doubles: sum and its rest, mean and its rest, the three sums of powers, minimum, maximum. When the block is open, 128: its number of finite values,
/// 64 bits; its pivot; the lanes of its five sums.
/// </remarks>
internal static class MomentsFormat
{
    private const uint MagicAndVersion = 0x024D4F4D; // "MOM", 2
    private const int ClosedLength = 128;
    private const int OpenLength = ClosedLength + 16 + (MomentsBlock.SumCount * 64);

    // The first form had no header: count, mean, squares, minimum, maximum.
    private const int FirstFormLength = 40;

    public static void Write(in State state, MomentsBlock block, IBufferWriter<byte> writer)
    {
        var length = block.Position == 0 ? ClosedLength : OpenLength;
        var span = writer.GetSpan(length)[..length];
        BinaryPrimitives.WriteUInt32LittleEndian(span, MagicAndVersion);
        BinaryPrimitives.WriteInt32LittleEndian(span[4..], block.Position);
        ReadOnlySpan<long> counts = [state.Closed.Count, state.Tally.NaNs, state.Tally.PositiveInfinities, state.Tally.NegativeInfinities, state.Tally.Zeros, state.Tally.Negatives];
        ReadOnlySpan<double> numbers =
        [
            state.Sum.High, state.Sum.Low, state.Closed.Mean, state.Closed.MeanRest, state.Closed.Squares, state.Closed.Cubes, state.Closed.Fourths,
            state.Tally.Minimum, state.Tally.Maximum,
        ];
        var next = 8;
        foreach (var count in counts) BinaryPrimitives.WriteInt64LittleEndian(Take(span, ref next), count);
        foreach (var number in numbers) BinaryPrimitives.WriteDoubleLittleEndian(Take(span, ref next), number);
        if (block.Position > 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(Take(span, ref next), block.FiniteCount);
            BinaryPrimitives.WriteDoubleLittleEndian(Take(span, ref next), block.Pivot);
            foreach (var lane in block.Sums) BinaryPrimitives.WriteDoubleLittleEndian(Take(span, ref next), lane);
        }

        writer.Advance(length);
    }

    public static State Read(ReadOnlySpan<byte> source, MomentsBlock block)
    {
        if (source.Length < 8 || BinaryPrimitives.ReadUInt32LittleEndian(source) != MagicAndVersion)
        {
            throw source.Length == FirstFormLength
                ? new FormatException("The bytes are a moments sketch of the first form, without skewness, kurtosis and counts of kinds. Profile the data again.")
                : Malformed();
        }

        var position = BinaryPrimitives.ReadInt32LittleEndian(source[4..]);
        if (position is < 0 or >= MomentsBlock.Length || source.Length != (position == 0 ? ClosedLength : OpenLength)) throw Malformed();
        Span<long> counts = stackalloc long[6];
        Span<double> numbers = stackalloc double[9];
        var next = 8;
        foreach (ref var count in counts) count = BinaryPrimitives.ReadInt64LittleEndian(Take(source, ref next));
        foreach (ref var number in numbers) number = BinaryPrimitives.ReadDoubleLittleEndian(Take(source, ref next));
        if (position > 0) ReadBlock(source[next..], position, block);
        var state = new State(
            new CentralMoments(counts[0], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6]),
            (numbers[0], numbers[1]),
            new ValueTally
            {
                NaNs = counts[1], PositiveInfinities = counts[2], NegativeInfinities = counts[3], Zeros = counts[4], Negatives = counts[5],
                Minimum = numbers[7], Maximum = numbers[8],
            });
        Check(state, block.FiniteCount);
        return state;
    }

    private static void ReadBlock(ReadOnlySpan<byte> source, int position, MomentsBlock block)
    {
        var next = 0;
        var count = BinaryPrimitives.ReadInt64LittleEndian(Take(source, ref next));
        var pivot = BinaryPrimitives.ReadDoubleLittleEndian(Take(source, ref next));
        if (count < 0 || count > position || double.IsInfinity(pivot) || (count > 0 && double.IsNaN(pivot))) throw Malformed();
        Span<double> sums = stackalloc double[block.Sums.Length];
        foreach (ref var lane in sums) lane = BinaryPrimitives.ReadDoubleLittleEndian(Take(source, ref next));
        block.Load(position, (int)count, pivot, sums);
    }

    private static void Check(in State state, int openCount)
    {
        var (closed, _, tally) = state;
        long[] counts = [closed.Count, tally.NaNs, tally.PositiveInfinities, tally.NegativeInfinities, tally.Zeros, tally.Negatives];
        if (counts.Any(count => count is < 0 or > long.MaxValue / 8)) throw Malformed();
        var finite = closed.Count + openCount;
        if (tally.Zeros + tally.Negatives > finite + tally.NegativeInfinities || tally.Negatives < tally.NegativeInfinities) throw Malformed();
        var isRange = finite > 0
            ? double.IsFinite(tally.Minimum) && double.IsFinite(tally.Maximum) && tally.Minimum <= tally.Maximum
            : double.IsPositiveInfinity(tally.Minimum) && double.IsNegativeInfinity(tally.Maximum);
        if (!isRange || closed.Squares < 0 || closed.Fourths < 0) throw Malformed();
    }

    private static Span<byte> Take(Span<byte> span, ref int next) => span[((next += 8) - 8)..];

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> span, ref int next) => span[((next += 8) - 8)..];

    private static FormatException Malformed() => new("The bytes are not a moments sketch of version 2.");

    /// <summary>What a sketch holds besides its open block.</summary>
    internal readonly record struct State(CentralMoments Closed, (double High, double Low) Sum, ValueTally Tally);
}
