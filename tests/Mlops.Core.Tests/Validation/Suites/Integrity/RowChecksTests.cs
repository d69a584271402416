using Mlops.Data;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.Suites.Checks;

namespace Mlops.Core.Tests.Validation.Suites.Integrity;

/// <summary>The checks of columns and rows: single values, missing values, duplicates, outliers, columns.</summary>
public sealed class RowChecksTests
{
    [Fact]
    public async Task SingleValueColumns_ConstantColumn_IsFound()
    {
        Assert.Equal(CheckStatus.Pass, (await new SingleValueColumnsCheck().RunAsync(Numbers("x", 1, 2, 2), Texts("t", "a", "a", "b"))).Status);
        var found = await new SingleValueColumnsCheck().RunAsync(Numbers("x", 1, 2, 2), Texts("t", "a", null, "a"), Numbers("n", double.NaN, 5, 5), Texts("empty", null, null, null));
        Assert.Equal((CheckStatus.Fail, "2: t, n"), (found.Status, found.Conditions[0].Measured));
        Assert.Equal(CheckStatus.Pass, (await new SingleValueColumnsCheck { MaximumCount = 1 }.RunAsync(Numbers("x", 2, 2))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new SingleValueColumnsCheck().RunAsync(Numbers("x", 2))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new SingleValueColumnsCheck().RunAsync(Numbers("x"))).Status);
    }

    [Fact]
    public async Task SingleValueColumns_OtherValueInALaterBatch_IsSeen()
    {
        var schema = new DataSchema(new ColumnSchema("x", ElementType.Int64), new ColumnSchema("y", ElementType.Int64));
        var batches = Enumerable.Range(0, 3).Select(batch => new DataBatch(schema, new Column<long>(Make(100, i => batch == 2 && i == 99 ? 1L : 0L)), new Column<long>(new long[100])));
        Assert.Equal("1: y", (await new SingleValueColumnsCheck().RunAsync(new InMemoryDataset("d", schema, batches))).Conditions[0].Measured);
    }

    [Fact]
    public async Task SingleValueColumns_Vectors_AreCompared()
    {
        var vectors = (new ColumnSchema("v", ElementType.Float32) { Width = 2 }, (Column)new Column<float>([1, 2, 1, 2], null, 2));
        Assert.Equal(CheckStatus.Fail, (await new SingleValueColumnsCheck().RunAsync(vectors)).Status);
        var others = (new ColumnSchema("v", ElementType.Float32) { Width = 2 }, (Column)new Column<float>([1, 2, 1, 3], null, 2));
        Assert.Equal(CheckStatus.Pass, (await new SingleValueColumnsCheck().RunAsync(others)).Status);
    }

    [Fact]
    public async Task MissingValues_ShareOfAColumn_IsHeldToTheLimit()
    {
        Assert.Equal(CheckStatus.Pass, (await new MissingValuesCheck().RunAsync(Numbers("x", Make(100, i => i < 5 ? double.NaN : i)))).Status);
        var found = await new MissingValuesCheck().RunAsync(Numbers("x", Make(100, i => i < 6 ? double.NaN : i)), Texts("t", Make(100, i => i < 50 ? null : "a")));
        Assert.Equal((CheckStatus.Fail, 0.5, "above the limit: t, x"), (found.Status, found.Values["largest_missing_ratio"], found.Conditions[0].Measured));
        Assert.Equal(["t", "50", "50 %"], found.Tables[0].Rows[0]);
        Assert.Equal(CheckStatus.Pass, (await new MissingValuesCheck { MaximumRatio = 0.5 }.RunAsync(Texts("t", "a", null))).Status);
        Assert.Equal(1, (await new MissingValuesCheck().RunAsync(Texts("t", null, null))).Values["largest_missing_ratio"]);
        Assert.Equal(CheckStatus.NotApplicable, (await new MissingValuesCheck().RunAsync(Texts("t"))).Status);
    }

    [Fact]
    public async Task DuplicateRows_Repeated_AreCounted()
    {
        var ids = Integers("id", Make(100, i => (long)i)).As(ColumnRole.Key);
        var five = await new DuplicateRowsCheck().RunAsync(ids, Numbers("x", Make(100, i => Math.Max(5.0, i))), Texts("t", Make(100, i => "a")));
        Assert.Equal((CheckStatus.Pass, 0.05, 95), (five.Status, five.Values["duplicate_ratio"], five.Values["different_rows"]));
        var six = await new DuplicateRowsCheck().RunAsync(ids, Numbers("x", Make(100, i => i < 7 ? double.NaN : i)));
        Assert.Equal((CheckStatus.Warn, "6 % (6 of 100 rows)"), (six.Status, six.Conditions[0].Measured));
        Assert.Equal(0, (await new DuplicateRowsCheck { IncludesKeys = true }.RunAsync(ids, Numbers("x", new double[100]))).Values["duplicate_ratio"]);
        Assert.Equal(CheckStatus.Pass, (await new DuplicateRowsCheck { MaximumRatio = 0.06 }.RunAsync(Numbers("x", Make(100, i => i < 7 ? 0.0 : i)))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new DuplicateRowsCheck().RunAsync(ids)).Status);
        Assert.Equal(0, (await new DuplicateRowsCheck().RunAsync(Numbers("x", 1))).Values["duplicate_ratio"]);
    }

