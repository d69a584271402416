using Mlops.Data;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.Suites.Checks;

namespace Mlops.Core.Tests.Validation.Suites.Integrity;

/// <summary>The checks that look at labels, and at pairs of features.</summary>
public sealed class LabelChecksTests
{
    private static readonly IValidationCheck[] s_checks = [new ConflictingLabelsCheck(), new ClassImbalanceCheck(), new FeatureLabelCorrelationCheck(), new IdentifierLabelCorrelationCheck()];

    [Fact]
    public async Task ConflictingLabels_SameFeatures_AreFound()
    {
        Assert.Equal(CheckStatus.Pass, (await new ConflictingLabelsCheck().RunAsync(Numbers("x", 1, 1, 2, 2), Texts("y", "a", "a", "b", null).As(ColumnRole.Label))).Status);
        var key = Integers("id", 1, 2, 3, 4, 5).As(ColumnRole.Key);
        var found = await new ConflictingLabelsCheck().RunAsync(key, Numbers("x", 1, 1, 2, 2, 3), Texts("t", null, null, "u", "u", "u"), Texts("y", "a", "b", "b", "b", "a").As(ColumnRole.Label));
        Assert.Equal((CheckStatus.Fail, 0.4, 1), (found.Status, found.Values["conflicting_ratio"], found.Values["conflicting_groups"]));
        Assert.Equal("40 % (2 of 5 labelled rows)", found.Conditions[0].Measured);
        Assert.Equal(CheckStatus.Pass, (await new ConflictingLabelsCheck { MaximumRatio = 1 }.RunAsync(Numbers("x", 1, 1), Texts("y", "a", "b").As(ColumnRole.Label))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new ConflictingLabelsCheck().RunAsync(Numbers("x", 1, 1), Numbers("y", 0.5, 0.7).As(ColumnRole.Label))).Status);
    }

    [Fact]
    public async Task ConflictingLabels_MoreThanAreKept_IsEstimated()
    {
        // Of 40,000 groups of two rows a half conflicts.
        var result = await new ConflictingLabelsCheck { ExactRows = 2000 }.RunAsync(
            Integers("x", Make(80_000, i => (long)(i / 2))), Texts("y", Make(80_000, i => i % 4 == 0 ? "a" : "b")).As(ColumnRole.Label));
        Assert.Equal(CheckStatus.Fail, result.Status);
        Assert.InRange(result.Values["conflicting_ratio"]!.Value, 0.4, 0.6);
    }

    [Theory]
    [InlineData(10, CheckStatus.Warn)] // 10 of 100 is not above 0.1
    [InlineData(11, CheckStatus.Pass)]
    public async Task ClassImbalance_RarestClass_IsHeldToTheLimit(int rare, CheckStatus expected)
    {
        var label = Texts("y", Make(100 + rare, i => i < rare ? "secret" : "common")).As(ColumnRole.Label);
        var result = await new ClassImbalanceCheck().RunAsync(label);
        Assert.Equal((expected, rare / 100.0), (result.Status, result.Values["imbalance_ratio"]!.Value));
        Assert.Equal("class 2", result.Tables[0].Rows[1][0]);
        Assert.DoesNotContain("secret", System.Text.Encoding.UTF8.GetString(new ValidationSuiteReport("s", [result]).ToJson()), StringComparison.Ordinal);
        Assert.Equal("secret", (await new ClassImbalanceCheck { ShowsValues = true }.RunAsync(label)).Tables[0].Rows[1][0]);
        Assert.Equal(CheckStatus.Warn, (await new ClassImbalanceCheck { MinimumRatio = 0.2 }.RunAsync(label)).Status);
    }

    [Fact]
    public async Task ClassImbalance_LabelKind_DecidesAboutNumbers()
    {
        var label = Integers("y", Make(100, i => i < 5 ? 1L : 0L)).As(ColumnRole.Label);
        Assert.Equal(CheckStatus.Warn, (await new ClassImbalanceCheck().RunAsync(label)).Status);
        var told = await new ValidationSuite("s", new ClassImbalanceCheck()).RunAsync(new ValidationSubject(Dataset(label)) { LabelKind = LabelKind.Number }, Token);
        Assert.Equal("The label is an amount, not a class.", told.Results[0].Summary);
        Assert.Equal(CheckStatus.NotApplicable, (await new ClassImbalanceCheck().RunAsync(Integers("y", Make(100, i => (long)i)).As(ColumnRole.Label))).Status);
        Assert.Equal("The label has one class only.", (await new ClassImbalanceCheck().RunAsync(Texts("y", "a", "a").As(ColumnRole.Label))).Summary);
        Assert.Equal("The label has more than 1,000 classes.", (await new ClassImbalanceCheck().RunAsync(Texts("y", Make(1001, i => $"{i}")).As(ColumnRole.Label))).Summary);
        Assert.Equal("No row has a label.", (await new ClassImbalanceCheck().RunAsync(Texts("y", null, null).As(ColumnRole.Label))).Summary);
    }

