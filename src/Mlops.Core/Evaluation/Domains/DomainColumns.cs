namespace Mlops.Evaluation;

/// <summary>Columns of the rows of two datasets, as numbers of bins: what a <see cref="DomainClassifier"/> learns from.</summary>
/// <remarks>At most 64 bins a column: one for missing values, and 63 of about as many numbers each, or the 62 most frequent categories and one for the others. Memory: 1 byte a cell. Not thread-safe.</remarks>
public sealed class DomainColumns
{
    /// <summary>The number of bins: a set of them is 64 bits.</summary>
    internal const int MostBins = 64;

    private const int Cuts = MostBins - 2;
    private readonly List<(string Name, bool IsCategory, byte[] Bins)> _columns = [];
    private readonly List<string> _names = [];

    /// <summary>Gets the names of the columns that are kept, in the order in which they were added.</summary>
    public IReadOnlyList<string> Names => _names;

    internal IReadOnlyList<(string Name, bool IsCategory, byte[] Bins)> Columns => _columns;

    /// <summary>Adds a column of numbers. One that has the same bin for all rows is left out, since it tells nothing.</summary>
    /// <param name="name">The name.</param>
    /// <param name="values">The values of the rows of both datasets, shape (rows); NaN for missing ones.</param>
    public void AddNumbers(string name, ReadOnlySpan<double> values)
    {
        var sorted = new double[values.Length];
        var present = 0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) sorted[present++] = value;
        }

        Array.Sort(sorted, 0, present);
        var limits = GetLimits(sorted.AsSpan(0, present));
        var bins = new byte[values.Length];
        for (var row = 0; row < bins.Length; row++)
        {
            if (double.IsNaN(values[row])) continue;
            var place = Array.BinarySearch(limits, values[row]);
            bins[row] = (byte)(1 + (place >= 0 ? place + 1 : ~place));
        }

        Add(name, false, bins);
    }

    /// <summary>Adds a column of categories. One that has the same bin for all rows is left out, since it tells nothing.</summary>
    /// <param name="name">The name.</param>
    /// <param name="codes">The category of each row of both datasets, shape (rows), numbered from 0; -1 for missing ones.</param>
    public void AddCategories(string name, ReadOnlySpan<int> codes)
    {
        var counts = new List<int>();
        foreach (var code in codes)
        {
            while (counts.Count <= code) counts.Add(0);
            if (code >= 0) counts[code]++;
        }

        // Categories that occur once cannot be learnt.
        var frequent = counts.Index().Where(category => category.Item > 1).OrderByDescending(category => category.Item).ThenBy(category => category.Index).Take(Cuts)
            .Select((category, place) => (category.Index, Bin: (byte)(place + 1))).ToDictionary(category => category.Index, category => category.Bin);
        var bins = new byte[codes.Length];
        for (var row = 0; row < bins.Length; row++) bins[row] = codes[row] < 0 ? (byte)0 : frequent.GetValueOrDefault(codes[row], (byte)(MostBins - 1));
        Add(name, true, bins);
    }

    private void Add(string name, bool isCategory, byte[] bins)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_columns.Count > 0 && _columns[0].Bins.Length != bins.Length)
            throw new ArgumentException($"'{name}' has {bins.Length} rows, '{_names[0]}' has {_columns[0].Bins.Length}.", nameof(name));
        if (bins.Length == 0 || bins.AsSpan().IndexOfAnyExcept(bins[0]) < 0) return;
        _columns.Add((name, isCategory, bins));
        _names.Add(name);
    }

    /// <summary>Finds the smallest value of each bin but the first.</summary>
    private static double[] GetLimits(ReadOnlySpan<double> sorted)
    {
        var limits = new List<double>();
        for (var i = 1; i < sorted.Length && limits.Count <= Cuts; i++)
        {
            if (sorted[i] != sorted[i - 1]) limits.Add(sorted[i]);
        }

        if (limits.Count <= Cuts) return [.. limits];
        limits.Clear();
        for (var cut = 1; cut <= Cuts; cut++)
        {
            var limit = sorted[(int)((long)cut * sorted.Length / (Cuts + 1))];
            if (limit > (limits.Count == 0 ? sorted[0] : limits[^1])) limits.Add(limit);
        }

        return [.. limits];
    }
}
