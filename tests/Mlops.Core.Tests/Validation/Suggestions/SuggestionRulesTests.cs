using Mlops.Data;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.Suggestions.SuggestionData;

namespace Mlops.Core.Tests.Validation.Suggestions;

/// <summary>What is suggested of data whose rules are known.</summary>
public sealed class SuggestionRulesTests
{
    private const int Rows = 2000;

    [Theory]
    [InlineData("uuid", "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$")]
    [InlineData("code", "^[0-9]{4}-[A-Z]{3}$")]
    [InlineData("plate", "^([A-Z]{2}[0-9]{4}|[A-Z]{3}[0-9]{3})$")]
    [InlineData("order", "^[A-Z]{3}/[0-9]+$")]
    [InlineData("mail", @"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
    [InlineData("day", "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
    [InlineData("digits", "^[0-9]+$")]
    [InlineData("decimal", @"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$")]
    [InlineData("zip", "^[0-9]{5}$")]
    [InlineData("comment", null)]
    public async Task SuggestAsync_TextsOfAForm_GetItsPattern(string form, string? pattern)
    {
        var data = Of(("x", Texts(Rows, row => Write(form, row))));

        var suggestions = await SuggestAsync(data, all: true);

        Assert.Equal(pattern, suggestions.Select(suggestion => suggestion.Constraint).OfType<PatternConstraint>().SingleOrDefault()?.Pattern);
        Assert.All(suggestions, suggestion => Assert.True(suggestion.Held, suggestion.ToString()));
    }

    [Fact]
    public async Task SuggestAsync_OneTextOfAnotherForm_DoesNotHoldOrIsNotSuggested()
    {
        var held = 0;
        for (ulong seed = 0; seed < 10; seed++)
        {
            var suggestions = await SuggestAsync(Of(("x", Texts(Rows, row => row == 1234 ? "?" : Write("code", row)))), seed, all: true);
            held += suggestions.Count(suggestion => suggestion is { Held: true, Constraint: PatternConstraint });
        }

        Assert.Equal(0, held);
    }

    [Fact]
    public async Task SuggestAsync_RareValues_GiveASetWithAMinimumShare()
    {
        // Seven usual values, and fifty that are there once.
        var data = Of(("x", Texts(Rows, row => row % 40 == 0 ? $"rare{row}" : $"usual{row % 7}")), ("y", Texts(Rows, row => row % 400 == 0 ? $"rare{row}" : $"usual{row % 7}")));

        var suggestions = await SuggestAsync(data, all: true);

        Assert.DoesNotContain(suggestions, suggestion => suggestion is { Column: "x", Constraint: SetConstraint });
        var set = suggestions.Single(suggestion => suggestion is { Column: "y", Constraint: SetConstraint });
        Assert.InRange(((SetConstraint)set.Constraint).MinimumRatio, 0.95, 0.999);
        Assert.True(set is { Held: true, ViolationCount: > 0 });
    }

    [Fact]
    public async Task SuggestAsync_Keys_AreUniqueAndNotMeasured()
    {
        var data = Of(("id", Integers(Rows, row => 1000 + row)), ("code", Texts(Rows, row => Write("uuid", row))), ("few", Integers(Rows, row => row % 1000)), ("most", Integers(Rows, row => row % 50 == 0 ? 5 : row * 7919L % 1_000_003)));

        var suggestions = await SuggestAsync(data, all: true);

        Assert.Equal(["CompletenessConstraint", "UniquenessConstraint", "MonotoneConstraint"], suggestions.Where(suggestion => suggestion.Column == "id").Select(suggestion => suggestion.Constraint.GetType().Name));
        Assert.Equal(new MonotoneConstraint(MonotoneOrder.StrictlyIncreasing), suggestions.Single(suggestion => suggestion is { Held: true, Constraint: MonotoneConstraint }).Constraint);
        Assert.Contains(suggestions, suggestion => suggestion is { Column: "code", Held: true, Constraint: UniquenessConstraint { MinimumRatio: 1 } });
        Assert.DoesNotContain(suggestions, suggestion => suggestion is { Column: "few", Constraint: UniquenessConstraint });
        Assert.Contains(suggestions, suggestion => suggestion is { Column: "most", Held: true, Constraint: UniquenessConstraint { MinimumRatio: > 0.8 and < 0.98 } });
    }

    [Fact]
    public async Task SuggestAsync_ValuesOnceInEitherHalf_AreNotUnique()
    {
        var halves = Halves(seed: 1);
        int[] next = [0, 0];
        var values = Enumerable.Range(0, Rows).Select(row => $"k{next[halves[row] ? 0 : 1]++}").ToArray();

        var suggestions = await SuggestAsync(Of(("x", TextColumn.FromStrings(values))), seed: 1, all: true);

        Assert.True(suggestions.Single(suggestion => suggestion.Constraint is UniquenessConstraint) is { Held: false, ViolationCount: > 900 });
    }

    [Fact]
    public async Task SuggestAsync_EitherHalfInOrderButNotBoth_IsNotOrdered()
    {
        var halves = Halves(seed: 1);
        var values = Numbers(Rows, row => halves[row] ? row : 1_000_000 + row);

        Assert.DoesNotContain(await SuggestAsync(Of(("x", values)), seed: 1, all: true), suggestion => suggestion.Constraint is MonotoneConstraint);
    }

    [Theory]
    [InlineData(MonotoneOrder.Increasing)]
    [InlineData(MonotoneOrder.StrictlyIncreasing)]
    [InlineData(MonotoneOrder.Decreasing)]
    [InlineData(MonotoneOrder.StrictlyDecreasing)]
    public async Task SuggestAsync_ValuesInOrder_GetThatOrder(MonotoneOrder order)
    {
        var isStrict = order is MonotoneOrder.StrictlyIncreasing or MonotoneOrder.StrictlyDecreasing;
        var sign = order is MonotoneOrder.Increasing or MonotoneOrder.StrictlyIncreasing ? 1 : -1;
        var data = Of(
            ("number", Numbers(Rows, row => row % 9 == 0 ? double.NaN : sign * (isStrict ? row : row / 5))),
            ("text", Texts(Rows, row => row % 9 == 0 ? null : $"{5000 + (sign * (isStrict ? row : row / 5)):0000}")),
            ("day", new Column<DateOnly>([.. Enumerable.Range(0, Rows).Select(row => new DateOnly(2000, 1, 1).AddDays(10_000 + (sign * (isStrict ? row : row / 5))))])));

        var suggestions = await SuggestAsync(data.Rebatch(33), all: true);

        Assert.Equal(["number", "text", "day"], suggestions.Where(suggestion => suggestion is { Held: true, Constraint: MonotoneConstraint monotone } && monotone.Order == order).Select(suggestion => suggestion.Column));
    }

    [Fact]
    public async Task SuggestAsync_OneRowOutOfOrder_DoesNotHoldOrIsNotSuggested()
    {
        for (ulong seed = 0; seed < 10; seed++)
        {
            var suggestions = await SuggestAsync(Of(("x", Numbers(Rows, row => row == 999 ? 0 : row))), seed, all: true);
            Assert.DoesNotContain(suggestions, suggestion => suggestion is { Held: true, Constraint: MonotoneConstraint });
        }
    }

    [Fact]
    public async Task SuggestAsync_ColumnsThatCompare_AreComparedOnlyWhereItSaysSomething()
    {
        var data = Of(
            ("net", Numbers(Rows, row => 100 * Chance(row))),
            ("gross", Numbers(Rows, row => 119 * Chance(row))),
            ("copy", Numbers(Rows, row => 100 * Chance(row))),
            ("large", Numbers(Rows, row => 1000 + Chance(row, 3))),
            ("paid", Numbers(Rows, row => 119 * Chance(row) * (row % 4 == 0 ? 1 : Chance(row, 5)))),
            ("other", Numbers(Rows, row => 100 * Chance(row, 7))));

        var suggestions = await SuggestAsync(data);

        Assert.Equal(
            [("net", ComparisonOperator.Equal, "copy"), ("gross", ComparisonOperator.GreaterOrEqual, "paid")],
            suggestions.Select(suggestion => (suggestion.Column, suggestion.Constraint as ComparisonConstraint)).Where(pair => pair.Item2 is { Operator: ComparisonOperator.Equal or ComparisonOperator.GreaterOrEqual })
                .Select(pair => (pair.Column!, pair.Item2!.Operator, pair.Item2.Other)));
        Assert.DoesNotContain(suggestions, suggestion => suggestion.Constraint is ComparisonConstraint comparison && (suggestion.Column is "large" or "other" || comparison.Other is "large" or "other"));
    }

    [Fact]
    public async Task SuggestAsync_HeavyTail_GetsAWideRangeAndNoFigures()
    {
        var (held, suggested) = (0, 0);
        for (ulong seed = 0; seed < 40; seed++)
        {
            // Pareto with an index of 1.5: the variance is infinite.
            var suggestions = await SuggestAsync(Of(("x", Numbers(Rows, row => Math.Pow(Chance(row, seed), -1 / 1.5)))), seed, all: true);
            Assert.DoesNotContain(suggestions, suggestion => suggestion.Constraint is AggregateConstraint);
            suggested += suggestions.Count(suggestion => suggestion.Constraint is RangeConstraint { Maximum: not null });
            held += suggestions.Count(suggestion => suggestion is { Held: true, Constraint: RangeConstraint { Maximum: not null } });
        }

        Assert.Equal(40, suggested);
        Assert.True(held >= 37, $"Only {held} of 40 held.");
    }

    [Fact]
    public async Task SuggestAsync_NumbersOfKnownLaws_BoundsHoldAsOftenAsTheySay()
    {
        var (held, suggested) = (0, 0);
        for (ulong seed = 0; seed < 100; seed++)
        {
            var data = Of(
                ("normal", Numbers(1000, row => Math.Sqrt(-2 * Math.Log(1 - Chance(row, seed))) * Math.Cos(2 * Math.PI * Chance(row, seed + 5000)))),
                ("exponential", Numbers(1000, row => -Math.Log(1 - Chance(row, seed + 10_000)))),
                ("uniform", Numbers(1000, row => Chance(row, seed + 20_000))),
                ("rare", Numbers(1000, row => Chance(row, seed + 30_000) < 0.1 ? 1 : 0)));
            var figures = (await SuggestAsync(data, seed, all: true)).Where(suggestion => suggestion.Constraint is AggregateConstraint or QuantileConstraint).ToArray();
            suggested += figures.Length;
            held += figures.Count(suggestion => suggestion.Held);
        }

        // 99.9 % are promised; of so many that is within chance of 99.5 %.
        Assert.True(suggested >= 1800);
        Assert.True(held >= 0.995 * suggested, $"{held} of {suggested} held.");
    }

    [Fact]
    public async Task ToString_Suggestion_SaysWhatWhyAndHowItDid()
    {
        var data = Of(("secret", Texts(Rows, row => $"classified{row % 3}")), ("x", Numbers(Rows, row => 1234.5 + Chance(row))));

        var suggestions = await SuggestAsync(data, all: true);

        Assert.All(suggestions, suggestion => Assert.DoesNotContain("classified", suggestion.ToString(), StringComparison.Ordinal));
        Assert.All(suggestions, suggestion => Assert.DoesNotContain("123", suggestion.Reason, StringComparison.Ordinal));
        var first = suggestions[0];
        Assert.Equal(
            FormattableString.Invariant($"secret: a value in every row – every row has a value ({first.SupportCount:N0}); held on {first.HeldOutRowCount:N0} other rows"),
            first.ToString());
        Assert.Contains("did not hold on 10 other rows, 2.5 % violate it", (first with { Held = false, HeldOutRowCount = 10, ViolationCount = 1, ViolationRatio = 0.025 }).ToString(), StringComparison.Ordinal);
    }

    private static bool[] Halves(ulong seed)
    {
        var halves = new RowHalves(seed);
        halves.Show(Of(("x", Numbers(Rows, row => row))).Batches[0]);
        return halves.IsFirst.ToArray();
    }

    private static string Write(string form, int row)
    {
        var bits = SplitMix64.At(11, (ulong)row);
        return form switch
        {
            "uuid" => $"{bits >> 32:x8}-{bits & 0xFFFF:x4}-4{(bits >> 16) & 0xFFF:x3}-8{row & 0xFFF:x3}-{bits >> 16:x12}",
            "code" => $"{bits % 10_000:0000}-{(char)('A' + (bits >> 8) % 26)}{(char)('A' + (bits >> 16) % 26)}{(char)('A' + (bits >> 24) % 26)}",
            "plate" => row % 3 == 0 ? $"AB{bits % 10_000:0000}" : $"ABC{bits % 1000:000}",
            "order" => $"ORD/{bits % 1_000_000}",
            "mail" => $"user{bits % 100_000}@{(row % 2 == 0 ? "example.org" : "mail.example.com")}",
            "day" => $"{new DateOnly(1990, 1, 1).AddDays((int)(bits % 12_000)):yyyy-MM-dd}",
            "digits" => $"{bits % 1_000_000}",
            "decimal" => FormattableString.Invariant($"{(bits % 100_000 / 100.0) - 300:0.##}"),
            "zip" => $"{bits % 100_000:00000}",
            _ => string.Join(' ', Enumerable.Range(0, 1 + (int)(bits % 9)).Select(word => new string((char)('a' + ((bits >> word) % 26)), 1 + (int)((bits >> (2 * word)) % 7)))),
        };
    }
}
