using Mlops.Data;

namespace Mlops.Monitoring.Tests;

public sealed class PermutationTailTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(30, 30, 1, 0)]
    [InlineData(30, 30, 8, 0)]
    [InlineData(20, 200, 1, 0)]
    [InlineData(20, 200, 5, 3)]
    [InlineData(40, 40, 3, 4)]
    [InlineData(10, 400, 2, 2)]
    public void UpperTail_AnyRows_IsNotBelowThePermutations(int n, int m, int width, int outliers)
    {
        const int Draws = 200_000;
        var random = new SplitMix64((ulong)(n + (7 * m) + width));
        var rows = new double[n + m][];
        for (var row = 0; row < rows.Length; row++) rows[row] = [.. Enumerable.Range(0, width).Select(_ => random.NextDouble() + random.NextDouble() - 1 + (row < outliers ? 50 : 0))];
        double[] means = [.. Enumerable.Range(0, width).Select(k => rows.Average(row => row[k]))];
        foreach (var row in rows)
        {
            for (var k = 0; k < width; k++) row[k] -= means[k];
        }

        var (statistics, sum) = (new double[Draws + 1], new double[width]);
        for (var draw = 0; draw <= Draws; draw++)
        {
            Array.Clear(sum);
            for (var i = 0; i < n; i++)
            {
                var j = i + (int)random.Next((ulong)(rows.Length - i));
                (rows[i], rows[j]) = (rows[j], rows[i]);
                for (var k = 0; k < width; k++) sum[k] += rows[i][k];
            }

            // As all rows together have a mean of 0, the means lie apart by the sum times 1/n + 1/m.
            statistics[draw] = sum.Sum(value => value * value) * Math.Pow((1.0 / n) + (1.0 / m), 2);
        }

        var tail = new PermutationTail(statistics.AsSpan(0, 2001), rows.Sum(row => Math.Pow(row.Sum(value => value * value), 2)), n, m);
        Array.Sort(statistics);
        foreach (var share in new[] { 0.1, 0.01, 1e-3, 1e-4, 2e-5 })
        {
            var value = statistics[^(int)Math.Ceiling(share * Draws)];
            Assert.True(tail.UpperTail(value) >= share * 0.999, $"{tail.UpperTail(value)} < {share}");
            Assert.True(tail.UpperTail(value) < 1 || tail.UpperTail(2 * value) >= share / 100);
        }
    }

    [Fact]
    public void UpperQuantile_Probability_IsTheInverse()
    {
        var tail = new PermutationTail([9, 1, 2, 0.5, 3, 1.5], 40, 30, 50);
        foreach (var probability in new[] { 0.3, 1e-3, 1e-9, 1e-200 }) Assert.Equal(1, tail.UpperTail(tail.UpperQuantile(probability)) / probability, 1e-9);
        Assert.Equal(1, tail.UpperTail(0));
        Assert.Equal(0, new PermutationTail([1, 0, 0], 0, 5, 5).UpperTail(1));
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(0, 3, true)]
    public async Task CreateAsync_EmbeddingAmongAThousandColumns_IsFoundIfItDrifts(double shift, double spread, bool isDrift)
    {
        const int Rows = 300, Columns = 1000;
        InMemoryDataset Make(int seed, double mean, double deviation)
        {
            var random = new Random(seed);
            var vectors = new Column<float>([.. Enumerable.Range(0, Rows * 16).Select(_ => (float)((DriftData.Normal(random) * deviation) + mean))], null, 16);
            return InMemoryDataset.FromColumns("many", [
                (new ColumnSchema("embedding", ElementType.Float32) { Width = 16 }, vectors),
                .. Enumerable.Range(0, Columns).Select(column => DriftData.Normals($"x{column}", Rows, (seed * Columns) + column))]);
        }

        var report = await DriftReport.CreateAsync(Make(1, 0, 1), Make(2, shift, spread), new DriftReportOptions { IncludesDistributions = false }, Token);
        var finding = report.Findings.Single(finding => finding.Column == "embedding");
        Assert.Equal(isDrift ? DriftVerdict.Drift : DriftVerdict.NoDrift, finding.Verdict);
        Assert.Equal(isDrift ? 1 : 0, report.DriftedColumnCount);
        Assert.True(!isDrift || finding.Result.Effect >= finding.Result.Threshold, finding.ToString());
    }

    [Fact]
    public void Test_TextsAtASignificanceBeyondPermutations_AreTold()
    {
        var random = new Random(3);
        string[] Make(string word) => [.. Enumerable.Range(0, 300).Select(_ => $"{word}{random.Next(20)} {word}{random.Next(20)}")];
        var (known, other) = (Make("a"), Make("b"));
        var options = new DriftTestOptions { Significance = 1e-6 };
        Assert.Equal(DriftVerdict.Drift, new OutOfVocabulary().Test(known, other, options, Token).Verdict);
        Assert.Equal(DriftVerdict.NoDrift, new OutOfVocabulary().Test(known, Make("a"), options, Token).Verdict);
    }
}
