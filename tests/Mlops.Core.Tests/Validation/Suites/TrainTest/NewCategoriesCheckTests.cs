using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class NewCategoriesCheckTests
{
    [Theory]
    [InlineData("churn.csv", "churn")]
    [InlineData("credit.csv", "Status")]
    public async Task RunAsync_RealPairs_AreAsPandasCountsThem(string file, string label)
    {
        var (train, test) = TrainTestTable.Read(file, label).Cut();
        var changed = TrainTestSuiteTests.Change(file, test);

        var clean = await TrainTestTable.RunAsync(new NewCategoriesCheck(), train, test);
        Assert.Equal(CheckStatus.Pass, clean.Status);
        Assert.Equal(4, clean.Values["columns"]);

        var golden = TrainTestTable.ReadGolden(file[..^4], "changed").GetProperty("newCategoryRows").EnumerateObject().Max(column => column.Value.GetInt32());
        var result = await TrainTestTable.RunAsync(new NewCategoriesCheck(), train, changed);
        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.Equal((1.0, 1.0, (double)golden / test.RowCount), (result.Values["columns_with_new_categories"], result.Values["new_categories"], result.Values["maximum_new_category_ratio"]));
        Assert.True(golden > 100);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new NewCategoriesCheck { MaximumRatio = 0.25 }, train, changed)).Status);
    }

    [Fact]
    public async Task RunAsync_FreeTextVectorsAndNumbers_AreNoCategoriesUnlessNamed()
    {
        var train = new TrainTestTable()
            .Add("text", ElementType.String, [.. Enumerable.Range(0, 40).Select(i => $"train {i}")])
            .Add("code", ElementType.Int64, [.. Enumerable.Range(0, 40).Select(i => (object)(long)(i % 4))])
            .Add("kind", ElementType.String, [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? "a" : "b")]);
        var test = new TrainTestTable()
            .Add("text", ElementType.String, [.. Enumerable.Range(0, 8).Select(i => $"test {i}")])
            .Add("code", ElementType.Float64, [.. Enumerable.Range(0, 8).Select(i => (object)(double)i)])
            .Add("kind", ElementType.String, [.. Enumerable.Repeat("a", 8)]);

        var result = await TrainTestTable.RunAsync(new NewCategoriesCheck(), train, test);
        Assert.Equal(CheckStatus.Pass, result.Status);
        Assert.Equal(["text", "free text: most values occur once"], Assert.Single(result.Tables[^1].Rows));

        var named = await TrainTestTable.RunAsync(new NewCategoriesCheck { Columns = ["code", "text"] }, train, test);
        Assert.Equal(2, named.Values["columns_with_new_categories"]);
        Assert.Equal(["text", "8", "100 % (8 of 8 rows)"], named.Tables[0].Rows[0]);
        Assert.Equal(["code", "4", "50 % (4 of 8 rows)"], named.Tables[0].Rows[1]);
    }

    [Fact]
    public async Task RunAsync_ManyNewValuesOfTheTestSet_AreAllCounted()
    {
        var train = new TrainTestTable().Add("kind", ElementType.String, "a", "b", "a", "b");
        var test = new TrainTestTable().Add("kind", ElementType.String, [.. Enumerable.Range(0, 500).Select(i => $"new {i}")]);

        var result = await TrainTestTable.RunAsync(new NewCategoriesCheck { MaximumCategories = 10 }, train, test);

        Assert.Equal(1, result.Values["maximum_new_category_ratio"]);
    }

    [Fact]
    public async Task RunAsync_ColumnsOnOneSideOrEmpty_AreNamed()
    {
        var train = new TrainTestTable().Add("a", ElementType.String, "x", "x").Add("b", ElementType.String, null, null).Add("c", ElementType.String, "x", "y").Add("d", ElementType.Boolean, true, false);
        var test = new TrainTestTable().Add("b", ElementType.String, "z").Add("c", ElementType.Int64, 1L).Add("d", ElementType.Boolean, true).Add("e", ElementType.String, "z");

        var result = await TrainTestTable.RunAsync(new NewCategoriesCheck(), train, test);

        Assert.Equal(CheckStatus.Pass, result.Status);
        Assert.Equal(1, result.Values["columns"]);
        Assert.Equal(
            [["a", "not in the test set"], ["c", "String in the training set, Int64 in the test set"], ["e", "not in the training set"], ["b", "no value in the training set"]],
            Assert.Single(result.Tables).Rows);
        var nothing = await TrainTestTable.RunAsync(new NewCategoriesCheck(), train.Without("d"), test);
        Assert.Equal((CheckStatus.NotApplicable, "No column has categories in the training set."), (nothing.Status, nothing.Summary));
    }

    [Fact]
    public async Task RunAsync_ShowsValues_ShowsThemOnlyThen()
    {
        var train = new TrainTestTable().Add("kind", ElementType.String, "a", "b");
        var test = new TrainTestTable().Add("kind", ElementType.String, "a", "secret", "secret");

        var shown = await TrainTestTable.RunAsync(new NewCategoriesCheck { ShowsValues = true }, train, test);
        Assert.Equal(["kind", "secret", "2"], Assert.Single(shown.Tables[1].Rows));
        var hidden = await TrainTestTable.RunAsync(new NewCategoriesCheck(), train, test);
        Assert.DoesNotContain(hidden.Tables, table => table.Rows.Any(row => row.Contains("secret")));
    }
}
