namespace Mlops.Tracking;

/// <summary>A field that has an order, so that searches compare it by size: a number or a time.</summary>
/// <typeparam name="T">What it is compared with.</typeparam>
public abstract class SearchComparableField<T> : SearchOrderField
{
    private protected SearchComparableField(SearchEntity entity, string key)
        : base(entity, key)
    {
    }

    /// <summary>Requires less: a smaller number, an earlier time.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">What it is compared with.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The value is NaN, with which nothing compares.</exception>
    public static SearchFilter operator <(SearchComparableField<T> field, T value) => Compare(field, SearchOperator.Less, value);

    /// <summary>Requires more: a larger number, a later time.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">What it is compared with.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The value is NaN, with which nothing compares.</exception>
    public static SearchFilter operator >(SearchComparableField<T> field, T value) => Compare(field, SearchOperator.Greater, value);

    /// <summary>Requires less or the same.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">What it is compared with.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The value is NaN, with which nothing compares.</exception>
    public static SearchFilter operator <=(SearchComparableField<T> field, T value) => Compare(field, SearchOperator.LessOrEqual, value);

    /// <summary>Requires more or the same.</summary>
    /// <param name="field">The field.</param>
    /// <param name="value">What it is compared with.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The value is NaN, with which nothing compares.</exception>
    public static SearchFilter operator >=(SearchComparableField<T> field, T value) => Compare(field, SearchOperator.GreaterOrEqual, value);

    /// <summary>Requires a value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The value is NaN, with which nothing compares.</exception>
    public SearchFilter Is(T value) => Compare(this, SearchOperator.Equal, value);

    /// <summary>Requires another value; what has none is not found.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="ArgumentException">The value is NaN, with which nothing compares.</exception>
    public SearchFilter IsNot(T value) => Compare(this, SearchOperator.NotEqual, value);

    private protected abstract SearchValue ToValue(T value);

    private static SearchFilter Compare(SearchComparableField<T> field, SearchOperator @operator, T value)
    {
        ArgumentNullException.ThrowIfNull(field);
        return field.Compare(@operator, field.ToValue(value));
    }
}
