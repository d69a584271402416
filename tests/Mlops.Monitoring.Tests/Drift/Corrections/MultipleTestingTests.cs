namespace Mlops.Monitoring.Tests;

public sealed class MultipleTestingTests
{
    private static readonly Dictionary<string, Correction> s_names = new()
    {
        ["bonferroni"] = Correction.Bonferroni,
        ["sidak"] = Correction.Sidak,
        ["holm"] = Correction.Holm,
        ["holm-sidak"] = Correction.HolmSidak,
        ["simes-hochberg"] = Correction.Hochberg,
        ["hommel"] = Correction.Hommel,
        ["fdr_bh"] = Correction.BenjaminiHochberg,
        ["fdr_by"] = Correction.BenjaminiYekutieli,
    };

    [Fact]
    public void Adjust_ReferenceData_AgreesInEveryWay()
    {
        var compared = 0;
        foreach (var item in Golden.Load("drift_golden.json").GetProperty("multiple_testing").EnumerateArray())
        {
            var pValues = Golden.Generate(item.GetProperty("p"));
            var significance = item.GetProperty("alpha").GetDouble();
            foreach (var way in item.GetProperty("expected").EnumerateObject())
            {
                var adjusted = MultipleTesting.Adjust(pValues, s_names[way.Name]);
                var expected = way.Value.GetProperty("adjusted").EnumerateArray().Select(value => value.GetDouble()).ToArray();
                var rejected = way.Value.GetProperty("reject").EnumerateArray().Select(value => value.GetBoolean()).ToArray();
                Assert.Equal(expected.Length, adjusted.Length);
                for (var i = 0; i < expected.Length; i++)
                {
                    Golden.AssertClose(expected[i], adjusted[i], 1e-9, $"{item.GetProperty("id").GetString()}, {way.Name}, p {i}");
                    Assert.Equal(rejected[i], adjusted[i] <= significance);
                    compared++;
                }
            }
        }

        Assert.Equal(1824, compared);
    }

    [Theory]
    [MemberData(nameof(Corrections))]
    public void Adjust_AnyOrder_GivesTheSame(Correction correction)
    {
        double[] pValues = [0.2, 0.01, 0.7, 0.01, 0.03, 0.02];
        var adjusted = MultipleTesting.Adjust(pValues, correction);
        var reversed = MultipleTesting.Adjust([.. pValues.Reverse()], correction);
        Assert.Equal(adjusted, reversed.Reverse());
        Assert.All(adjusted.Zip(pValues), pair => Assert.InRange(pair.First, pair.Second, 1));
    }

    [Theory]
    [MemberData(nameof(Corrections))]
    public void Adjust_NothingOrOne_IsAsItWas(Correction correction)
    {
        Assert.Empty(MultipleTesting.Adjust([], correction));
        Assert.Equal(0.03, MultipleTesting.Adjust([0.03], correction)[0], 1e-15);
        Assert.Equal([0, 1], MultipleTesting.Adjust([0, 1], correction));
    }

    [Theory]
    [MemberData(nameof(Corrections))]
    public void Adjust_NoEffectAnywhere_KeepsTheErrorRate(Correction correction)
    {
        if (correction == Correction.None) return;
        // Without any effect, a false-discovery rate is the probability of any false alarm too.
        const int Trials = 2000;
        var random = new Random(7);
        var alarms = Enumerable.Range(0, Trials).Count(_ => MultipleTesting.Adjust([.. Enumerable.Range(0, 20).Select(_ => random.NextDouble())], correction).Min() <= 0.05);
        Assert.InRange(alarms, 1, (0.05 * Trials) + (4 * Math.Sqrt(0.05 * 0.95 * Trials)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void Adjust_NotAPValue_Throws(double pValue)
        => Assert.Throws<ArgumentOutOfRangeException>(() => MultipleTesting.Adjust([0.5, pValue], Correction.Holm));

    [Fact]
    public void Adjust_UnknownCorrection_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => MultipleTesting.Adjust([0.5], (Correction)99));

    public static TheoryData<Correction> Corrections => [.. Enum.GetValues<Correction>()];
}
