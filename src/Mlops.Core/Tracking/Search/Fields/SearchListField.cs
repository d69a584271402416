namespace Mlops.Tracking;

/// <summary>A text that searches compare also with lists: <c>RunSearch.Id.In(first, second)</c>.</summary>
public sealed class SearchListField : SearchTextField
{
    internal SearchListField(SearchEntity entity, string key)
        : base(entity, key)
    {
    }

    /// <summary>Requires one of some texts.</summary>
    /// <param name="values">The texts, at least one.</param>
    /// <returns>The filter.</returns>
    public SearchFilter In(params IReadOnlyList<string> values) => Compare(SearchOperator.In, SearchValue.Of(values));

    /// <summary>Requires none of some texts; what has no text is not found.</summary>
    /// <param name="values">The texts, at least one.</param>
    /// <returns>The filter.</returns>
    public SearchFilter NotIn(params IReadOnlyList<string> values) => Compare(SearchOperator.NotIn, SearchValue.Of(values));
}
