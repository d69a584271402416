using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The parts of one statement of a search: conditions as text of constants, and every value and key as a parameter. Not safe for concurrent use.</summary>
/// <param name="dialect">The dialect.</param>
internal sealed class SearchStatement(RelationalDialect dialect)
{
    private readonly List<(string Name, object? Value)> _parameters = [];

    public ReadOnlySpan<(string Name, object? Value)> Parameters => _parameters.ToArray();

    /// <summary>Adds a value.</summary>
    /// <returns>The parameter that stands for it.</returns>
    public string Add(object value)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"p{_parameters.Count}");
        _parameters.Add((name, value));
        return "@" + name;
    }

    /// <summary>Compares a text; what is NULL never matches.</summary>
    public string Text(string expression, SearchCondition condition) => condition.Operator switch
    {
        SearchOperator.Equal => $"{expression} = {Add(condition.Value.Text!)}",
        SearchOperator.NotEqual => $"{expression} <> {Add(condition.Value.Text!)}",
        SearchOperator.Like => dialect.Like(expression, Add(dialect.LikePattern(condition.Value.Text!))),
        SearchOperator.ILike => dialect.Like($"lower({expression})", Add(dialect.LikePattern(ToLower(condition.Value.Text!)))),
        SearchOperator.In => $"{expression} IN ({List(condition)})",
        SearchOperator.NotIn => $"{expression} NOT IN ({List(condition)})",
        _ => throw new InvalidOperationException($"Texts are not compared by {condition.Operator}."),
    };

    /// <summary>Compares a number; what is NULL never matches.</summary>
    public string Number(string expression, SearchCondition condition) => $"{expression} {Symbol(condition.Operator)} {Add(condition.Value.Number!.Value)}";

    /// <summary>Compares a whole number with one that may not be whole, so that the comparison is one of whole numbers and an index serves it.</summary>
    public string Whole(string expression, SearchCondition condition)
    {
        var number = condition.Value.Number!.Value;
        var rounded = condition.Operator is SearchOperator.GreaterOrEqual or SearchOperator.Less ? Math.Ceiling(number) : Math.Floor(number);
        if (condition.Operator is SearchOperator.Equal or SearchOperator.NotEqual && rounded != number)
            return condition.Operator == SearchOperator.Equal ? "1 = 0" : $"{expression} IS NOT NULL";
        // What is beyond 64 bits is compared as the number it is.
        return Math.Abs(rounded) < 9e18 ? $"{expression} {Symbol(condition.Operator)} {Add((long)rounded)}" : Number(expression, condition);
    }

    /// <summary>Makes the condition that a row comes after the last one of the page before.</summary>
    /// <param name="columns">The keys of the order.</param>
    /// <param name="after">The keys of that row.</param>
    public string After(IReadOnlyList<SearchColumn> columns, IReadOnlyList<SearchKey> after)
    {
        var condition = "1 = 0";
        for (var i = columns.Count - 1; i >= 0; i--)
        {
            var (column, key) = (columns[i], after[i]);
            var rank = SearchColumn.RankOf(key);
            if (column.Rank is null && rank > 0) throw Foreign();
            if (rank > 0)
            {
                condition = $"({column.Rank} > {rank} OR ({column.Rank} = {rank} AND {condition}))";
                continue;
            }

            var value = Add(column.ToParameter(key) ?? throw Foreign());
            var beyond = $"{column.Value} {(column.IsDescending ? "<" : ">")} {value} OR ({column.Value} = {value} AND {condition})";
            condition = column.Rank is null ? $"({beyond})" : $"({column.Rank} > 0 OR ({column.Rank} = 0 AND ({beyond})))";
        }

        return condition;
    }

    private static ArgumentException Foreign()
        => new("The page token was changed: its keys are not those of the order. Give the NextPageToken of the page before as it is, or leave it away to start anew.");

    private static string Symbol(SearchOperator @operator) => @operator switch
    {
        SearchOperator.Equal => "=",
        SearchOperator.NotEqual => "<>",
        SearchOperator.Less => "<",
        SearchOperator.LessOrEqual => "<=",
        SearchOperator.Greater => ">",
        SearchOperator.GreaterOrEqual => ">=",
        _ => throw new InvalidOperationException($"Numbers are not compared by {@operator}."),
    };

    private static string ToLower(string text) => string.Create(text.Length, text, static (lower, source) =>
    {
        // The letters A to Z only, as lower() of the databases does it here.
        for (var i = 0; i < source.Length; i++) lower[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
    });

    private string List(SearchCondition condition) => string.Join(", ", condition.Value.List!.Select(text => Add(text)));
}
