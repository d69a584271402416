using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

public sealed class BinnedDriftTests
{
    private const int Trials = 500;

    public static TheoryData<string> Names => ["psi", "kl", "kl-reversed", "js", "js-divergence", "js-nats", "hellinger"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Test_TrueEffectKnown_LiesInTheInterval(string name)
    {
        double[][] currents = [[0.3, 0.3, 0.2, 0.1, 0.1], [0.25, 0.3, 0.2, 0.15, 0.1], [0.05, 0.1, 0.2, 0.3, 0.35]];
        double[] reference = currents[0];
        var test = Create(name);
        foreach (var current in currents)
        {
            var effect = GetEffect(name, reference, current);
            var random = new Random(11);
            var held = 0;
            for (var trial = 0; trial < Trials; trial++)
            {
                var result = ((ICategoryDriftTest)test).Test(Sample(random, reference, 300), Sample(random, current, 200));
                var interval = result.EffectInterval!.Value;
                Assert.InRange(result.Effect!.Value, interval.Lower, interval.Upper + 1e-12);
                if (interval.Lower <= effect && effect <= interval.Upper + 1e-12) held++;
            }

            Assert.True(held >= (0.92 * Trials), $"{held} of {Trials} at {effect}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Test_FewValuesWithoutDrift_KeepsTheFalseAlarmRate(string name)
    {
        // Many more repetitions are in the experiments.
        const int FewTrials = 120;
        var test = (ISampleDriftTest)Create(name);
        var options = new DriftTestOptions { MinimumEffect = 0 };
        foreach (var (n, m) in new[] { (30, 30), (100, 40), (60, 600) })
        {
            var random = new Random(n);
            var alarms = 0;
            for (var trial = 0; trial < FewTrials; trial++)
            {
                double[] x = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble())], y = [.. Enumerable.Range(0, m).Select(_ => random.NextDouble())];
                if (test.Test(x, y, options).Verdict == DriftVerdict.Drift) alarms++;
            }

            Assert.True(alarms <= (0.05 * FewTrials) + (3.5 * Math.Sqrt(0.05 * 0.95 * FewTrials)), $"{alarms} of {FewTrials} with {n} and {m} values");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Test_ProfilesThatForgot_AgreeWithSamples(string name)
    {
        var test = Create(name);
        var random = new Random(17);
        double[] x = [.. Enumerable.Range(0, 40_000).Select(_ => random.NextDouble())], y = [.. Enumerable.Range(0, 40_000).Select(_ => Math.Pow(random.NextDouble(), 0.6))];
        var samples = ((ISampleDriftTest)test).Test(x, y);
        var profiles = ((IProfileDriftTest)test).Test(Profile(x), Profile(y));
        Assert.Equal((DriftVerdict.Drift, DriftVerdict.Drift), (samples.Verdict, profiles.Verdict));
        Assert.InRange(profiles.Effect!.Value, 0.6 * samples.Effect!.Value, 1.4 * samples.Effect.Value);
        Assert.True(profiles.PValue >= samples.PValue);
        Assert.True(profiles.EffectInterval!.Value.Lower <= samples.Effect && samples.Effect <= profiles.EffectInterval.Value.Upper);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Test_SmallProfiles_AreExact(string name)
    {
        var test = Create(name);
        double[] x = [.. Enumerable.Range(0, 100).Select(i => i * 0.37 % 1)], y = [.. Enumerable.Range(0, 120).Select(i => i * 0.73 % 1.3)];
        Assert.Equal(((ISampleDriftTest)test).Test(x, y), ((IProfileDriftTest)test).Test(Profile(x), Profile(y)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Test_OneBin_IsNotComputableOrNoDrift(string name)
    {
        var test = Create(name);
        var equal = Enumerable.Repeat(7.0, 50).ToArray();
        Assert.Equal(DriftVerdict.NotComputable, ((ISampleDriftTest)test).Test(equal, [.. equal, 8]).Verdict);
        var result = ((ICategoryDriftTest)test).Test([100, 0], [50, 0]);
        Assert.Equal((DriftVerdict.NoDrift, 0, 0.0), (result.Verdict, result.Statistic!.Value, result.EffectInterval!.Value.Lower));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Test_ReferencesOfOtherKinds_AreNotComputable(string name)
    {
        var texts = new ColumnProfile("column", ElementType.String);
        texts.Add(TextColumn.FromStrings("a", "b"));
        Assert.Equal(DriftVerdict.NotComputable, ((IProfileDriftTest)Create(name)).Test(texts, Profile([1, 2, 3])).Verdict);
    }

    [Fact]
    public void Test_HugeValues_GivesFiniteFigures()
    {
        double[] x = [.. Enumerable.Range(0, 100).Select(i => (i - 50) * 3.5e306)], y = [.. x.Select(value => -value / 3)];
        foreach (var rule in new[] { Binning.EqualWidth(10), Binning.Quantiles(10), Binning.Doane, Binning.Auto, Binning.Scott })
        {
            var result = new PopulationStabilityIndex(rule).Test(x, y);
            Assert.Equal(DriftVerdict.Drift, result.Verdict);
            Assert.True(double.IsFinite(result.EffectInterval!.Value.Upper));
        }
    }

    [Fact]
    public void Create_BadArguments_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PopulationStabilityIndex(emptyBinRatio: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KullbackLeibler(emptyBinRatio: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KullbackLeibler(direction: (KullbackLeiblerDirection)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new JensenShannon(form: (JensenShannonForm)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new JensenShannon(logarithmBase: (LogarithmBase)9));
    }

    [Fact]
    public void Test_SameLimitInThreeTools_MeansThreeThings()
    {
        long[] x = [600, 400], y = [400, 600];
        var bits = new JensenShannon(null, JensenShannonForm.Divergence).Test(x, y).Statistic!.Value;
        Assert.Equal(bits * Math.Log(2), new JensenShannon(null, JensenShannonForm.Divergence, LogarithmBase.E).Test(x, y).Statistic!.Value, 1e-12);
        Assert.Equal(Math.Sqrt(bits), new JensenShannon().Test(x, y).Statistic!.Value, 1e-12);
        Assert.Equal(Math.Sqrt(bits * Math.Log(2)), new JensenShannon(logarithmBase: LogarithmBase.E).Test(x, y).Statistic!.Value, 1e-12);
    }

    private static IDriftTest Create(string name) => name switch
    {
        "psi" => new PopulationStabilityIndex(),
        "kl" => new KullbackLeibler(),
        "kl-reversed" => new KullbackLeibler(direction: KullbackLeiblerDirection.ReferenceByCurrent),
        "js" => new JensenShannon(),
        "js-divergence" => new JensenShannon(form: JensenShannonForm.Divergence),
        "js-nats" => new JensenShannon(logarithmBase: LogarithmBase.E),
        _ => new Hellinger(),
    };

    private static double GetEffect(string name, double[] p, double[] q)
    {
        double Sum(Func<double, double, double> term) => p.Zip(q, term).Sum();
        var jensenShannon = Sum((a, b) => ((a * Math.Log(2 * a / (a + b))) + (b * Math.Log(2 * b / (a + b)))) / 2);
        return name switch
        {
            "psi" => Sum((a, b) => (b - a) * Math.Log(b / a)),
            "kl" => Math.Max(0, Sum((a, b) => b * Math.Log(b / a))),
            "kl-reversed" => Math.Max(0, Sum((a, b) => a * Math.Log(a / b))),
            "js" => Math.Sqrt(Math.Max(0, jensenShannon) / Math.Log(2)),
            "js-divergence" => Math.Max(0, jensenShannon) / Math.Log(2),
            "js-nats" => Math.Sqrt(Math.Max(0, jensenShannon)),
            _ => Math.Sqrt(Math.Max(0, 1 - Sum((a, b) => Math.Sqrt(a * b)))) is > 1e-7 and var distance ? distance : 0,
        };
    }

    private static ColumnProfile Profile(double[] values)
    {
        var profile = new ColumnProfile("column", ElementType.Float64);
        profile.Add(values);
        return profile;
    }

    private static long[] Sample(Random random, double[] shares, int rows)
    {
        var counts = new long[shares.Length];
        for (var row = 0; row < rows; row++)
        {
            var left = random.NextDouble();
            var category = 0;
            while (category < shares.Length - 1 && (left -= shares[category]) >= 0) category++;
            counts[category]++;
        }

        return counts;
    }
}
