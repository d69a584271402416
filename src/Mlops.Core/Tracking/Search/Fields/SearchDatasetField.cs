namespace Mlops.Tracking;

/// <summary>A field of the datasets that runs used: <c>RunSearch.DatasetName.Is("ridership")</c>. A run is found when one of its datasets fulfils the condition.</summary>
public sealed class SearchDatasetField
{
    private readonly SearchField _field;

    internal SearchDatasetField(string key) => _field = new SearchField(SearchEntity.Dataset, key);

    /// <summary>Requires a text; case matters.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The filter.</returns>
    public SearchFilter Is(string value) => Compare(SearchOperator.Equal, SearchValue.Of(value));

    /// <summary>Requires another text.</summary>
    /// <param name="value">The text.</param>
    /// <returns>The filter.</returns>
    public SearchFilter IsNot(string value) => Compare(SearchOperator.NotEqual, SearchValue.Of(value));

    /// <summary>Requires a text of a form; case matters.</summary>
    /// <param name="pattern">The form: <c>%</c> stands for any characters, <c>_</c> for one.</param>
    /// <returns>The filter.</returns>
    public SearchFilter Like(string pattern) => Compare(SearchOperator.Like, SearchValue.Of(pattern));

    /// <summary>Requires a text of a form; the case of the letters A to Z does not matter.</summary>
    /// <param name="pattern">The form: <c>%</c> stands for any characters, <c>_</c> for one.</param>
    /// <returns>The filter.</returns>
    public SearchFilter ILike(string pattern) => Compare(SearchOperator.ILike, SearchValue.Of(pattern));

    /// <summary>Requires one of some texts.</summary>
    /// <param name="values">The texts, at least one.</param>
    /// <returns>The filter.</returns>
    public SearchFilter In(params IReadOnlyList<string> values) => Compare(SearchOperator.In, SearchValue.Of(values));

    /// <summary>Requires none of some texts.</summary>
    /// <param name="values">The texts, at least one.</param>
    /// <returns>The filter.</returns>
    public SearchFilter NotIn(params IReadOnlyList<string> values) => Compare(SearchOperator.NotIn, SearchValue.Of(values));

    /// <summary>Writes the field as filters have it.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => _field.ToString();

    private SearchFilter Compare(SearchOperator @operator, SearchValue value) => new([new SearchCondition(_field, @operator, value)]);
}
