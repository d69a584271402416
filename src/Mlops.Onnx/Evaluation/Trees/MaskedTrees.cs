using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Onnx;

/// <summary>Trees of few leaves, evaluated for many rows at once without a walk: each node is asked, and rules out leaves.</summary>
/// <remarks>
/// <para>The leaves of a tree are the bits of a few words, those below yes before those below no. A row begins with all bits set. Each node that is answered by no
/// clears the leaves below its yes; then the lowest bit that is left is the leaf that a walk would have come to. So the nodes can be asked in any order, for as
/// many rows at once as a vector has elements, and no answer waits for another.</para>
/// <para>Source: C. Lucchese, F. M. Nardini, S. Orlando, R. Perego, N. Tonellotto, R. Venturini, "Exploiting CPU SIMD Extensions to Speed-up Document Scoring
/// with Tree Ensembles", SIGIR 2016 (V-QuickScorer).</para>
/// </remarks>
internal sealed class MaskedTrees<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>How many tiles of <see cref="CompactTrees{T}.Lanes"/> rows are looked at together.</summary>
    public static readonly int TilesTogether = Vectors * Vector256<T>.Count / CompactTrees<T>.Lanes;

    /// <summary>A question is fetched once for four comparisons.</summary>
    private const int Vectors = 4;

    private readonly MaskedQuestion<T>[] _questions;
    private readonly int[] _questionStarts;
    private readonly int[] _wordStarts;

    private MaskedTrees(MaskedTreesBuilder<T> builder)
    {
        _questions = [.. builder.Questions];
        _questionStarts = [.. builder.QuestionStarts];
        _wordStarts = [.. builder.WordStarts];
        Origins = [.. builder.Origins];
    }

    public int TreeCount => _wordStarts.Length - 1;

    /// <summary>Gets the node of the model that each leaf was; <see cref="TreeModel{T}.NoNode"/> for bits that are no leaf.</summary>
    public int[] Origins { get; }

    /// <summary>Makes the trees masked; <see langword="null"/> where walks would be faster.</summary>
    public static MaskedTrees<T>? TryCreate(CompactTrees<T> trees)
    {
        if (!Vector256.IsHardwareAccelerated) return null;
        var builder = new MaskedTreesBuilder<T>(trees);
        return builder.TryBuild() ? new MaskedTrees<T>(builder) : null;
    }

    /// <summary>Finds the leaves of one tree for the rows of tiles.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="values">One or more tiles that <see cref="CompactTrees{T}.Gather(ReadOnlySpan{T}, int, Span{T})"/> gathered; those after the first <see cref="TilesTogether"/> are not looked at.</param>
    /// <param name="tileLength">The length of a tile.</param>
    /// <param name="leaves">Takes the leaf of each row of <see cref="TilesTogether"/> tiles; those of tiles that are not there mean nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void FindLeaves(int tree, ReadOnlySpan<T> values, int tileLength, Span<int> leaves)
    {
        // The last vector is looked at again in place of those that are not there.
        var vectors = values.Length / tileLength * CompactTrees<T>.Lanes / Vector256<T>.Count;
        ref var first = ref MemoryMarshal.GetReference(values);
        ref var a = ref Unsafe.Add(ref first, Offset(0, tileLength));
        ref var b = ref Unsafe.Add(ref first, Offset(Math.Min(1, vectors - 1), tileLength));
        ref var c = ref Unsafe.Add(ref first, Offset(Math.Min(2, vectors - 1), tileLength));
        ref var d = ref Unsafe.Add(ref first, Offset(Math.Min(3, vectors - 1), tileLength));
        var (foundA, foundB, foundC, foundD) = (Vector256<T>.Zero, Vector256<T>.Zero, Vector256<T>.Zero, Vector256<T>.Zero);

        // From the last word to the first, so that the lowest one with a bit left is what remains.
        for (var word = _wordStarts[tree + 1] - 1; word >= _wordStarts[tree]; word--)
        {
            var (aliveA, aliveB, aliveC, aliveD) = (Vector256<T>.AllBitsSet, Vector256<T>.AllBitsSet, Vector256<T>.AllBitsSet, Vector256<T>.AllBitsSet);
            foreach (ref readonly var question in _questions.AsSpan(_questionStarts[word].._questionStarts[word + 1]))
            {
                // Not checked against the bounds: every place is that of a slot, and a tile has eight values of each.
                var (threshold, kept) = (Vector256.Create(question.Threshold), Vector256.Create(question.Kept));
                var place = (nuint)question.Place;
                aliveA &= Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref a, place), threshold) | kept;
                aliveB &= Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref b, place), threshold) | kept;
                aliveC &= Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref c, place), threshold) | kept;
                aliveD &= Vector256.LessThanOrEqual(Vector256.LoadUnsafe(ref d, place), threshold) | kept;
            }

            foundA = Find(aliveA, word, foundA);
            foundB = Find(aliveB, word, foundB);
            foundC = Find(aliveC, word, foundC);
            foundD = Find(aliveD, word, foundD);
        }

        Store(foundA, leaves);
        Store(foundB, leaves[Vector256<T>.Count..]);
        Store(foundC, leaves[(2 * Vector256<T>.Count)..]);
        Store(foundD, leaves[(3 * Vector256<T>.Count)..]);
    }

    /// <summary>Where a vector of a slot lies, which is half a tile where the numbers are long.</summary>
    private static nint Offset(int vector, int tileLength)
    {
        var rows = vector * Vector256<T>.Count;
        return ((nint)(rows / CompactTrees<T>.Lanes) * tileLength) + (rows % CompactTrees<T>.Lanes);
    }

    /// <summary>Finds the lowest bit of each element, as the exponent of the number that it is alone; where there is none, what was found before stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Find(Vector256<T> alive, int word, Vector256<T> found)
    {
        if (typeof(T) == typeof(float))
        {
            var bits = alive.AsInt32();
            var exponents = (Vector256.ConvertToSingle(bits & -bits).AsInt32() >>> 23) & Vector256.Create(0xFF);
            return Vector256.ConditionalSelect(Vector256.Equals(bits, Vector256<int>.Zero), found.AsInt32(), exponents + Vector256.Create((32 * word) - 127)).As<int, T>();
        }
        else
        {
            var bits = alive.AsInt64();
            var exponents = (Vector256.ConvertToDouble(bits & -bits).AsInt64() >>> 52) & Vector256.Create(0x7FFL);
            return Vector256.ConditionalSelect(Vector256.Equals(bits, Vector256<long>.Zero), found.AsInt64(), exponents + Vector256.Create((64L * word) - 1023)).As<long, T>();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<T> found, Span<int> leaves)
    {
        if (typeof(T) == typeof(float)) found.AsInt32().CopyTo(leaves);
        else Vector256.Narrow(found.AsInt64(), Vector256<long>.Zero).GetLower().CopyTo(leaves);
    }
}
