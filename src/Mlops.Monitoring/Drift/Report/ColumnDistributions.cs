using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>How the values of a column are distributed in the reference and now, as at most twenty bars each.</summary>
/// <remarks>Two are equal when their bars are. Estimates, where they come from profiles that no longer keep every value.</remarks>
/// <param name="Reference">The share of the present reference values that each bar holds, 0..1.</param>
/// <param name="Current">The share of the present current values that each holds.</param>
public sealed record ColumnDistributions(IReadOnlyList<double> Reference, IReadOnlyList<double> Current)
{
    internal const int MaximumBars = 20;

    /// <summary>Gets what is distributed.</summary>
    /// <value>The default value is <c>value</c>; <c>length in characters</c> for texts with many different values, <c>Euclidean norm</c> for vectors.</value>
    public string Quantity { get; init; } = "value";

    /// <summary>Gets where the bars of numbers begin and the last one ends, ascending and finite; what lies beyond is in the first and the last bar. Empty for categories.</summary>
    public IReadOnlyList<double> Edges { get; init; } = [];

    /// <summary>Gets the names of the categories, the most frequent first; the last one holds all others where there are more. Empty for ranges of numbers.</summary>
    /// <remarks>A text is named where it occurs at least five times on both sides together; rarer ones are among all others. Of a column with the role <see cref="Data.ColumnRole.Sensitive"/>: <c>category 1</c> and so on.</remarks>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(ColumnDistributions? other)
        => other is not null && Quantity == other.Quantity && Reference.SequenceEqual(other.Reference) && Current.SequenceEqual(other.Current)
            && Edges.SequenceEqual(other.Edges) && Categories.SequenceEqual(other.Categories, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var share in Reference) hash.Add(share);
        foreach (var share in Current) hash.Add(share);
        return hash.ToHashCode();
    }

    /// <summary>Describes the bars in one line.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Quantity}: {Reference.Count} bars");
}
