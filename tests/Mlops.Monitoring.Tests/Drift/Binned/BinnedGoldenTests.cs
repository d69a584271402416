using System.Text.Json;

namespace Mlops.Monitoring.Tests;

/// <summary>Bins and binned divergences agree with NumPy and SciPy.</summary>
public sealed class BinnedGoldenTests
{
    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1, MinimumEffect = 0 };
    private static readonly JsonElement s_golden = Golden.Load("drift_golden.json");

    private static readonly Dictionary<string, Binning> s_rules = new()
    {
        ["sturges"] = Binning.Sturges,
        ["doane"] = Binning.Doane,
        ["fd"] = Binning.FreedmanDiaconis,
        ["scott"] = Binning.Scott,
        ["rice"] = Binning.Rice,
        ["sqrt"] = Binning.SquareRoot,
        ["auto"] = Binning.Auto,
    };

    public static TheoryData<string> Pairs => [.. s_golden.GetProperty("numeric_pairs").EnumerateArray().Select(pair => pair.GetProperty("id").GetString()!)];

    public static TheoryData<string> Tables => [.. s_golden.GetProperty("contingency").EnumerateArray().Select(table => table.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void GetBinCount_EveryRule_AgreesWithReference(string id)
    {
        var pair = Find("numeric_pairs", id);
        var x = Golden.Generate(pair.GetProperty("x"));
        var counts = pair.GetProperty("expected").GetProperty("bin_counts_x");
        foreach (var (name, rule) in s_rules) Assert.True(counts.GetProperty(name).GetInt32() == rule.GetBinCount(x), $"{name}: {rule.GetBinCount(x)} instead of {counts.GetProperty(name)}");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Test_Bins_AgreeWithReference(string id)
    {
        var pair = Find("numeric_pairs", id);
        double[] x = Golden.Generate(pair.GetProperty("x")), y = Golden.Generate(pair.GetProperty("y"));
        var rtol = pair.GetProperty("rtol").GetDouble();
        foreach (var (name, rule) in new[] { ("equal_width_10", Binning.EqualWidth(10)), ("quantile_10", Binning.Quantiles(10)) })
        {
            var expected = pair.GetProperty("expected").GetProperty("binned").GetProperty(name);
            var inner = expected.GetProperty("inner_edges").EnumerateArray().Select(edge => edge.GetDouble()).Distinct().Where(edge => edge > x.Min()).ToArray();
            // The reference leaves out a quantile at the largest value, which here makes a bin of its own, so that a column of zeros and ones has two bins.
            var edges = rule.GetEdges(x).Inner.ToArray();
            var below = edges.Where(edge => edge < x.Max()).ToArray();
            Assert.Equal(inner.Length, below.Length);
            for (var i = 0; i < inner.Length; i++) Golden.AssertClose(inner[i], below[i], 1e-12, $"{name}, edge {i}");
            if (below.Length == 0)
            {
                if (edges.Length == 0) Assert.Equal(DriftVerdict.NotComputable, new PopulationStabilityIndex(rule).Test(x, y, s_anyCount).Verdict);
                continue;
            }

            var bins = edges.Length == below.Length ? rule : Binning.At(below);
            AssertProportions(expected.GetProperty("ref_proportions"), bins.GetEdges(x).Count(x), x.Length);
            AssertProportions(expected.GetProperty("cur_proportions"), bins.GetEdges(x).Count(y), y.Length);
            AssertStatistic(expected, "psi_eps1e-4", new PopulationStabilityIndex(bins, 1e-4));
            // The reference replaces zeros also in bins that are empty on both sides, which take part in the scaling to 1 then.
            if (!expected.GetProperty("ref_proportions").EnumerateArray().Zip(expected.GetProperty("cur_proportions").EnumerateArray()).Any(pair => pair.First.GetDouble() == 0 && pair.Second.GetDouble() == 0))
                AssertStatistic(expected, "kl_eps1e-4_cur_vs_ref", new KullbackLeibler(bins, 1e-4));
            else Assert.Equal(expected.GetProperty("kl_eps1e-4_cur_vs_ref").GetDouble(), new KullbackLeibler(bins, 1e-4).Test(x, y, s_anyCount).Statistic!.Value, 1e-3 * Math.Max(1, expected.GetProperty("kl_eps1e-4_cur_vs_ref").GetDouble()));
            AssertStatistic(expected, "js_distance_base2", new JensenShannon(bins));
            AssertStatistic(expected, "hellinger", new Hellinger(bins));

            void AssertStatistic(JsonElement figures, string key, ISampleDriftTest test)
                // The reference takes the root of 1 − Σ√(pq), which keeps only the square root of the digits near 0.
                => Assert.Equal(figures.GetProperty(key).GetDouble(), test.Test(x, y, s_anyCount).Statistic!.Value, key == "hellinger" ? 5e-8 : 1e-12 + (rtol * figures.GetProperty(key).GetDouble()));
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Test_Categories_AgreeWithReference(string id)
    {
        var item = Find("contingency", id);
        var expected = item.GetProperty("expected");
        var rows = item.GetProperty("table").EnumerateArray().Select(row => row.EnumerateArray().Select(count => count.GetInt64()).ToArray()).ToArray();
        AssertStatistic("psi_eps1e-4", new PopulationStabilityIndex(emptyBinRatio: 1e-4));
        AssertStatistic("kl_ref_cur_eps1e-4", new KullbackLeibler(null, 1e-4, KullbackLeiblerDirection.ReferenceByCurrent));
        AssertStatistic("js_distance_nats", new JensenShannon(logarithmBase: LogarithmBase.E));
        AssertStatistic("js_distance_base2", new JensenShannon());
        AssertStatistic("js_divergence_nats", new JensenShannon(null, JensenShannonForm.Divergence, LogarithmBase.E));
        AssertStatistic("js_divergence_base2", new JensenShannon(null, JensenShannonForm.Divergence));
        AssertStatistic("hellinger", new Hellinger());
        if (!rows[0].Concat(rows[1]).Contains(0))
        {
            AssertStatistic("kl_ref_cur", new KullbackLeibler(direction: KullbackLeiblerDirection.ReferenceByCurrent));
            AssertStatistic("kl_cur_ref", new KullbackLeibler());
        }

        void AssertStatistic(string key, ICategoryDriftTest test)
            => Golden.AssertClose(expected.GetProperty(key).GetDouble(), test.Test(rows[0], rows[1], s_anyCount).Statistic, 1e-9, key);
    }

    private static void AssertProportions(JsonElement expected, long[] counts, int total)
        => Assert.Equal(expected.EnumerateArray().Select(share => Math.Round(share.GetDouble() * total)).Where(count => count > 0), counts.Select(count => (double)count).Where(count => count > 0));

    private static JsonElement Find(string group, string id) => s_golden.GetProperty(group).EnumerateArray().Single(item => item.GetProperty("id").GetString() == id);
}
