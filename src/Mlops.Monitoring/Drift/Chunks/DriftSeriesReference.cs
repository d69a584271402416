using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>What each chunk of a series is compared with.</summary>
public sealed class DriftSeriesReference
{
    private readonly string _description;

    private DriftSeriesReference(string description, int? window, int? chunk) => (_description, Window, FixedChunk) = (description, window, chunk);

    /// <summary>Gets the whole reference data, such as the training data.</summary>
    public static DriftSeriesReference Whole { get; } = new("the reference data", null, null);

    internal int? Window { get; }

    internal int? FixedChunk { get; }

    /// <summary>Compares with the chunks right before, so that slow change is not drift; until there are so many, with the reference data.</summary>
    /// <param name="chunks">The number of chunks, ≥ 1.</param>
    /// <returns>The reference.</returns>
    public static DriftSeriesReference TrailingWindow(int chunks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunks, 1);
        return new DriftSeriesReference(string.Create(CultureInfo.InvariantCulture, $"the {chunks} chunks before"), chunks, null);
    }

    /// <summary>Compares with one chunk of the current data, which is itself not compared.</summary>
    /// <param name="index">The number of the chunk, from 0.</param>
    /// <returns>The reference.</returns>
    public static DriftSeriesReference Chunk(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new DriftSeriesReference(string.Create(CultureInfo.InvariantCulture, $"chunk {index}"), null, index);
    }

    /// <summary>Describes the reference in a few words, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => _description;
}