    [Fact]
    public async Task FeatureLabelCorrelation_Leak_IsFound()
    {
        var label = Texts("y", Make(400, i => Random(1, i) < 0.5 ? "a" : "b")).As(ColumnRole.Label);
        var noise = Numbers("noise", Make(400, i => Random(2, i)));
        var sound = await new FeatureLabelCorrelationCheck().RunAsync(noise, label);
        Assert.Equal(CheckStatus.Pass, sound.Status);
        var leak = Numbers("leak", Make(400, i => Random(1, i) < 0.5 ? 1 + Random(3, i) : 3 + Random(3, i)));
        var found = await new FeatureLabelCorrelationCheck().RunAsync(noise, leak, label);
        Assert.Equal((CheckStatus.Fail, "leak"), (found.Status, found.Conditions[0].Measured));
        Assert.InRange(found.Values["largest_predictive_power"]!.Value, 0.95, 1);
        Assert.Equal(["leak", "1"], found.Tables[0].Rows[0]);
        Assert.Equal(CheckStatus.Pass, (await new FeatureLabelCorrelationCheck { MaximumScore = 1.01 }.RunAsync(noise, leak, label)).Status);
        // The limit itself is too much.
        Assert.Equal(CheckStatus.Fail, (await new FeatureLabelCorrelationCheck { MaximumScore = 1 }.RunAsync(noise, leak, label)).Status);
    }

    [Fact]
    public async Task FeatureLabelCorrelation_Amounts_AreMeasuredToo()
    {
        var x = Numbers("x", Make(400, i => (double)i));
        Assert.Equal(CheckStatus.Fail, (await new FeatureLabelCorrelationCheck().RunAsync(x, Numbers("y", Make(400, i => (3.0 * i) + 0.5)).As(ColumnRole.Label))).Status);
        Assert.Equal(CheckStatus.Pass, (await new FeatureLabelCorrelationCheck().RunAsync(x, Numbers("y", Make(400, i => Random(5, i))).As(ColumnRole.Label))).Status);
    }

    [Fact]
    public async Task IdentifierLabelCorrelation_OrderedByLabel_IsFound()
    {
        var id = Integers("id", Make(400, i => (long)i)).As(ColumnRole.Key);
        var name = Texts("name", Make(400, i => $"n{i}")).As(ColumnRole.Key);
        var ordered = await new IdentifierLabelCorrelationCheck().RunAsync(id, name, Texts("y", Make(400, i => i < 200 ? "a" : "b")).As(ColumnRole.Label));
        Assert.Equal((CheckStatus.Fail, "id"), (ordered.Status, ordered.Conditions[0].Measured));
        Assert.Equal(CheckStatus.Pass, (await new IdentifierLabelCorrelationCheck { MaximumScore = 1 }.RunAsync(id, Texts("y", Make(400, i => i < 200 ? "a" : "b")).As(ColumnRole.Label))).Status);
    }

    [Fact]
    public async Task IdentifierLabelCorrelation_NoRelation_IsFoundByChanceOnly()
    {
        var (found, foundWithoutShuffles) = (0, 0);
        for (var seed = 0; seed < 40; seed++)
        {
            var time = Integers("t", Make(200, i => (long)i)).As(ColumnRole.Time);
            var label = Texts("y", Make(200, i => Random(100 + seed, i) < 0.5 ? "a" : "b")).As(ColumnRole.Label);
            if ((await new IdentifierLabelCorrelationCheck().RunAsync(time, label)).Status == CheckStatus.Fail) found++;
            if ((await new IdentifierLabelCorrelationCheck { Shuffles = 0 }.RunAsync(time, label)).Status == CheckStatus.Fail) foundWithoutShuffles++;
        }

        // Expected: 40 / 51. Without telling chance from more, every score above 0 counts.
        Assert.InRange(found, 0, 4);
        Assert.InRange(foundWithoutShuffles, 10, 40);
    }

