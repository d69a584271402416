namespace Mlops.Tracking;

/// <summary>A number that searches compare and order by: <c>RunSearch.Metric("auc") &gt; 0.9</c>.</summary>
public sealed class SearchNumberField : SearchComparableField<double>
{
    internal SearchNumberField(SearchEntity entity, string key)
        : base(entity, key)
    {
    }

    private protected override SearchValue ToValue(double value) => SearchValue.Of(value);
}
