using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>How far the distributions of two profiles of a column are apart, from 0 to 1.</summary>
/// <remarks>Source of the Jensen–Shannon divergence: J. Lin, "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37(1), 1991.</remarks>
internal static class ProfileDistance
{
    private const int Bins = 10;

    /// <summary>Measures the distance of profiles that have values, of one type.</summary>
    public static double Measure(DistanceMeasure measure, ColumnProfile reference, ColumnProfile current) => measure switch
    {
        DistanceMeasure.JensenShannon => JensenShannon(GetShares(reference, current)),
        DistanceMeasure.LInfinity => GetShares(reference, current).Max(pair => Math.Abs(pair.Reference - pair.Current)),
        _ => KolmogorovSmirnov(reference.Quantiles!, current.Quantiles!),
    };

    private static (double Reference, double Current)[] GetShares(ColumnProfile reference, ColumnProfile current)
        => reference.Quantiles is null ? GetShares(reference.Values!, current.Values!) : GetShares(reference.Quantiles, current.Quantiles!);

    /// <summary>The shares of the tenths of the reference; several tenths that a frequent value fills are one.</summary>
    private static (double, double)[] GetShares(KllSketch reference, KllSketch current)
    {
        double[] cuts = [.. reference.GetQuantiles([.. Enumerable.Range(1, Bins - 1).Select(i => (double)i / Bins)]).Where(double.IsFinite).Distinct()];
        if (cuts.Length == 0) cuts = [0];
        return [.. reference.GetPmf(cuts).Zip(current.GetPmf(cuts))];
    }

    private static (double, double)[] GetShares(ValueCounts reference, ValueCounts current)
    {
        var values = reference.GetOrdered().Select(pair => pair.Key).Union(current.GetOrdered().Select(pair => pair.Key), StringComparer.Ordinal);
        return
        [
            .. values.Select(value => ((double)reference.GetCount(value) / reference.Count, (double)current.GetCount(value) / current.Count)),
            ((double)reference.OtherCount / reference.Count, (double)current.OtherCount / current.Count),
        ];
    }

    private static double JensenShannon((double Reference, double Current)[] shares)
    {
        double divergence = 0;
        foreach (var (p, q) in shares)
        {
            var middle = (p + q) / 2;
            if (p > 0) divergence += p / 2 * Math.Log2(p / middle);
            if (q > 0) divergence += q / 2 * Math.Log2(q / middle);
        }

        return Math.Clamp(divergence, 0, 1);
    }

    /// <summary>The largest difference is at a value that one of the two sketches keeps.</summary>
    private static double KolmogorovSmirnov(KllSketch reference, KllSketch current)
    {
        double[] values = [.. reference.GetSortedItems().Concat(current.GetSortedItems()).Select(item => item.Value)];
        return reference.GetRanks(values).Zip(current.GetRanks(values), (a, b) => Math.Abs(a - b)).Max();
    }
}
