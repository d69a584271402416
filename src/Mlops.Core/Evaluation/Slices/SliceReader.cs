using System.Globalization;
using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Collects the values of a column, batch by batch, and makes slices of them. Not safe for concurrent use.</summary>
internal sealed class SliceReader(ColumnSchema column, int maximumValues, int bins)
{
    private const int MaximumTexts = 100_000;
    private const int Rest = -2;
    private const string Others = "other";
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly List<int> _codes = [];
    private readonly List<double> _numbers = [];

    /// <summary>Reads the rows of a batch.</summary>
    public void Add(DataBatch rows)
    {
        var values = rows[column.Name];
        if (values is not TextColumn texts)
        {
            _numbers.AddRange(ColumnNumbers.ToDoubles(values));
            return;
        }

        for (var row = 0; row < texts.Length; row++) _codes.Add(texts.GetString(row) is { } text ? CodeOf(text) : SliceColumn.Missing);
    }

    /// <summary>Makes the slices: the most frequent values, in their order, and the others together.</summary>
    public SliceColumn Build() => column.Type switch
    {
        ElementType.String => Bound(column.Name, _codes, _texts, (a, b) => string.CompareOrdinal(a, b), maximumValues),
        ElementType.Boolean => new SliceColumn(column.Name, ["false", "true"], [.. _numbers.Select(number => double.IsNaN(number) ? SliceColumn.Missing : (int)number)]),
        _ => BuildNumbers(),
    };

    /// <summary>Makes a slice of every combination of the values of columns that occurs.</summary>
    public static SliceColumn Cross(IReadOnlyList<SliceColumn> columns, int maximumValues)
    {
        var (rows, merged) = (columns[0].RowCount, new HashSet<string>(StringComparer.Ordinal));
        var (known, codes, order) = (new Dictionary<string, int>(StringComparer.Ordinal), new List<int>(rows), new Dictionary<string, long>(StringComparer.Ordinal));
        var seen = new Dictionary<long, int>();
        for (var row = 0; row < rows; row++)
        {
            long key = 0;
            foreach (var column in columns) key = (key * (column.Values.Count + 1)) + column.Codes[row] + 1;
            if (!seen.TryGetValue(key, out var code))
            {
                var at = row;
                var name = string.Join(" × ", columns.Select(column => column.NameOf(column.Codes[at])));
                if (!known.TryGetValue(name, out code)) known[name] = code = known.Count;
                order[name] = key;
                if (columns.Any(column => column.MergedCodes.Contains(column.Codes[at]))) merged.Add(name);
                seen[key] = code;
            }

            codes.Add(code);
        }

        return Bound(string.Join(" × ", columns.Select(column => column.Name)), codes, known, (a, b) => order[a].CompareTo(order[b]), maximumValues, merged);
    }

    private int CodeOf(string text)
    {
        if (_texts.TryGetValue(text, out var code)) return code;
        return _texts.Count < MaximumTexts ? _texts[text] = _texts.Count : Rest;
    }

    private static SliceColumn Bound(string name, List<int> codes, Dictionary<string, int> values, Comparison<string> order, int maximumValues, HashSet<string>? merged = null)
    {
        var counts = new int[values.Count];
        foreach (var code in codes)
        {
            if (code >= 0) counts[code]++;
        }

        var isAll = values.Count <= maximumValues && !codes.Contains(Rest);
        List<string> kept = [.. values.OrderByDescending(pair => counts[pair.Value]).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(isAll ? values.Count : maximumValues - 1).Select(pair => pair.Key)];
        kept.Sort(order);
        var positions = new int[values.Count];
        Array.Fill(positions, kept.Count);
        for (var i = 0; i < kept.Count; i++) positions[values[kept[i]]] = i;
        int[] own = [.. codes.Select(code => code == SliceColumn.Missing ? SliceColumn.Missing : code == Rest ? kept.Count : positions[code])];
        List<int> several = [.. Enumerable.Range(0, kept.Count).Where(code => merged?.Contains(kept[code]) == true)];
        if (!isAll) several.Add(kept.Count);
        var others = Others;
        while (kept.Contains(others)) others = $"({others})";
        return new SliceColumn(name, isAll ? kept : [.. kept, others], own) { MergedCodes = several };
    }

    private SliceColumn BuildNumbers()
    {
        double[] present = [.. _numbers.Where(number => !double.IsNaN(number)).Order()];
        double[] different = [.. present.Distinct().Take(maximumValues + 1)];
        if (different.Length <= maximumValues && (different.Length <= 2 || different.All(double.IsInteger)))
            return Code(different, Write(different), (value, bounds) => Array.BinarySearch(bounds, value));

        // The lower ends of the bins; those of equal numbers fall together, and a number that fills bins is one of its own: the many zeros of a rain gauge.
        double[] ends = [.. Enumerable.Range(0, bins).Select(i => present[(int)((long)i * present.Length / bins)])];
        HashSet<double> frequent = [.. ends.GroupBy(end => end).Where(group => group.Count() > 1).Select(group => group.Key)];
        double[] after = [.. frequent.Select(number => Array.FindLastIndex(present, own => own == number) + 1).Where(at => at < present.Length).Select(at => present[at])];
        double[] lower = [.. ends.Concat(after).Distinct().Order()];
        var texts = Write(lower);
        string[] names = [.. Enumerable.Range(0, lower.Length).Select(NameOf)];
        return Code(lower, names, (value, bounds) => Math.Max(0, Array.FindLastIndex(bounds, bound => bound <= value)));

        string NameOf(int i)
        {
            if (frequent.Contains(lower[i])) return texts[i];
            if (i == 0 && texts.Length > 1) return $"< {texts[1]}";
            return i + 1 < texts.Length ? $"[{texts[i]}, {texts[i + 1]})" : $"≥ {texts[i]}";
        }
    }

    private SliceColumn Code(double[] bounds, string[] names, Func<double, double[], int> find)
        => new(column.Name, names, [.. _numbers.Select(number => double.IsNaN(number) ? SliceColumn.Missing : find(number, bounds))]);

    /// <summary>Writes different numbers as different texts: up to six decimals where these tell them apart, else as many digits as do.</summary>
    private string[] Write(double[] values)
    {
        string[] texts = [.. values.Select(value => TimeText.Write(column.Type, value) ?? value.ToString("0.######", CultureInfo.InvariantCulture))];
        for (var digits = 6; digits <= 17 && texts.Distinct(StringComparer.Ordinal).Count() < texts.Length; digits++)
            texts = [.. values.Select(value => value.ToString($"G{digits}", CultureInfo.InvariantCulture))];
        return texts;
    }
}
