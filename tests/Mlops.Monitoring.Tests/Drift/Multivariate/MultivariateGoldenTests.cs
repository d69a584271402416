using System.Text.Json;

namespace Mlops.Monitoring.Tests;

public sealed class MultivariateGoldenTests
{
    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1 };
    private static readonly JsonElement s_golden = Golden.Load("drift_golden.json").GetProperty("multivariate");

    public static TheoryData<string> Cases => [.. s_golden.EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];

    [Fact]
    public void Cases_OfReference_AreAllThere() => Assert.Equal(14, s_golden.GetArrayLength());

    [Theory]
    [MemberData(nameof(Cases))]
    public void MaximumMeanDiscrepancy_Case_AgreesWithReference(string id)
    {
        var (item, x, y) = Find(id);
        var expected = item.GetProperty("expected");
        var rows = Pool(x, y);
        Golden.AssertClose(expected.GetProperty("sigma_pooled_median").GetDouble(), MaximumMeanDiscrepancy.GetBandwidth(PairMatrix.SquaredDistances(rows, Token)), 1e-9, "σ");
        Check(expected.GetProperty("sigma_median"), null);
        Check(expected.GetProperty("sigma_1"), 1);

        void Check(JsonElement figures, double? bandwidth)
        {
            var discrepancy = MaximumMeanDiscrepancy.Compute(rows, bandwidth, 19, LabelBlocks.Shuffle(1), Token);
            Golden.AssertClose(figures.GetProperty("mmd2_unbiased").GetDouble(), discrepancy.Unbiased[0], 1e-9, "MMD²");
            Golden.AssertClose(figures.GetProperty("mmd2_biased").GetDouble(), discrepancy.Biased[0], 1e-9, "biased MMD²");
            var result = new MaximumMeanDiscrepancy { Scaling = RowScaling.None, Bandwidth = bandwidth, Permutations = 19 }.Test(x, y, s_anyCount, Token);
            Golden.AssertClose(figures.GetProperty("mmd2_unbiased").GetDouble(), result.Statistic, 1e-9, "MMD² of the test");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void MaximumMeanDiscrepancy_PermutationsOfCase_AgreeWithReference(string id)
    {
        var (item, x, y) = Find(id);
        var expected = item.GetProperty("expected").GetProperty("sigma_median");
        var permutations = expected.GetProperty("permutations").GetInt32();
        var discrepancy = MaximumMeanDiscrepancy.Compute(Pool(x, y), null, permutations, ShuffleAsReference(expected.GetProperty("perm_seed").GetUInt64()), Token);
        Assert.Equal(expected.GetProperty("count_ge").GetInt32(), PermutationTest.CountAtLeast(discrepancy.Unbiased, 1e-12));
        Golden.AssertClose(expected.GetProperty("max_permuted").GetDouble(), discrepancy.Unbiased[1..].Max(), 1e-9, "largest permuted MMD²");
        Golden.AssertClose(expected.GetProperty("pvalue_plus1").GetDouble(), PermutationTest.GetPValue(discrepancy.Unbiased, 1e-12), 1e-9, "p");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void MultivariateEnergyDistance_Case_AgreesWithReference(string id)
    {
        var (item, x, y) = Find(id);
        var result = new MultivariateEnergyDistance { Scaling = RowScaling.None, Permutations = 19 }.Test(x, y, s_anyCount, Token);
        Golden.AssertClose(item.GetProperty("expected").GetProperty("energy_multivariate_v_statistic").GetDouble(), result.Statistic, 1e-9, "E");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void LeastSquaresDensityDifference_Case_AgreesWithReference(string id)
    {
        var (item, x, y) = Find(id);
        var expected = item.GetProperty("expected").GetProperty("lsdd_lambda_0.01_sigma_median_all_centers");
        var rows = Pool(x, y);
        int[] centres = [.. Enumerable.Range(0, rows.Count)];
        var squares = LeastSquaresDensityDifference.GetSquaredDistances(rows, centres, out var bandwidth, Token);
        var model = new LeastSquaresDensityDifference.Model(squares, centres, rows.Width, bandwidth, 1, 0.01);
        var total = model.Measure(rows.ReferenceCount, 19, LabelBlocks.Shuffle(1), out var figures, out _, Token)[0];
        Golden.AssertClose(expected.GetProperty("two_h_theta_minus_theta_H_theta").GetDouble(), total, 1e-9, "2h'θ − θ'Hθ");
        Golden.AssertClose(expected.GetProperty("h_theta").GetDouble(), figures.Linear, 1e-9, "h'θ");
        Golden.AssertClose(expected.GetProperty("theta_H_theta").GetDouble(), figures.Square, 1e-9, "θ'Hθ");
        var result = new LeastSquaresDensityDifference { Scaling = RowScaling.None, Penalty = 0.01, Permutations = 19, MaximumCentres = 1000 }.Test(x, y, s_anyCount, Token);
        Golden.AssertClose(expected.GetProperty("two_h_theta_minus_theta_H_theta").GetDouble(), result.Statistic, 1e-9, "L of the test");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void PcaReconstruction_Case_AgreesWithReference(string id)
    {
        var (item, x, y) = Find(id);
        var result = new PcaReconstruction().Test(x, y, s_anyCount, Token);
        if (!item.GetProperty("expected").TryGetProperty("pca_reconstruction", out var expected))
        {
            // The reference has no figure for one column, nor has the test.
            Assert.Equal(1, x.Width);
            Assert.NotEqual(DriftVerdict.Drift, result.Verdict);
            return;
        }

        var components = PrincipalComponents.Fit(x.Values.Span, x.Width, 0.65);
        Assert.Equal(expected.GetProperty("n_components").GetInt32(), components.Count);
        double[] shares = [.. expected.GetProperty("explained_variance_ratio").EnumerateArray().Select(Golden.Number)];
        for (var i = 0; i < shares.Length; i++)
        {
            if (double.IsNaN(shares[i])) Assert.True(double.IsNaN(components.Shares[i]));
            else Golden.AssertClose(shares[i], components.Shares[i], 1e-9, $"share {i}");
        }

        Golden.AssertClose(expected.GetProperty("mean_error_x").GetDouble(), components.GetErrors(x.Values.Span).Average(), 1e-9, "mean error of x");
        Golden.AssertClose(expected.GetProperty("mean_error_y").GetDouble(), components.GetErrors(y.Values.Span).Average(), 1e-9, "mean error of y");
        if (result.Statistic is null) Assert.True(components.Count == x.Width || double.IsNaN(shares[0]), result.Reason);
        else Golden.AssertClose(expected.GetProperty("mean_error_y").GetDouble(), result.Statistic, 1e-9, "mean error of the test");
    }

    private static (JsonElement Item, RowSet X, RowSet Y) Find(string id)
    {
        var item = s_golden.EnumerateArray().Single(item => item.GetProperty("id").GetString() == id);
        var width = item.GetProperty("x").GetProperty("dims").GetInt32();
        return (item, new RowSet(Golden.Generate(item.GetProperty("x")), width), new RowSet(Golden.Generate(item.GetProperty("y")), width));
    }

    /// <summary>In the order of the reference data, which their permutations go by.</summary>
    private static PooledRows Pool(RowSet x, RowSet y)
        => PooledRows.Create(PresentRows.FromOrdered(x.Values.ToArray(), x.Width), PresentRows.FromOrdered(y.Values.ToArray(), y.Width), RowScaling.None);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Action<int[]> ShuffleAsReference(ulong seed)
    {
        var generator = new Golden.Generator(seed);
        return order =>
        {
            for (var i = order.Length - 1; i > 0; i--)
            {
                var j = (int)Math.Floor(generator.Next() * (i + 1));
                (order[i], order[j]) = (order[j], order[i]);
            }
        };
    }
}
