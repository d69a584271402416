namespace Mlops.Tracking;

/// <summary>A number that searches compare and order by: <c>RunSearch.Metric("auc") &gt; 0.9</c>.</summary>
public sealed class SearchNumberField : SearchOrderField
{
    internal SearchNumberField(SearchEntity entity, string key)
        : base(entity, key)
    {
    }

    /// <summary>Requires a smaller number.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The number, not NaN.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator <(SearchNumberField field, double value) => Compare(field, SearchOperator.Less, value);

    /// <summary>Requires a larger number.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The number, not NaN.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator >(SearchNumberField field, double value) => Compare(field, SearchOperator.Greater, value);

    /// <summary>Requires a smaller number or the same.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The number, not NaN.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator <=(SearchNumberField field, double value) => Compare(field, SearchOperator.LessOrEqual, value);

    /// <summary>Requires a larger number or the same.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The number, not NaN.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator >=(SearchNumberField field, double value) => Compare(field, SearchOperator.GreaterOrEqual, value);

    /// <summary>Requires a number.</summary>
    /// <param name="value">The number, not NaN.</param>
    /// <returns>The filter.</returns>
    public SearchFilter Is(double value) => Compare(this, SearchOperator.Equal, value);

    /// <summary>Requires another number; what has none is not found.</summary>
    /// <param name="value">The number, not NaN.</param>
    /// <returns>The filter.</returns>
    public SearchFilter IsNot(double value) => Compare(this, SearchOperator.NotEqual, value);

    private static SearchFilter Compare(SearchNumberField field, SearchOperator @operator, double value)
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.Compare(@operator, SearchValue.Of(value));
    }
}
