namespace Mlops.Tracking;

/// <summary>A time that searches compare, to the millisecond, and order by: <c>RunSearch.StartTime &gt;= new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero)</c>.</summary>
public sealed class SearchTimeField : SearchComparableField<DateTimeOffset>
{
    internal SearchTimeField(string key)
        : base(SearchEntity.Attribute, key)
    {
    }

    private protected override SearchValue ToValue(DateTimeOffset value) => SearchValue.Of((double)value.ToUnixTimeMilliseconds());
}
