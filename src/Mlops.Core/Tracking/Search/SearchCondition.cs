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
