namespace Mlops.Tracking;

/// <summary>One comparison of a search.</summary>
/// <param name="Field">The field.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">With what: a number for numbers and times, a list for <see cref="SearchOperator.In"/> and <see cref="SearchOperator.NotIn"/>, else a text.</param>
public sealed record SearchCondition(SearchField Field, SearchOperator Operator, SearchValue Value)
{
    /// <summary>Writes the condition as filters have it.</summary>
    /// <returns>The text: <c>metrics.auc &gt; 0.9</c>.</returns>
    public override string ToString() => $"{Field} {Symbol} {Value}";

    /// <summary>Tells whether what a thing has under the field fulfils the condition.</summary>
    /// <param name="key">What it has. Nothing fulfils no condition, and NaN none on numbers.</param>
    /// <returns>Whether it does.</returns>
    public bool IsMetBy(SearchKey key)
    {
        if (Value.Number is not { } number) return key.Text is { } text && IsMetBy(text);
        // Every comparison with NaN is false but !=, which must not be true either.
        if (key.Number is not { } actual || double.IsNaN(actual)) return false;
        return Operator switch
        {
            SearchOperator.Equal => actual == number,
            SearchOperator.NotEqual => actual != number,
            SearchOperator.Less => actual < number,
            SearchOperator.LessOrEqual => actual <= number,
            SearchOperator.Greater => actual > number,
            SearchOperator.GreaterOrEqual => actual >= number,
            _ => false,
        };
    }

    /// <summary>Tells whether a text fulfils the condition.</summary>
    /// <param name="text">The text.</param>
    /// <returns>Whether it does.</returns>
    public bool IsMetBy(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return (Operator, Value.Text, Value.List) switch
        {
            (SearchOperator.Equal, { } value, _) => string.Equals(text, value, StringComparison.Ordinal),
            (SearchOperator.NotEqual, { } value, _) => !string.Equals(text, value, StringComparison.Ordinal),
            (SearchOperator.Like, { } pattern, _) => SearchTexts.IsLike(text, pattern, ignoreCase: false),
            (SearchOperator.ILike, { } pattern, _) => SearchTexts.IsLike(text, pattern, ignoreCase: true),
            (SearchOperator.In, _, { } list) => list.Contains(text, StringComparer.Ordinal),
            (SearchOperator.NotIn, _, { } list) => !list.Contains(text, StringComparer.Ordinal),
            _ => false,
        };
    }

    private string Symbol => Operator switch
    {
        SearchOperator.Equal => "=",
        SearchOperator.NotEqual => "!=",
        SearchOperator.Less => "<",
        SearchOperator.LessOrEqual => "<=",
        SearchOperator.Greater => ">",
        SearchOperator.GreaterOrEqual => ">=",
        SearchOperator.Like => "LIKE",
        SearchOperator.ILike => "ILIKE",
        SearchOperator.In => "IN",
        _ => "NOT IN",
    };
}
