using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

public sealed class DriftReportMergeTests
{
    private const int Parts = 64;
    private const int RowsPerPart = 500;

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Create_ProfileMergedOf64Parts_SaysWhatOneProfileOfThePlanSays(double shift)
    {
        var reference = Profile([.. Enumerable.Range(0, Parts).Select(part => Make(part, 0))]);
        InMemoryDataset[] parts = [.. Enumerable.Range(0, Parts).Select(part => Make(1000 + part, shift))];

        // One process that follows the plan, and sixty-four workers whose profiles travel as bytes and are merged in the plan's order, whichever is ready first.
        var one = Profile(parts);
        var travelled = new byte[Parts][];
        Parallel.For(0, Parts, part => travelled[part] = Profile(parts[part]).ToBytes());
        var merged = DatasetProfile.FromBytes(travelled[0]);
        foreach (var part in travelled.Skip(1)) merged.Merge(DatasetProfile.FromBytes(part));
        Assert.False(merged.Columns[0].Quantiles!.IsExact);
        Assert.Equal((long)Parts * RowsPerPart, merged.RowCount);

        var (expected, actual) = (DriftReport.Create(reference, one), DriftReport.Create(reference, merged));
        Assert.Equal(expected.Findings, actual.Findings);
        Assert.Equal(expected.ToJson(), actual.ToJson());
        Assert.Equal(shift > 0, expected.HasDrift);

        // Read at once, without a plan, sketches drop other values, and the verdicts stay.
        var whole = new DatasetProfile(parts[0].Schema);
        foreach (var part in parts) whole.Add(part.Batches[0]);
        Assert.Equal(Verdicts(expected), Verdicts(DriftReport.Create(reference, whole)));
    }

    [Theory]
    [InlineData(1500, 1, 20_000, 1, 4)]
    [InlineData(1500, 1, 40_000, 1, 1)]
    [InlineData(2000, 3, 20_000, 1, 4)]
    [InlineData(1100, 1, 10_000, 4, 2)]
    [InlineData(5000, 2, 32_000, 1, 64)]
    public void Create_MoreCategoriesThanPartsCount_FindsDriftAndNothingElse(int categories, double power, int rows, int referenceParts, int currentParts)
    {
        // What a part has counted among its others is missing from the merged counts, and the values that it counts came early.
        DatasetProfile Make(int seed, int partCount, double newShare) => Profile([.. Enumerable.Range(0, partCount).Select(part =>
        {
            var random = new Random((100 * seed) + part);
            return InMemoryDataset.FromColumns("part", DriftData.Texts("text", rows / partCount, _ => random.NextDouble() < newShare ? "new" : $"v{(int)(categories * Math.Pow(random.NextDouble(), power))}"));
        })]);
        foreach (var test in new IDriftTest[] { new ChiSquared(), new TotalVariation(), new PopulationStabilityIndex(), new JensenShannon() })
        {
            var options = new DriftReportOptions { ChooseTest = _ => test, MinimumEffect = 0, Significance = 0.001 };
            for (var trial = 0; trial < 2; trial++)
            {
                var reference = Make(2 * trial, referenceParts, 0);
                Assert.All(DriftReport.Create(reference, Make((2 * trial) + 1, currentParts, 0), options).Findings, finding => Assert.NotEqual(DriftVerdict.Drift, finding.Verdict));
                Assert.True(DriftReport.Create(reference, Make((2 * trial) + 1, currentParts, 0.5), options).HasDrift);
            }
        }
    }

    [Fact]
    public void Create_NoValueCountedInFull_IsNotComputable()
    {
        // Each part counts other values.
        DatasetProfile Make(int first) => Profile([.. Enumerable.Range(0, 3).Select(part => InMemoryDataset.FromColumns("part", DriftData.Texts("text", 3000, i => $"v{(i % 1500) + (1500 * (part + first))}")))]);
        var finding = Assert.Single(DriftReport.Create(Make(0), Make(1)).Findings);
        Assert.Equal(DriftVerdict.NotComputable, finding.Verdict);
        Assert.Contains("'text'", finding.Result.Reason, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Column, DriftFindingKind Kind, DriftVerdict Verdict)> Verdicts(DriftReport report)
        => report.Findings.Select(finding => (finding.Column, finding.Kind, finding.Verdict)).Order();

    private static DatasetProfile Profile(params InMemoryDataset[] parts)
    {
        DatasetProfile? profile = null;
        foreach (var part in parts)
        {
            var next = new DatasetProfile(part.Schema);
            next.Add(part.Batches[0]);
            if (profile is null) profile = next;
            else profile.Merge(next);
        }

        return profile!;
    }

    private static InMemoryDataset Make(int seed, double shift)
    {
        var random = new Random(seed);
        return InMemoryDataset.FromColumns("part",
            DriftData.Numbers("normal", RowsPerPart, _ => DriftData.Normal(random) + shift),
            DriftData.Numbers("skewed", RowsPerPart, i => i % 7 == 0 ? double.NaN : Math.Exp(DriftData.Normal(random))),
            DriftData.Numbers("grade", RowsPerPart, _ => random.Next(5)),
            DriftData.Texts("city", RowsPerPart, i => i % 11 == 0 ? null : $"city {(int)(30 * Math.Pow(random.NextDouble(), 1 + (2 * shift)))}"),
            DriftData.Texts("many", RowsPerPart, _ => $"v{(int)(5000 * random.NextDouble() * random.NextDouble())}"),
            DriftData.Flags("flag", RowsPerPart, _ => random.NextDouble() < 0.3 + shift),
            DriftData.Vectors("embedding", RowsPerPart, 4, seed, shift));
    }
}
