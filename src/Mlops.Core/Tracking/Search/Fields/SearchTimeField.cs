namespace Mlops.Tracking;

/// <summary>A time that searches compare, to the millisecond, and order by: <c>RunSearch.StartTime &gt;= new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero)</c>.</summary>
public sealed class SearchTimeField : SearchOrderField
{
    internal SearchTimeField(string key)
        : base(SearchEntity.Attribute, key)
    {
    }

    /// <summary>Requires an earlier time.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The time.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator <(SearchTimeField field, DateTimeOffset value) => Compare(field, SearchOperator.Less, value);

    /// <summary>Requires a later time.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The time.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator >(SearchTimeField field, DateTimeOffset value) => Compare(field, SearchOperator.Greater, value);

    /// <summary>Requires an earlier time or the same.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The time.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator <=(SearchTimeField field, DateTimeOffset value) => Compare(field, SearchOperator.LessOrEqual, value);

    /// <summary>Requires a later time or the same.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">The time.</param>
    /// <returns>The filter.</returns>
    public static SearchFilter operator >=(SearchTimeField field, DateTimeOffset value) => Compare(field, SearchOperator.GreaterOrEqual, value);

    /// <summary>Requires a time.</summary>
    /// <param name="value">The time.</param>
    /// <returns>The filter.</returns>
    public SearchFilter Is(DateTimeOffset value) => Compare(this, SearchOperator.Equal, value);

    /// <summary>Requires another time; what has none is not found.</summary>
    /// <param name="value">The time.</param>
    /// <returns>The filter.</returns>
    public SearchFilter IsNot(DateTimeOffset value) => Compare(this, SearchOperator.NotEqual, value);

    private static SearchFilter Compare(SearchTimeField field, SearchOperator @operator, DateTimeOffset value)
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.Compare(@operator, SearchValue.Of((double)value.ToUnixTimeMilliseconds()));
    }
}
