using Mlops.Evaluation;

namespace Mlops.Monitoring.Tests;

public sealed class MultipleTestingGoldenTests
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
}
