using Mlops.Data;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.ModelCheckData;

namespace Mlops.Core.Tests.Validation;

public sealed class PerformanceBiasCheckTests
{
    // 100 rows each of groups a (90 right), b (60 right) and 10 of c (none right): 150 of 210 right.
    private static readonly string?[] s_groups = [.. Enumerable.Repeat("a", 100), .. Enumerable.Repeat("b", 100), .. Enumerable.Repeat((string?)null, 10)];
    private static readonly double[] s_labels = [.. Enumerable.Range(0, 210).Select(i => i < 100 ? (i < 90 ? 1.0 : 0) : i < 200 ? (i < 160 ? 1 : 0) : 0)];
    private static readonly double[] s_predictions = [.. Enumerable.Repeat(0.9, 210)];

    [Fact]
    public async Task Groups_OneMuchWorse_Fails()
    {
        var subject = Subject(Text("group", s_groups, ColumnRole.Sensitive));
        var result = await RunAsync(new PerformanceBiasCheck(), subject);
        Assert.Equal((150 / 210.0, 0.9, 0.6, 0.0), (result.Values["accuracy"]!.Value, result.Values["group.group 1"]!.Value, result.Values["group.group 2"]!.Value, result.Values["group.group 3"]!.Value));
        Assert.Equal(0.3, result.Values["group.difference"]!.Value, 1e-12);
        // 0.6 is 16 % below 0.7143; group 3 has too few rows.
        Assert.Equal((CheckStatus.Fail, "the worst of 2, group 2 with 100 rows, is 16 % worse: 0.6 against 0.7143"), (result.Status, result.Conditions[0].Measured));
        Assert.Equal(["too few rows"], result.Tables[0].Rows.Skip(2).Select(row => row[3]));
        Assert.Equal(CheckStatus.Pass, (await RunAsync(new PerformanceBiasCheck { MaximumDeclineRatio = 0.17 }, subject)).Status);
        var everyone = await RunAsync(new PerformanceBiasCheck { MinimumGroupRows = 10, ShowsValues = true }, subject);
        Assert.Contains("(missing) with 10 rows, is 100 % worse", everyone.Conditions[0].Measured, StringComparison.Ordinal);
        Assert.Equal(0.9, everyone.Values["group.a"]!.Value, 1e-12);
    }

    [Fact]
    public async Task Groups_AllAlike_Pass()
    {
        var flags = Enumerable.Range(0, 210).Select(i => i % 2 == 0).ToArray();
        var result = await RunAsync(new PerformanceBiasCheck(), Subject((new ColumnSchema("flag", ElementType.Boolean, ColumnRole.Sensitive), new Column<bool>(flags))));
        Assert.Equal((CheckStatus.Pass, 2), (result.Status, result.Tables[0].Rows.Count));
        Assert.Equal(150 / 210.0, result.Values["flag.group 1"]!.Value, 0.01);
    }

    [Fact]
    public async Task Numbers_OfManyValues_AreGroupedByQuantiles()
    {
        var ages = Numeric("age", [.. Enumerable.Range(0, 210).Select(i => i % 7 == 6 ? double.NaN : i)], ColumnRole.Sensitive);
        var result = await RunAsync(new PerformanceBiasCheck { MaximumGroups = 2, MinimumGroupRows = 50, ShowsValues = true }, Subject(ages));
        // 180 ages in two halves of 90, of the rows 0 to 104 and 105 to 209, and 30 missing ones.
        Assert.Equal([["≤ 103", "90"], ["103–208", "90"], ["(missing)", "30"]], result.Tables[0].Rows.Select(row => row.Take(2).ToArray()));
        var few = Numeric("class", [.. Enumerable.Range(0, 210).Select(i => (double)(i % 3))], ColumnRole.Sensitive);
        Assert.Equal(["0", "1", "2"], (await RunAsync(new PerformanceBiasCheck { ShowsValues = true }, Subject(few))).Tables[0].Rows.Select(row => row[0]));
    }

    [Fact]
    public async Task Regression_WeightsAndOtherColumns_AreJudgedEach()
    {
        // Errors of 1 in one group and 2 in the other; by weight 1 : 3 the RMSE is √(1/4 + 3) = √3.25.
        double[] predictions = [.. Enumerable.Range(0, 200).Select(i => i < 100 ? 1.0 : 2)];
        var subject = new ValidationSubject(Rows(
            [predictions], new double[200], Weight([.. Enumerable.Range(0, 200).Select(i => i < 100 ? 1.0 : 3)]),
            Text("g", [.. Enumerable.Range(0, 200).Select(i => i < 100 ? "x" : "y")], ColumnRole.Sensitive),
            Text("h", [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? "x" : "y")], ColumnRole.Sensitive))) { Predictor = Regression() };
        var result = await RunAsync(new PerformanceBiasCheck(), subject);
        Assert.Equal(Math.Sqrt(3.25), result.Values["rmse"]!.Value, 1e-12);
        Assert.Equal([CheckStatus.Fail, CheckStatus.Pass], result.Conditions.Select(condition => condition.Status));
        Assert.Contains("10.94 % worse: 2 against 1.8028", result.Conditions[0].Measured, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Groups_NoneOrTooFew_AreNotApplicable()
    {
        Assert.Equal("No column of one element in each row has the role Sensitive.", (await RunAsync(new PerformanceBiasCheck(), Subject(Text("group", s_groups)))).Summary);
        var one = await RunAsync(new PerformanceBiasCheck { MinimumGroupRows = 150 }, Subject(Text("group", s_groups, ColumnRole.Sensitive)));
        Assert.Equal((CheckStatus.NotApplicable, "undefined: 0 of 3 groups have 150 rows and a score"), (one.Status, one.Conditions[0].Measured));
    }

    private static ValidationSubject Subject((ColumnSchema Schema, Column Values) column) => new(Rows([s_predictions], s_labels, column)) { Predictor = Binary() };
}