    [Fact]
    public async Task FeatureFeatureCorrelation_SameThingTwice_IsFound()
    {
        var a = Numbers("a", Make(200, i => Random(1, i)));
        var b = Numbers("b", Make(200, i => Random(2, i)));
        string?[] colours = Make(200, i => Random(3, i) < 0.3 ? "red" : Random(3, i) < 0.6 ? "blue" : "green");
        var c = Texts("c", colours);
        Assert.Equal(CheckStatus.Pass, (await new FeatureFeatureCorrelationCheck().RunAsync(a, b, c)).Status);
        // Falling with a, but not on a line; another name for each colour; a number for each colour.
        var falling = Numbers("falling", Make(200, i => Math.Exp(-9 * Random(1, i))));
        var names = Texts("names", Make(200, i => $"name of {colours[i]}"));
        var numbers = Numbers("numbers", Make(200, i => colours[i]!.Length + (0.01 * Random(4, i))));
        var found = await new FeatureFeatureCorrelationCheck().RunAsync(a, b, c, falling, names, numbers);
        Assert.Equal((CheckStatus.Fail, 4), (found.Status, found.Values["pairs_above_limit"]));
        Assert.Equal(["a and falling", "c and names", "c and numbers", "names and numbers"], found.Conditions[0].Measured.Split(", ").Order(StringComparer.Ordinal));
        Assert.Equal(CheckStatus.Pass, (await new FeatureFeatureCorrelationCheck { MaximumPairs = 4 }.RunAsync(a, b, c, falling, names, numbers)).Status);
        Assert.Equal(CheckStatus.Pass, (await new FeatureFeatureCorrelationCheck { MaximumCorrelation = 1 }.RunAsync(a, falling)).Status);
        Assert.Equal(CheckStatus.Pass, (await new FeatureFeatureCorrelationCheck { MaximumColumns = 3 }.RunAsync(a, b, c, falling)).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new FeatureFeatureCorrelationCheck { MaximumCategories = 2 }.RunAsync(c, names)).Status);
    }

    [Fact]
    public async Task FeatureFeatureCorrelation_NothingToCompare_IsNotApplicable()
    {
        Assert.Equal(CheckStatus.NotApplicable, (await new FeatureFeatureCorrelationCheck().RunAsync(Numbers("a", 1, 2), Numbers("b", 1, 2).As(ColumnRole.Label))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new FeatureFeatureCorrelationCheck().RunAsync(Numbers("a", 1), Numbers("b", 1))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new FeatureFeatureCorrelationCheck().RunAsync(Numbers("a", double.NaN, double.NaN), Texts("b", null, null))).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await new FeatureFeatureCorrelationCheck().RunAsync(Numbers("a"), Numbers("b"))).Status);
    }

    [Fact]
    public async Task LabelChecks_NoUsableLabel_SayWhy()
    {
        foreach (var check in s_checks)
        {
            var id = Integers("id", 1, 2).As(ColumnRole.Key);
            Assert.Equal("No column has the role Label.", (await check.RunAsync(id, Numbers("x", 1, 2))).Summary);
            Assert.Equal("Several columns have the role Label.", (await check.RunAsync(id, Numbers("x", 1, 2), Texts("y", "a", "b").As(ColumnRole.Label), Texts("z", "a", "b").As(ColumnRole.Label))).Summary);
            Assert.Equal("The label holds vectors.", (await check.RunAsync(id, Numbers("x", 1, 2), (new ColumnSchema("v", ElementType.Float32, ColumnRole.Label) { Width = 2 }, new Column<float>([1, 2, 3, 4], null, 2)))).Summary);
            Assert.Equal(CheckStatus.NotApplicable, (await check.RunAsync(id, Numbers("x", 1, 2), Texts("y", null, null).As(ColumnRole.Label))).Status);
            Assert.Equal("The dataset has no rows.", (await check.RunAsync(Integers("id").As(ColumnRole.Key), Numbers("x"), Texts("y").As(ColumnRole.Label))).Summary);
            var one = await check.RunAsync(Integers("id", 1).As(ColumnRole.Key), Numbers("x", 1), Texts("y", "a").As(ColumnRole.Label));
            Assert.InRange(one.Status, CheckStatus.NotApplicable, CheckStatus.Pass);
        }
    }
}
