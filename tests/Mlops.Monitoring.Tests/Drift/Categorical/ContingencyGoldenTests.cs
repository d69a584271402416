using System.Text.Json;

namespace Mlops.Monitoring.Tests;

/// <summary>The tests of categories agree with SciPy and statsmodels on 18 tables.</summary>
public sealed class ContingencyGoldenTests
{
    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1, MinimumEffect = 0 };
    private static readonly JsonElement[] s_tables = [.. Golden.Load("drift_golden.json").GetProperty("contingency").EnumerateArray()];

    public static TheoryData<string> Tables => [.. s_tables.Select(table => table.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Test_Table_AgreesWithReference(string id)
    {
        var (reference, current, expected) = Find(id);
        var chiSquared = new ChiSquared(pValueMethod: PValueMethod.Asymptotic).Test(reference, current, s_anyCount);
        AssertStatisticAndP(expected.GetProperty("chi2"), chiSquared, "χ²");
        AssertStatisticAndP(expected.GetProperty("g_test"), new GTest(pValueMethod: PValueMethod.Asymptotic).Test(reference, current, s_anyCount), "G");
        Golden.AssertClose(Get(expected.GetProperty("tvd")), chiSquared.Effect, 1e-9, "TVD");
        Golden.AssertClose(Get(expected.GetProperty("tvd")), new TotalVariation().Test(reference, current, s_anyCount).Statistic, 1e-9, "TVD");
        Golden.AssertClose(Get(expected.GetProperty("linf")), new LInfinity().Test(reference, current, s_anyCount).Statistic, 1e-9, "L∞");
        if (reference.Length != 2) return;

        AssertStatisticAndP(expected.GetProperty("chi2_yates"), new ChiSquared(true, PValueMethod.Asymptotic).Test(reference, current, s_anyCount), "χ², Yates");
        AssertStatisticAndP(expected.GetProperty("g_test_yates"), new GTest(true, PValueMethod.Asymptotic).Test(reference, current, s_anyCount), "G, Yates");
        foreach (var (name, alternative) in new[] { ("fisher_two_sided", Alternative.TwoSided), ("fisher_less", Alternative.Less), ("fisher_greater", Alternative.Greater) })
        {
            var result = new FisherExact(alternative).Test(reference, current, s_anyCount);
            AssertP(Get(expected.GetProperty(name).GetProperty("pvalue")), result.PValue, 1e-9, name);
            var oddsRatio = Get(expected.GetProperty(name).GetProperty("odds_ratio"));
            if (double.IsFinite(oddsRatio)) Golden.AssertClose(oddsRatio, result.Statistic, 1e-9, "odds ratio");
        }

        var z = new TwoProportions(pValueMethod: PValueMethod.Asymptotic).Test(reference, current, s_anyCount);
        Golden.AssertClose(Get(expected.GetProperty("two_proportion_z").GetProperty("z")), z.Statistic, 1e-9, "z");
        // The reference takes 1 − cdf there, which has no digits left in the far tail.
        Assert.Equal(Get(expected.GetProperty("two_proportion_z").GetProperty("pvalue")), z.PValue!.Value, 1e-9);
    }

    private static void AssertStatisticAndP(JsonElement expected, DriftResult actual, string what)
    {
        Golden.AssertClose(Get(expected.GetProperty("statistic")), actual.Statistic, 1e-9, what);
        AssertP(Get(expected.GetProperty("pvalue")), actual.PValue, 1e-9, $"p of {what}");
    }

    private static void AssertP(double expected, double? actual, double relative, string what)
    {
        Assert.NotNull(actual);
        if (expected < 1e-300) Assert.True(actual < 1e-290, what);
        else Assert.True(Math.Abs(actual.Value - expected) <= relative * expected, $"{what}: {actual:r} instead of {expected:r}");
    }

    private static double Get(JsonElement figure) => figure.ValueKind == JsonValueKind.String
        ? figure.GetString() switch { "Infinity" => double.PositiveInfinity, "-Infinity" => double.NegativeInfinity, _ => double.NaN }
        : figure.GetDouble();

    private static (long[] Reference, long[] Current, JsonElement Expected) Find(string id)
    {
        var item = s_tables.Single(table => table.GetProperty("id").GetString() == id);
        var rows = item.GetProperty("table").EnumerateArray().Select(row => row.EnumerateArray().Select(count => count.GetInt64()).ToArray()).ToArray();
        return (rows[0], rows[1], item.GetProperty("expected"));
    }
}
