using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class NewStringVariantsCheckTests
{
    [Fact]
    public async Task RunAsync_NewSpellings_AreCountedAndNewTextsAreNot()
    {
        var train = Texts("New York", "Boston", "boston", "?", null, "Köln");
        var test = Texts("new-york", "NEW YORK!", "new-york", "Boston", "boston", "Chicago", "-", "", null, "KÖLN");

        var result = await TrainTestTable.RunAsync(new NewStringVariantsCheck(), train, test);

        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.Equal((3.0, 0.4), (result.Values["new_variants"], result.Values["maximum_new_variant_ratio"]));
        Assert.Equal("40 % (4 of 10 test rows) in 'city'", Assert.Single(result.Conditions).Measured);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new NewStringVariantsCheck { MaximumRatio = 0.4 }, train, test)).Status);
    }

    [Fact]
    public async Task RunAsync_OtherLettersNumbersAndTimes_AreNotSpelling()
    {
        var result = await TrainTestTable.RunAsync(new NewStringVariantsCheck(), Texts("schon", "café", "15", "20240301"), Texts("schön", "cafe", "1.5", "-15", "2024-03-01"));

        Assert.Equal(0, result.Values["new_variants"]);
    }

    [Fact]
    public async Task RunAsync_SameTexts_PassAndShowNothing()
    {
        var result = await TrainTestTable.RunAsync(new NewStringVariantsCheck { ShowsValues = true }, Texts("a", "b"), Texts("a", "b", "c"));

        Assert.Equal(CheckStatus.Pass, result.Status);
        Assert.Empty(result.Tables);
    }

    [Fact]
    public async Task RunAsync_ShowsValues_ShowsVariants()
    {
        var result = await TrainTestTable.RunAsync(new NewStringVariantsCheck { ShowsValues = true }, Texts("New York"), Texts("new york"));
        Assert.Equal(["city", "new york"], Assert.Single(result.Tables[1].Rows));
    }

    [Fact]
    public async Task RunAsync_NoTexts_IsNotApplicable()
    {
        var numbers = new TrainTestTable().Add("x", ElementType.Int64, 1L);
        Assert.Equal("The two datasets have no columns of texts in common.", (await TrainTestTable.RunAsync(new NewStringVariantsCheck(), numbers, numbers)).Summary);
    }

    [Theory]
    [InlineData("churn.csv", "churn", 0)]
    [InlineData("credit.csv", "Status", 186)]
    public async Task RunAsync_RealPairs_HaveThePlantedVariants(string file, string label, int planted)
    {
        var (train, test) = TrainTestTable.Read(file, label).Cut();
        Assert.Equal(0, (await TrainTestTable.RunAsync(new NewStringVariantsCheck(), train, test)).Values["new_variants"]);
        var result = await TrainTestTable.RunAsync(new NewStringVariantsCheck(), train, TrainTestSuiteTests.Change(file, test));
        Assert.Equal((double)planted / test.RowCount, result.Values["maximum_new_variant_ratio"]);
    }

    private static TrainTestTable Texts(params string?[] values) => new TrainTestTable().Add("city", ElementType.String, values);
}
