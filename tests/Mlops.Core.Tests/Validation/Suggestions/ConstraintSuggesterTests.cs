using System.Globalization;
using Mlops.Data;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.Suggestions.SuggestionData;

namespace Mlops.Core.Tests.Validation.Suggestions;

public sealed class ConstraintSuggesterTests
{
    private const ulong Seeds = 10;

    public static TheoryData<string> Files => ["tests/TestData/churn.csv", "tests/TestData/credit.csv", "samples/data/chicago.csv"];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task SuggestAsync_RealData_OfAllSuggestionsNinetyFivePercentHold(string file)
    {
        var data = await ReadAsync(file);
        var suggestions = new List<ConstraintSuggestion>();

        for (ulong seed = 0; seed < Seeds; seed++) suggestions.AddRange(await SuggestAsync(data, seed, all: true));

        foreach (var kind in suggestions.GroupBy(suggestion => suggestion.Constraint.GetType().Name).OrderBy(group => group.Key, StringComparer.Ordinal))
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Key}: {kind.Count(suggestion => suggestion.Held)} of {kind.Count()} held"));
        var share = (double)suggestions.Count(suggestion => suggestion.Held) / suggestions.Count;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {100 * share:0.00} % of {suggestions.Count} held on the other half"));
        Assert.True(share >= 0.95, string.Create(CultureInfo.InvariantCulture, $"Only {100 * share:0.00} % held."));
        // Each column has several on average: it is no feat to hold where little is claimed.
        Assert.True(suggestions.Count >= (int)Seeds * 4 * data.Schema.Count);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task SuggestAsync_AppliedToAnInferredSchema_HoldsForAllRows(string file)
    {
        var data = await ReadAsync(file);
        var inferred = await SchemaInference.InferAsync(data, cancellationToken: TestContext.Current.CancellationToken);

        var schema = (await SuggestAsync(data)).ApplyTo(inferred);

        Assert.True(schema.ConstraintCount > inferred.ConstraintCount);
        Assert.Empty((await new DataValidator(schema).ValidateAsync(data, TestContext.Current.CancellationToken)).Findings);
        Assert.Equal(schema.ToJson(), ValidationSchema.FromJson(schema.ToJson()).ToJson());
    }

    [Theory]
    [InlineData("total_day_minutes", 60.0)]
    [InlineData("total_day_minutes", -1.0)]
    [InlineData("total_intl_charge", 100.0)]
    public async Task SuggestAsync_ColumnInAnotherUnit_IsFoundByTheSuggestions(string column, double factor)
    {
        var data = await ReadAsync("tests/TestData/churn.csv");
        var schema = (await SuggestAsync(data)).ApplyTo(new ValidationSchema(data.Schema));
        var broken = data.Derive(column + "_broken", column, (double value) => value * factor).Select([.. data.Schema.Select(c => c.Name == column ? column + "_broken" : c.Name)]).Rename(column + "_broken", column);

        var report = await new DataValidator(schema).ValidateAsync(broken, TestContext.Current.CancellationToken);

        Assert.Equal(ValidationVerdict.Fail, report.Verdict);
        Assert.All(report.Findings, finding => Assert.Equal(column, finding.Column));
    }

    [Fact]
    public async Task SuggestAsync_OtherSizesOfBatches_SuggestsTheSame()
    {
        var data = await ReadAsync("samples/data/chicago.csv");
        var expected = await SuggestAsync(data, all: true);

        foreach (var rows in new[] { 7, 64, 1000, 5698 })
            Assert.Equal(expected, await SuggestAsync(data.Rebatch(rows), all: true), (a, b) => a with { Constraint = b.Constraint } == b && ConstraintMerge.Same(a.Constraint, b.Constraint));
    }

    [Fact]
    public async Task SuggestAsync_AnotherSeed_UsesOtherHalves()
    {
        var data = await ReadAsync("tests/TestData/credit.csv");

        var (first, second) = (await SuggestAsync(data, 1), await SuggestAsync(data, 2));

        Assert.NotEqual(first[0].SupportCount, second[0].SupportCount);
        Assert.Equal(4454, first[0].SupportCount + first[0].HeldOutRowCount);
    }

    [Fact]
    public async Task SuggestAsync_NoRows_SuggestsNothing() => Assert.Empty(await SuggestAsync(Of(("x", new Column<double>([])), ("t", TextColumn.FromStrings())), all: true));

    [Fact]
    public async Task SuggestAsync_OneRow_SuggestsNothing() => Assert.Empty(await SuggestAsync(Of(("x", new Column<double>([1])), ("t", TextColumn.FromStrings("a"))), all: true));

