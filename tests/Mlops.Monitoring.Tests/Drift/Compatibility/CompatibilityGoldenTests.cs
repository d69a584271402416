using System.Text.Json;

namespace Mlops.Monitoring.Tests;

/// <summary>The presets for migration give the scores and the verdicts that Evidently and NannyML gave, mistakes included.</summary>
public sealed class CompatibilityGoldenTests
{
    private static readonly JsonElement s_golden = Golden.Load("drift_anchor_golden.json");
    private static readonly JsonElement s_drift = Golden.Load("drift_golden.json");

    private static readonly Dictionary<string, EvidentlyMethod> s_methods = Enum.GetValues<EvidentlyMethod>().Where(method => method != EvidentlyMethod.Automatic)
        .ToDictionary(EvidentlyScores.GetName);

    public static TheoryData<string> Pairs => [.. s_golden.GetProperty("numeric").EnumerateArray().Select(pair => pair.GetProperty("id").GetString()!)];

    public static TheoryData<string> Tables => [.. s_golden.GetProperty("categorical").EnumerateArray().Select(table => table.GetProperty("id").GetString()!)];

    [Fact]
    public void Cases_AreAllThere() => Assert.Equal((28, 17), (Pairs.Count, Tables.Count));

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Evidently_Numbers_GivesItsScoresAndVerdicts(string id)
    {
        var (item, x, y) = FindPair(id);
        var rtol = GetTolerance(id);
        foreach (var figure in item.GetProperty("evidently").EnumerateObject().Where(figure => figure.Value.ValueKind == JsonValueKind.Object))
            AssertScore(figure, new EvidentlyDrift(s_methods[figure.Name]).Test(x, y), s_methods[figure.Name], rtol);
        AssertChoice(item, new EvidentlyDrift().Test(x, y));
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Evidently_Categories_GivesItsScoresAndVerdicts(string id)
    {
        var (item, reference, current) = FindTable(id);
        foreach (var figure in item.GetProperty("evidently").EnumerateObject().Where(figure => figure.Value.ValueKind == JsonValueKind.Object))
            AssertScore(figure, new EvidentlyDrift(s_methods[figure.Name]).Test(reference, current), s_methods[figure.Name], 1e-9);
        AssertChoice(item, new EvidentlyDrift().Test(reference, current));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void NannyML_Numbers_GivesItsStatistics(string id)
    {
        var (item, x, y) = FindPair(id);
        var rtol = GetTolerance(id);
        foreach (var figure in item.GetProperty("nannyml").EnumerateObject())
        {
            const string Estimated = "_estimated_10000_bins";
            var method = Enum.GetValues<NannyMLMethod>().Single(method => NannyMLScores.GetName(method) == figure.Name.Replace(Estimated, "", StringComparison.Ordinal).Replace('_', '-'));
            // Its plain figures were taken with its own choice between exact and estimated.
            var test = new NannyMLDrift(method, isEstimated: figure.Name.EndsWith(Estimated, StringComparison.Ordinal) ? true : null);
            Golden.AssertClose(figure.Value.GetDouble(), test.Test(x, y).Statistic, rtol, figure.Name);
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void NannyML_Categories_GivesItsStatisticsAndVerdicts(string id)
    {
        var (item, reference, current) = FindTable(id);
        var figures = item.GetProperty("nannyml");
        foreach (var (name, method) in new[] { ("jensen_shannon", NannyMLMethod.JensenShannon), ("l_infinity", NannyMLMethod.LInfinity), ("hellinger", NannyMLMethod.Hellinger) })
        {
            var result = new NannyMLDrift(method, threshold: 0.1).Test(reference, current);
            Golden.AssertClose(figures.GetProperty(name).GetDouble(), result.Statistic, 1e-9, name);
            Assert.Equal(figures.GetProperty(name).GetDouble() > 0.1 + 1e-12 ? DriftVerdict.Drift : DriftVerdict.NoDrift, result.Verdict);
            Assert.Equal((DriftVerdict.NotComputable, result.Statistic), (new NannyMLDrift(method).Test(reference, current).Verdict, new NannyMLDrift(method).Test(reference, current).Statistic));
        }

        var chiSquared = new NannyMLDrift(NannyMLMethod.ChiSquared).Test(reference, current);
        var pValue = figures.GetProperty("chi2").GetProperty("pvalue").GetDouble();
        Golden.AssertClose(figures.GetProperty("chi2").GetProperty("value").GetDouble(), chiSquared.Statistic, 1e-9, "chi2");
        Golden.AssertClose(pValue, chiSquared.PValue, 1e-9, "p of chi2");
        Assert.Equal(pValue < 0.05 ? DriftVerdict.Drift : DriftVerdict.NoDrift, chiSquared.Verdict);
    }

    private static void AssertScore(JsonProperty figure, DriftResult result, EvidentlyMethod method, double rtol)
    {
        if (!figure.Value.TryGetProperty("score", out var score) || score.ValueKind == JsonValueKind.String)
        {
            // It raised an exception or gave NaN; there is a reason instead.
            Assert.True(result.Verdict == DriftVerdict.NotComputable, $"{figure.Name}: {result}");
            Assert.NotEmpty(result.Reason);
            return;
        }

        // Where it takes 1 − cdf (z, Cramér–von Mises, whose series it cuts at 1e-7), a p-value has no relative digits.
        var floor = method switch { EvidentlyMethod.CramerVonMises => 2e-7, EvidentlyMethod.TwoProportions => 1e-12, EvidentlyMethod.Hellinger => 5e-8, _ => 1e-12 };
        Assert.True(result.Statistic is not null, $"{figure.Name}: {result}");
        Assert.True(Math.Abs(result.Statistic!.Value - score.GetDouble()) <= floor + (rtol * Math.Abs(score.GetDouble())), $"{figure.Name}: {result.Statistic:r} instead of {score.GetDouble():r}");
        Assert.True(figure.Value.GetProperty("drifted").GetBoolean() == (result.Verdict == DriftVerdict.Drift), $"{figure.Name}: {result}");
        Assert.Equal(figure.Value.GetProperty("threshold").GetDouble(), EvidentlyDrift.GetThreshold(method));
    }

    private static void AssertChoice(JsonElement item, DriftResult result)
    {
        Assert.Equal($"evidently-{item.GetProperty("evidently").GetProperty("default_choice").GetString()}", result.Test);
        if (item.GetProperty("evidently").TryGetProperty(result.Test["evidently-".Length..], out var figure))
            Assert.Equal(figure.GetProperty("drifted").GetBoolean() ? DriftVerdict.Drift : DriftVerdict.NoDrift, result.Verdict);
    }

    private static double GetTolerance(string id)
        => s_drift.GetProperty("numeric_pairs").EnumerateArray().Where(pair => pair.GetProperty("id").GetString() == id).Select(pair => pair.GetProperty("rtol").GetDouble()).FirstOrDefault(1e-9);

    private static (JsonElement Item, double[] X, double[] Y) FindPair(string id)
    {
        var item = s_golden.GetProperty("numeric").EnumerateArray().Single(item => item.GetProperty("id").GetString() == id);
        return (item, Golden.Generate(item.GetProperty("x")), Golden.Generate(item.GetProperty("y")));
    }

    private static (JsonElement Item, long[] Reference, long[] Current) FindTable(string id)
    {
        var item = s_golden.GetProperty("categorical").EnumerateArray().Single(item => item.GetProperty("id").GetString() == id);
        var rows = item.GetProperty("table").EnumerateArray().Select(row => row.EnumerateArray().Select(count => count.GetInt64()).ToArray()).ToArray();
        return (item, rows[0], rows[1]);
    }
}
