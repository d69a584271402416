using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>Makes bars of categories.</summary>
internal static class CategoryBars
{
    private const int NameLength = 60;

    // As for k-anonymity: what fewer rows share may tell of one of them.
    private const int FewestNamed = 5;

    /// <summary>Makes bars of counts; <see langword="null"/> where there would be none but that of all others.</summary>
    /// <param name="names">The names of the categories.</param>
    /// <param name="reference">How often each occurs in the reference.</param>
    /// <param name="current">How often each occurs now.</param>
    /// <param name="role">What the column is for; categories of a sensitive one have no names.</param>
    /// <param name="ordered">Whether the categories are numbers or truth values, which are few, and stay in their order; otherwise the most frequent come first, and rare ones, which may be texts of single rows, are among all others.</param>
    /// <param name="referenceOthers">How many reference values are in no category.</param>
    /// <param name="currentOthers">How many current values are in no category.</param>
    public static ColumnDistributions? Create(string[] names, long[] reference, long[] current, ColumnRole role, bool ordered = false, long referenceOthers = 0, long currentOthers = 0)
    {
        int[] order = ordered ? [.. Enumerable.Range(0, names.Length)] : [.. Enumerable.Range(0, names.Length).Where(i => (double)reference[i] + current[i] >= FewestNamed)
            .OrderByDescending(i => (double)reference[i] + current[i]).ThenBy(i => names[i], StringComparer.Ordinal)];
        if (order.Length == 0) return null;
        var hasOthers = order.Length < names.Length || order.Length > ColumnDistributions.MaximumBars || referenceOthers > 0 || currentOthers > 0;
        int[] shown = [.. order.Take(hasOthers ? ColumnDistributions.MaximumBars - 1 : ColumnDistributions.MaximumBars)];
        List<string> labels = [.. shown.Select((category, i) => role == ColumnRole.Sensitive ? $"category {i + 1}" : Shorten(names[category]))];
        List<long> first = [.. shown.Select(i => reference[i])], second = [.. shown.Select(i => current[i])];
        if (hasOthers)
        {
            labels.Add("(all others)");
            first.Add(reference.Sum() + referenceOthers - first.Sum());
            second.Add(current.Sum() + currentOthers - second.Sum());
        }

        return new ColumnDistributions(GetShares([.. first]), GetShares([.. second])) { Categories = labels };
    }

    /// <summary>Gets the share of each count, rounded to what a picture can show; zeros without counts.</summary>
    public static double[] GetShares(long[] counts)
    {
        var total = counts.Sum(count => (double)count);
        return Array.ConvertAll(counts, count => total == 0 ? 0 : Math.Round(count / total, 6));
    }

    private static string Shorten(string text)
        => text.Length <= NameLength ? text : text[..(char.IsHighSurrogate(text[NameLength - 1]) ? NameLength - 1 : NameLength)];
}