    [Fact]
    public async Task SuggestAsync_FewRows_SuggestsFewerThanOfMany()
    {
        var data = await ReadAsync("tests/TestData/churn.csv");

        var counts = new List<int>();
        foreach (var rows in new[] { 60, 200, 1000, 5000 }) counts.Add((await SuggestAsync(data.Take(rows), all: true)).Count);

        Assert.Equal(0, counts[0]);
        Assert.True(counts[1] > 0);
        Assert.Equal(counts.Order(), counts);
    }

    [Fact]
    public async Task SuggestAsync_NoValues_SuggestsNothingForTheColumn()
    {
        var suggestions = await SuggestAsync(Of(("x", Numbers(500, _ => double.NaN)), ("n", new Column<long>(new long[500], new ulong[8])), ("t", Texts(500, _ => null))), all: true);

        Assert.Null(Assert.Single(suggestions).Column);
    }

    [Fact]
    public async Task SuggestAsync_Constants_GetNoRangeAndNoFigures()
    {
        var suggestions = await SuggestAsync(Of(("x", Numbers(500, _ => 3.5)), ("n", Integers(500, _ => 7)), ("t", Texts(500, _ => "on"))), all: true);

        Assert.Equal(["CompletenessConstraint", "FiniteConstraint"], KindsOf(suggestions, "x"));
        Assert.Equal(["CompletenessConstraint", "SetConstraint"], KindsOf(suggestions, "n"));
        Assert.Equal(["CompletenessConstraint", "SetConstraint"], KindsOf(suggestions, "t"));
        Assert.All(suggestions, suggestion => Assert.True(suggestion.Held));
    }

    [Fact]
    public async Task SuggestAsync_Vectors_AreCompleteAndFinite()
    {
        var good = new Column<float>([.. Enumerable.Range(0, 1500).Select(i => (float)i)], width: 3);
        var bad = new Column<float>([.. Enumerable.Range(0, 1500).Select(i => i == 700 ? float.NaN : i)], width: 3);

        var suggestions = await SuggestAsync(Of(("good", good), ("bad", bad)), all: true);

        Assert.Equal(["CompletenessConstraint", "FiniteConstraint"], KindsOf(suggestions.Where(suggestion => suggestion.Held), "good"));
        Assert.Equal(["CompletenessConstraint"], KindsOf(suggestions.Where(suggestion => suggestion.Held), "bad"));
    }

    [Fact]
    public async Task SuggestAsync_NaNAndInfinities_GiveNoRangeOnThatSide()
    {
        var suggestions = await SuggestAsync(Of(("x", Numbers(1000, row => row % 10 == 0 ? double.NaN : row % 10 == 1 ? double.PositiveInfinity : Chance(row)))), all: true);

        Assert.Equal(["CompletenessConstraint", "RangeConstraint"], KindsOf(suggestions, "x"));
        Assert.Equal(new RangeConstraint(0, null), suggestions.Single(suggestion => suggestion.Constraint is RangeConstraint).Constraint);
        Assert.InRange(((CompletenessConstraint)suggestions[0].Constraint).MinimumRatio, 0.7, 0.9);
        Assert.All(suggestions, suggestion => Assert.True(suggestion.Held));
        Assert.InRange(suggestions[0].ViolationRatio, 0.05, 0.15);
    }

    [Fact]
    public async Task SuggestAsync_ThousandColumns_ComparesOnlySomePairs()
    {
        var data = Of([.. Enumerable.Range(0, 1000).Select(column => ($"x{column}", (Column)Numbers(300, row => (column % 2) + Chance(row, (ulong)(column / 2)))))]);

        var suggestions = await ConstraintSuggester.SuggestAsync(data, new ConstraintSuggestionOptions { MaxComparedPairs = 999 }, TestContext.Current.CancellationToken);

        Assert.True(suggestions.Count(suggestion => suggestion.Constraint is RangeConstraint) > 1500);
        Assert.DoesNotContain(suggestions, suggestion => suggestion.Constraint is ComparisonConstraint comparison && Math.Abs(NumberOf(suggestion.Column!) - NumberOf(comparison.Other)) > 1);

        static int NumberOf(string column) => int.Parse(column.AsSpan(1), CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task SuggestAsync_Options_AreChecked()
    {
        var data = Of(("x", Numbers(1, _ => 1)));

        foreach (var options in new ConstraintSuggestionOptions[] { new() { MinimumRows = 9 }, new() { MaxSetSize = -1 }, new() { MaxComparedPairs = -1 }, new() { RangeMarginRatio = double.NaN } })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ConstraintSuggester.SuggestAsync(data, options, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task SuggestAsync_Cancelled_Throws()
    {
        var data = await ReadAsync("tests/TestData/churn.csv");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ConstraintSuggester.SuggestAsync(data, null, new CancellationToken(canceled: true)));
    }

    private static IEnumerable<string> KindsOf(IEnumerable<ConstraintSuggestion> suggestions, string column)
        => suggestions.Where(suggestion => suggestion.Column == column).Select(suggestion => suggestion.Constraint.GetType().Name);
}
