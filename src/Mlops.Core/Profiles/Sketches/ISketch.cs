using System.Buffers;

namespace Mlops.Profiles;

/// <summary>A summary of a stream that can be merged with others and stored.</summary>
/// <typeparam name="TSelf">The sketch itself.</typeparam>
/// <remarks>
/// Not safe for concurrent use. Deterministic: the same values in the same order, and the same merges in the same order, give the same bytes.
/// Merging is associative and commutative within the sketch's stated error.
/// </remarks>
public interface ISketch<TSelf>
    where TSelf : ISketch<TSelf>
{
    /// <summary>Makes this sketch summarise the other one's values too.</summary>
    /// <param name="other">The other sketch, which is left as it is.</param>
    void Merge(TSelf other);

    /// <summary>Writes the sketch in its binary form.</summary>
    /// <param name="writer">Where to write.</param>
    void WriteTo(IBufferWriter<byte> writer);

    /// <summary>Reads a sketch from its binary form.</summary>
    /// <param name="source">What <see cref="WriteTo"/> wrote.</param>
    /// <returns>The sketch, which decides and merges as the one that was written would.</returns>
    /// <exception cref="FormatException">The bytes are not such a sketch.</exception>
    static abstract TSelf ReadFrom(ReadOnlySpan<byte> source);
}

/// <summary>A summary of a stream of <typeparamref name="T"/>.</summary>
/// <typeparam name="TSelf">The sketch itself.</typeparam>
/// <typeparam name="T">The type of the values.</typeparam>
public interface ISketch<TSelf, T> : ISketch<TSelf>
    where TSelf : ISketch<TSelf, T>
{
    /// <summary>Adds values.</summary>
    /// <param name="values">The values, shape (n).</param>
    void Add(ReadOnlySpan<T> values);
}