    [Fact]
    public async Task DuplicateRows_MoreThanAreKept_IsEstimated()
    {
        // A quarter of 80,000 rows repeats another one; 2,000 different rows are kept, by which the share is off by 3 % of its complement, one standard error.
        var column = Integers("x", Make(80_000, i => (long)(i % 60_000)));
        var result = await new DuplicateRowsCheck { ExactRows = 2000, MaximumRatio = 0.5 }.RunAsync(column);
        Assert.InRange(result.Values["duplicate_ratio"]!.Value, 0.25 - 0.09, 0.25 + 0.09);
        Assert.StartsWith("about ", result.Conditions[0].Measured, StringComparison.Ordinal);
        Assert.Equal(0.25, (await new DuplicateRowsCheck { ExactRows = 60_000 }.RunAsync(column)).Values["duplicate_ratio"]);
    }

    [Fact]
    public async Task OutlierSamples_RowsApart_AreFound()
    {
        // Evenly spread over a square, but for the rows apart.
        double[] Cluster(int axis, params int[] apart) => Make(400, i => apart.Contains(i) ? 4 + axis : axis == 1 ? i / 400.0 : i * 0.6180339887 % 1);
        string?[] texts = Make(400, i => i % 3 == 0 ? "a" : "b");
        var sound = await new OutlierSamplesCheck().RunAsync(Numbers("x", Cluster(1)), Numbers("y", Cluster(2)), Texts("t", texts));
        Assert.Equal(CheckStatus.Pass, sound.Status);
        var found = await new OutlierSamplesCheck().RunAsync(Numbers("x", Cluster(1, 3, 90, 200)), Numbers("y", Cluster(2, 3, 91, 300)), Texts("t", texts));
        Assert.Equal(CheckStatus.Warn, found.Status);
        Assert.InRange(found.Values["outlier_ratio"]!.Value, 3 / 400.0, 20 / 400.0);
        Assert.Equal(CheckStatus.Pass, (await new OutlierSamplesCheck { MaximumRatio = 0.05 }.RunAsync(Numbers("x", Cluster(1, 3, 90, 200)), Numbers("y", Cluster(2, 3, 91, 300)))).Status);
        Assert.Equal(150, (await new OutlierSamplesCheck { MaximumRows = 150 }.RunAsync(Numbers("x", Cluster(1)))).Values["sampled_rows"]);
    }

    [Fact]
    public async Task OutlierSamples_FewRowsOrNoValues_AreNoOutliers()
    {
        Assert.Equal("It takes 100 rows at least; there are 99.", (await new OutlierSamplesCheck().RunAsync(Numbers("x", new double[99]))).Summary);
        Assert.Equal(CheckStatus.Pass, (await new OutlierSamplesCheck().RunAsync(Numbers("x", Make(100, _ => double.NaN)), Texts("t", new string?[100]))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new OutlierSamplesCheck().RunAsync(Numbers("x", new double[200]).As(ColumnRole.Label))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new OutlierSamplesCheck().RunAsync(Numbers("x"))).Status);
    }

    [Fact]
    public async Task ColumnsInfo_AnyData_ShowsTypesAndRoles()
    {
        var shown = await new ColumnsInfoCheck().RunAsync(Numbers("x"), Texts("t").As(ColumnRole.Label), (new ColumnSchema("v", ElementType.Float32) { Width = 3 }, new Column<float>([], null, 3)));
        Assert.Equal((CheckStatus.Pass, "3 columns: 2 Feature, 1 Label."), (shown.Status, shown.Summary));
        Assert.Empty(shown.Conditions);
        Assert.Equal([["x", "Float64", "Feature"], ["t", "String", "Label"], ["v", "Float32 × 3", "Feature"]], shown.Tables[0].Rows);
    }

    [Fact]
    public async Task Part_Test_LooksAtTheTestSetOnly()
    {
        var suite = new ValidationSuite("s", new MissingValuesCheck(), new MissingValuesCheck { Part = DatasetPart.Test });
        var report = await suite.RunAsync(Dataset(Numbers("x", 1, 2)), Dataset(Numbers("x", double.NaN)), cancellationToken: Token);
        Assert.Equal((CheckStatus.Pass, CheckStatus.Fail), (report["missing_values"].Status, report["missing_values_test"].Status));
        Assert.Equal("There is no test set.", (await suite.RunAsync(Dataset(Numbers("x", 1, 2)), Token))["missing_values_test"].Summary);
    }

    [Fact]
    public async Task IgnoredColumns_MistypedOrIgnoredByRole_AreNoticedOrPassedOver()
    {
        var mistyped = (await new ValidationSuite("s", new MissingValuesCheck { IgnoredColumns = ["y"] }).RunAsync(Dataset(Numbers("x", 1)), Token)).Results[0];
        Assert.Equal(CheckStatus.Error, mistyped.Status);
        Assert.Contains("There is no column 'y'", mistyped.Summary, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Pass, (await new MissingValuesCheck().RunAsync(Numbers("x", double.NaN).As(ColumnRole.Ignored), Numbers("y", 1))).Status);
    }
}
