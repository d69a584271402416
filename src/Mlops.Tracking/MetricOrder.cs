namespace Mlops.Tracking;

/// <summary>Orders the measurements of one metric: by step, then timestamp (to the millisecond), then value. The largest is the latest value of the metric.</summary>
/// <remarks>NaN counts as 0, as in MLflow, and comes after a 0 that is one. Measurements that compare equal are duplicates. Stateless, safe for concurrent use.</remarks>
public sealed class MetricOrder : IComparer<Metric>
{
    private MetricOrder()
    {
    }

    /// <summary>Gets the order.</summary>
    public static MetricOrder Instance { get; } = new();

    /// <summary>Compares two measurements of one metric.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    /// <returns>Below 0 when <paramref name="x"/> comes first, above 0 when <paramref name="y"/> does, 0 for duplicates.</returns>
    public int Compare(Metric x, Metric y)
    {
        var order = x.Step.CompareTo(y.Step);
        if (order == 0) order = x.Timestamp.ToUnixTimeMilliseconds().CompareTo(y.Timestamp.ToUnixTimeMilliseconds());
        if (order == 0) order = Number(x.Value).CompareTo(Number(y.Value));
        return order != 0 ? order : double.IsNaN(x.Value).CompareTo(double.IsNaN(y.Value));
    }

    // Adding 0 turns −0 into 0: stores do not tell them apart.
    private static double Number(double value) => double.IsNaN(value) ? 0 : value + 0.0;
}
