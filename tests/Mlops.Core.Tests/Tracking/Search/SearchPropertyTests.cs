using FsCheck;
using FsCheck.Fluent;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Tracking;

public sealed class SearchPropertyTests
{
    private static readonly string[] s_parts =
    [
        "metrics", "params", "tags", "dataset", "attributes", ".", "a", "`", "'", "\"", "=", "!=", "<", ">", "AND", "OR", "IN", "NOT", "LIKE", "(", ")", ",", "1", "-", "e", " ", "\n",
        ";", "--", "\\", "%", "\0", "\ud83d", "ü", "run_id", "status", "start_time", "0.5", "'x'", "DESC", "𝒳",
    ];

    [Fact]
    public void Filter_AnyFilter_RoundTripsThroughItsText()
        => Prop.ForAll(
            Filters().ToArbitrary(),
            filter => RunSearch.Filter(filter.ToString()).Equals(filter) && RunSearch.Filter(filter.ToString()).GetHashCode() == filter.GetHashCode())
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Filter_AnyText_IsReadOrThrowsSearchSyntaxException()
        => Prop.ForAll(
            Gen.Elements(s_parts).ListOf().Select(parts => string.Concat(parts)).ToArbitrary(),
            text => IsReadOrRefused(RunSearch.Filter, text) && IsReadOrRefused(value => RunSearch.Order(value), text) && IsReadOrRefused(ModelVersionSearch.Filter, text))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Filter_AnyCharacters_AreReadOrThrowSearchSyntaxException()
        => Prop.ForAll<string?>(text => IsReadOrRefused(RunSearch.Filter, "params.a = '" + text) && IsReadOrRefused(RunSearch.Filter, text ?? ""))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    // Whatever a value holds, it stays the value of its own condition.
    [Theory]
    [InlineData("x'; DROP TABLE runs; --")]
    [InlineData("x' OR '1'='1")]
    [InlineData("' UNION SELECT value FROM params --")]
    [InlineData("x AND params.b = y")]
    [InlineData("%' ESCAPE '")]
    [InlineData("@id")]
    [InlineData("{0}")]
    public void Filter_Injection_IsAValueOrASyntaxError(string attack)
    {
        var quoted = RunSearch.Filter($"params.a = \"{attack}\"");
        Assert.Equal(attack, Assert.Single(quoted.Conditions).Value.Text);
        if (attack.Contains('\'', StringComparison.Ordinal)) Assert.Throws<SearchSyntaxException>(() => RunSearch.Filter($"params.a = '{attack}'"));
        Assert.Equal(attack, Assert.Single(RunSearch.Filter($"metrics.`{attack}` > 1").Conditions).Field.Key);
        Assert.Throws<SearchSyntaxException>(() => RunSearch.Filter($"metrics.{attack} > 1"));
        Assert.Throws<SearchSyntaxException>(() => RunSearch.Order($"metrics.a {attack}"));
    }

    private static bool IsReadOrRefused(Func<string, object> read, string text)
    {
        try
        {
            return read(text) is not null;
        }
        catch (SearchSyntaxException error)
        {
            return error.Position >= 0 && error.Position <= text.Length && error.Message.Length > 0;
        }
    }

    private static Gen<SearchFilter> Filters() => Conditions().ListOf().Select(conditions => conditions.Take(20).Aggregate(SearchFilter.All, (left, right) => left & right));

    private static Gen<SearchFilter> Conditions()
    {
        var keys = Texts().Select(text => "k" + text.Replace('"', 'q'));
        var lists = Texts().NonEmptyListOf().Select(list => (IReadOnlyList<string>)[.. list.Take(5)]);
        var numbers = ArbMap.Default.GeneratorFor<double>().Where(number => !double.IsNaN(number));
        return Gen.OneOf(
            from key in keys from value in numbers from choice in Gen.Choose(0, 5) select Compare(RunSearch.Metric(key), value, choice),
            from key in keys from value in Texts() from choice in Gen.Choose(0, 3) select Compare(RunSearch.Param(key), value, choice),
            from key in keys from value in Texts() from choice in Gen.Choose(0, 3) select Compare(RunSearch.Tag(key), value, choice),
            from list in lists from isNot in ArbMap.Default.GeneratorFor<bool>() select isNot ? RunSearch.Id.NotIn(list) : RunSearch.Id.In(list),
            from list in lists select RunSearch.DatasetName.In(list),
            from status in Gen.Elements(Enum.GetValues<RunStatus>()) select RunSearch.Status.Is(status),
            from ms in Gen.Choose(0, int.MaxValue) select RunSearch.StartTime >= DateTimeOffset.FromUnixTimeMilliseconds(ms * 1000L));
    }

    private static SearchFilter Compare(SearchNumberField field, double value, int choice) => choice switch
    {
        0 => field > value,
        1 => field >= value,
        2 => field < value,
        3 => field <= value,
        4 => field.Is(value),
        _ => field.IsNot(value),
    };

    private static SearchFilter Compare(SearchTextField field, string value, int choice) => choice switch
    {
        0 => field.Is(value),
        1 => field.IsNot(value),
        2 => field.Like(value),
        _ => field.ILike(value),
    };

    // No text can be written that holds both kinds of quotes.
    private static Gen<string> Texts() => Gen.Elements('a', 'B', '\'', '"', '`', ' ', '%', '_', '.', '=', '\\', ';', '(', '\n', 'ß', '字', '-', '1').ArrayOf()
        .Select(characters => new string(characters)).Select(text => text.Contains('\'', StringComparison.Ordinal) ? text.Replace('"', '\'') : text);
}
