namespace Mlops.Tracking;

/// <summary>Puts what has names into one order, the same from every store.</summary>
internal static class NameOrder
{
    /// <summary>Gives the pairs by their names, in ordinal order; of one name the last.</summary>
    public static OrderedDictionary<string, T> SortByName<T>(this IEnumerable<KeyValuePair<string, T>> pairs)
    {
        var sorted = new OrderedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, value) in pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal)) sorted[name] = value;
        return sorted;
    }
}
