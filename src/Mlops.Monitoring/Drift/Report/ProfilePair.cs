using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A column of both sides, by profiles that no longer keep every value.</summary>
internal sealed class ProfilePair(ColumnSchema column, ColumnProfile reference, ColumnProfile current) : ColumnPair(column)
{
    /// <summary>Takes two profiles of the same kind; those that still keep every value are compared as values.</summary>
    public static ColumnPair Create(ColumnSchema column, ColumnProfile reference, ColumnProfile current, SharedPrecision precision)
    {
        (reference, current) = (precision.Round(reference), precision.Round(current));
        if (reference.Quantiles is { IsExact: true } x && current.Quantiles is { IsExact: true } y)
            return new NumberPair(column, GetValues(x), GetValues(y), () => (reference, current)) { RoundedTo = precision.Find(column.Name) };
        if (reference.Values is { IsExact: true } expected && current.Values is { IsExact: true } actual)
            return new CategoryPair(column, Expand(expected), Expand(actual), limit => Count(expected, actual, limit), () => (reference, current));
        return new ProfilePair(column, reference, current) { RoundedTo = precision.Find(column.Name) };
    }

    public override IDriftTest Choose() => reference.Values is null ? new KolmogorovSmirnov() : new ChiSquared();

    public override DriftResult Test(IDriftTest test, DriftTestOptions options, CancellationToken cancellationToken)
        => test is IProfileDriftTest profiles
            ? profiles.Test(reference, current, options)
            : Refuse(test, reference.RowCount - reference.MissingCount, current.RowCount - current.MissingCount, fromProfiles: true);

    public override ColumnDistributions? Describe()
    {
        if (reference.Quantiles is { } x && current.Quantiles is { } y) return NumberBars.FromSketches(x, y);
        if (reference.Values is not { } expected || current.Values is not { } actual) return null;
        // What one side may have counted among the others, in part or wholly, is there on both sides.
        string[] names = [.. expected.GetOrdered().Concat(actual.GetOrdered()).Select(pair => pair.Key).Distinct(StringComparer.Ordinal)
            .Where(name => expected.GetUpperBound(name) == expected.GetCount(name) && actual.GetUpperBound(name) == actual.GetCount(name))];
        long[] first = Array.ConvertAll(names, expected.GetCount), second = Array.ConvertAll(names, actual.GetCount);
        return CategoryBars.Create(names, first, second, Column.Role, ordered: false, expected.Count - first.Sum(), actual.Count - second.Sum());
    }

    private static double[] GetValues(KllSketch sketch) => sketch.Count == 0 ? [] : SortedSample.From(sketch);

    private static ContingencyTable? Count(ValueCounts reference, ValueCounts current, int limit)
        => ContingencyTable.FromCounts(reference, current) is var table && table.Categories.Count <= limit ? table : null;

    private static RepeatedTexts Expand(ValueCounts counts) => new([.. counts.GetOrdered()]);
}
