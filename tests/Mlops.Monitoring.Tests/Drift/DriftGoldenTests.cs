using System.Text.Json;

namespace Mlops.Monitoring.Tests;

public sealed class DriftGoldenTests
{
    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1 };
    private static readonly JsonElement s_golden = Golden.Load("drift_golden.json");

    public static TheoryData<string> Pairs => [.. s_golden.GetProperty("numeric_pairs").EnumerateArray().Select(pair => pair.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Generate_Pair_HasStatedSums(string id)
    {
        var (pair, x, y) = Find(id);
        Golden.AssertClose(pair.GetProperty("sum_x").GetDouble(), x.Sum(), 1e-12, "sum of x");
        Golden.AssertClose(pair.GetProperty("sum_y").GetDouble(), y.Sum(), 1e-12, "sum of y");
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void PopulationStabilityIndex_Pair_AgreesWithReference(string id)
    {
        var (pair, x, y) = Find(id);
        var expected = pair.GetProperty("expected").GetProperty("binned").GetProperty("quantile_10");
        var expectedEdges = expected.GetProperty("inner_edges").EnumerateArray().Select(edge => edge.GetDouble()).ToArray();
        var edges = PopulationStabilityIndex.GetEdges([.. x.Order()], 10);
        // The reference leaves out an edge at the largest value, which here makes a bin of its own.
        var inner = edges.Where(edge => edge < x.Max()).ToArray();
        Assert.Equal(expectedEdges.Length, inner.Length);
        for (var i = 0; i < inner.Length; i++) Golden.AssertClose(expectedEdges[i], inner[i], 1e-12, $"edge {i}");
        var result = new PopulationStabilityIndex(emptyBinRatio: 1e-4).Test(x, y, s_anyCount);
        if (edges.Length == 0) Assert.Equal(DriftVerdict.NotComputable, result.Verdict);
        else if (edges.Length == inner.Length) Golden.AssertClose(expected.GetProperty("psi_eps1e-4").GetDouble(), result.Statistic, pair.GetProperty("rtol").GetDouble(), "PSI");
        else Assert.True(result.Statistic >= expected.GetProperty("psi_eps1e-4").GetDouble());
    }

    private static (JsonElement Pair, double[] X, double[] Y) Find(string id)
    {
        var pair = s_golden.GetProperty("numeric_pairs").EnumerateArray().Single(pair => pair.GetProperty("id").GetString() == id);
        return (pair, Golden.Generate(pair.GetProperty("x")), Golden.Generate(pair.GetProperty("y")));
    }
}
