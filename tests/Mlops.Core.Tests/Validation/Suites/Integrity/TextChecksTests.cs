using Mlops.Data;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.Suites.Checks;

namespace Mlops.Core.Tests.Validation.Suites.Integrity;

/// <summary>The checks of texts: special characters, mixed nulls, mixed types, variants, lengths.</summary>
public sealed class TextChecksTests
{
    [Fact]
    public async Task SpecialCharacters_ShareOfRows_IsHeldToTheLimit()
    {
        // 1 of 1,000 rows is the limit.
        var column = Texts("t", Make(1000, i => i == 7 ? "?!" : i == 8 ? "" : i == 9 ? null : $"é{i}"));
        var one = await new SpecialCharactersCheck().RunAsync(column);
        Assert.Equal((CheckStatus.Pass, 0.001), (one.Status, one.Values["largest_special_characters_ratio"]));
        var two = await new SpecialCharactersCheck().RunAsync(Texts("t", Make(1000, i => i is 7 or 8 ? "  " : "日本")));
        Assert.Equal((CheckStatus.Warn, "above the limit: t"), (two.Status, two.Conditions[0].Measured));
        Assert.Equal(CheckStatus.Pass, (await new SpecialCharactersCheck { MaximumRatio = 0.002 }.RunAsync(Texts("t", Make(1000, i => i is 7 or 8 ? "-" : "a")))).Status);
        Assert.Equal(CheckStatus.Fail, (await new SpecialCharactersCheck { Severity = ValidationSeverity.Error }.RunAsync(Texts("t", "-", "a"))).Status);
        Assert.Equal(CheckStatus.Pass, (await new SpecialCharactersCheck { IgnoredColumns = ["t"] }.RunAsync(Texts("t", "-", "a"), Texts("u", "a", "b"))).Status);
    }

    [Fact]
    public async Task MixedNulls_Kinds_AreCountedByColumn()
    {
        Assert.Equal(CheckStatus.Pass, (await new MixedNullsCheck().RunAsync(Texts("t", "a", null, null), Texts("u", "NA", "NA", "b"))).Status);
        var mixed = await new MixedNullsCheck().RunAsync(Texts("t", "a", null, " null ", "NA", "na", "-"), Texts("u", "a", "b", "c", "d", "e", "f"));
        Assert.Equal((CheckStatus.Fail, 5, 1), (mixed.Status, mixed.Values["most_kinds"], mixed.Values["columns_above_limit"]));
        Assert.Equal(["t", "5", "1", "0", "\"-\" (1), \"na\" (2 in 2 spellings), \"null\" (1)"], mixed.Tables[0].Rows[0]);
        Assert.Equal(CheckStatus.Pass, (await new MixedNullsCheck { MaximumKinds = 5 }.RunAsync(Texts("t", "a", null, " null ", "NA", "na", "-"))).Status);
        // Other texts may be nulls, and the usual ones none.
        Assert.Equal(CheckStatus.Fail, (await new MixedNullsCheck { NullTexts = ["missing"] }.RunAsync(Texts("t", "MISSING", null, "x"))).Status);
        Assert.Equal(CheckStatus.Pass, (await new MixedNullsCheck { NullTexts = ["missing"] }.RunAsync(Texts("t", "NA", null, "x"))).Status);
    }

    [Fact]
    public async Task MixedNulls_NaNBesideNulls_AreTwoKinds()
    {
        var column = (new ColumnSchema("x", ElementType.Float64), (Column)new Column<double>([1, double.NaN, 0, 4], [0b1011]));
        var result = await new MixedNullsCheck().RunAsync(column);
        Assert.Equal((CheckStatus.Fail, 2), (result.Status, result.Values["most_kinds"]));
        Assert.Equal(["x", "2", "1", "1", ""], result.Tables[0].Rows[0]);
    }

    [Theory]
    [InlineData(1, CheckStatus.Pass)] // 1 %: negligible
    [InlineData(2, CheckStatus.Warn)]
    [InlineData(9, CheckStatus.Warn)]
    [InlineData(10, CheckStatus.Pass)] // 10 %: meant to be
    [InlineData(91, CheckStatus.Warn)]
    [InlineData(100, CheckStatus.Pass)]
    public async Task MixedTypes_RarerType_MustNotBeInBetween(int numbers, CheckStatus expected)
    {
        var column = Texts("t", Make(100, i => i < numbers ? $"{i}.5" : $"a{i}"));
        Assert.Equal(expected, (await new MixedTypesCheck().RunAsync(column)).Status);
        Assert.Equal(CheckStatus.Pass, (await new MixedTypesCheck { IntendedRatio = 0.02 }.RunAsync(column)).Status);
    }

