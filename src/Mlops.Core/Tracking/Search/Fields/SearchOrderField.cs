namespace Mlops.Tracking;

/// <summary>A field that searches order by. Made by <see cref="RunSearch"/>, <see cref="ExperimentSearch"/>, <see cref="ModelSearch"/> and <see cref="ModelVersionSearch"/>.</summary>
public class SearchOrderField
{
    private protected SearchOrderField(SearchEntity entity, string key) => Field = new SearchField(entity, key);

    /// <summary>Gets the field.</summary>
    public SearchField Field { get; }

    /// <summary>Gets the order in which the smallest come first.</summary>
    public SearchOrder Ascending => new(Field);

    /// <summary>Gets the order in which the largest come first.</summary>
    public SearchOrder Descending => new(Field, IsDescending: true);

    /// <summary>Writes the field as filters have it.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Field.ToString();

    internal static SearchOrderField OfAttribute(string key) => new(SearchEntity.Attribute, key);

    private protected SearchFilter Compare(SearchOperator @operator, SearchValue value) => new([new SearchCondition(Field, @operator, value)]);
}