    [Fact]
    public async Task StringVariants_CaseAndPunctuation_AreFound()
    {
        Assert.Equal(CheckStatus.Pass, (await new StringVariantsCheck().RunAsync(Texts("t", "New York", "Newark", null, "-1.5", "15", "2001-01-22", "20010122", "", "-", "?"))).Status);
        var found = await new StringVariantsCheck().RunAsync(Texts("t", "New York", "new-york", "NEWYORK", "Bern", "Bern"), Texts("u", "a", "b", "c", "d", "e"));
        Assert.Equal((CheckStatus.Warn, 1), (found.Status, found.Values["varied_texts"]));
        Assert.Equal(["t", "1", "3"], found.Tables[0].Rows[0]);
        Assert.DoesNotContain("York", Quote(found), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(CheckStatus.Pass, (await new StringVariantsCheck { MaximumCount = 1 }.RunAsync(Texts("t", "A", "a"))).Status);
    }

    [Fact]
    public async Task StringVariants_ShowsValues_QuotesThem()
    {
        var found = await new StringVariantsCheck { ShowsValues = true }.RunAsync(Texts("t", "Ok", "ok.", "Ok", "no"));
        Assert.Equal(["t", "Ok | ok."], found.Tables[1].Rows[0]);
    }

    [Fact]
    public async Task StringVariants_TooManyTexts_IsNotApplicable()
    {
        var many = Texts("many", Make(50, i => i % 2 == 0 ? $"a{i}" : $"A{i - 1}"));
        Assert.Equal(CheckStatus.NotApplicable, (await new StringVariantsCheck { MaximumTexts = 49 }.RunAsync(many)).Status);
        Assert.Equal(CheckStatus.Warn, (await new StringVariantsCheck { MaximumTexts = 50 }.RunAsync(many)).Status);
        var beside = await new StringVariantsCheck { MaximumTexts = 49 }.RunAsync(many, Texts("few", Make(50, i => i == 0 ? "b" : "c")));
        Assert.Equal((CheckStatus.Pass, 1), (beside.Status, beside.Values["columns_left_out"]));
        Assert.Contains("1 column with more than 49 different texts was not looked at", beside.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StringLengthOutliers_FarLongerText_IsFound()
    {
        string?[] Usual(int rows) => Make(rows, i => new string('a', 18 + (i % 5)) + i.ToString("000", System.Globalization.CultureInfo.InvariantCulture));
        var sound = Usual(500);
        Assert.Equal(CheckStatus.Pass, (await new StringLengthOutliersCheck().RunAsync(Texts("t", sound))).Status);
        sound[13] = new string('x', 400);
        sound[14] = "y";
        var found = await new StringLengthOutliersCheck().RunAsync(Texts("t", sound));
        Assert.Equal((CheckStatus.Fail, 2), (found.Status, found.Values["length_outliers"]));
        Assert.Equal(["t", "2", "21 to 25", "1", "400"], found.Tables[0].Rows[0]);
        Assert.Equal(CheckStatus.Pass, (await new StringLengthOutliersCheck { MaximumCount = 2 }.RunAsync(Texts("t", sound))).Status);
        Assert.Equal(1, (await new StringLengthOutliersCheck { MinimumDifference = 100 }.RunAsync(Texts("t", sound))).Values["length_outliers"]);
        // Names of categories have whatever length they have.
        Assert.Equal(CheckStatus.NotApplicable, (await new StringLengthOutliersCheck().RunAsync(Texts("t", Make(500, i => i == 3 ? new string('x', 400) : $"{i % 7}")))).Status);
    }

    [Fact]
    public async Task TextChecks_NothingToLookAt_ArePassedOver()
    {
        IValidationCheck[] checks = [new SpecialCharactersCheck(), new MixedTypesCheck(), new StringVariantsCheck(), new StringLengthOutliersCheck()];
        foreach (var check in checks)
        {
            Assert.Equal((CheckStatus.NotApplicable, "There is no column of texts."), await Outcome(check, Numbers("x", 1, 2)));
            Assert.Equal((CheckStatus.NotApplicable, "The dataset has no rows."), await Outcome(check, Texts("t")));
            Assert.NotEqual(CheckStatus.Fail, (await check.RunAsync(Texts("t", null, null))).Status);
            Assert.NotEqual(CheckStatus.Fail, (await check.RunAsync(Texts("t", "one row"))).Status);
        }
    }

    private static string Quote(CheckResult result) => System.Text.Encoding.UTF8.GetString(new ValidationSuiteReport("s", [result]).ToJson());

    private static async Task<(CheckStatus, string)> Outcome(IValidationCheck check, (ColumnSchema, Column) column)
    {
        var result = await check.RunAsync(column);
        return (result.Status, result.Summary);
    }
}
