using System.Globalization;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Collects which group each row is of, by one column. Not safe for concurrent use.</summary>
/// <remarks>A text or a truth value is a group, and so is a number of few different ones; of more, those between two quantiles are. Rows without a value are a group of their own.</remarks>
internal sealed class GroupReader(ColumnSchema column)
{
    private const string Missing = "(missing)";
    private readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal);
    private readonly List<int> _texts = [];
    private readonly List<double> _numbers = [];

    public string Name => column.Name;

    public void Add(DataBatch rows)
    {
        var values = rows[column.Name];
        if (values is not TextColumn texts)
        {
            _numbers.AddRange(ColumnNumbers.ToDoubles(values));
            return;
        }

        for (var row = 0; row < texts.Length; row++)
        {
            if (texts.GetString(row) is not { } text) _texts.Add(-1);
            else if (_codes.TryGetValue(text, out var code)) _texts.Add(code);
            else _texts.Add(_codes[text] = _codes.Count);
        }
    }

    /// <summary>Gets the groups, ordered by their values, rows without one last.</summary>
    /// <param name="maximumGroups">The number of different numbers up to which each is a group, and of groups made of more.</param>
    public IReadOnlyList<(string Value, int[] Rows)> GetGroups(int maximumGroups) => column.Type == ElementType.String ? GroupTexts() : GroupNumbers(maximumGroups);

    private List<(string Value, int[] Rows)> GroupTexts()
    {
        var rows = RowsByKey(_texts, key => key);
        var groups = _codes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, rows[pair.Value])).ToList();
        if (rows.TryGetValue(-1, out var missing)) groups.Add((Missing, missing));
        return groups;
    }

    private List<(string Value, int[] Rows)> GroupNumbers(int maximumGroups)
    {
        var present = _numbers.Where(number => !double.IsNaN(number)).Order().ToArray();
        var different = present.Distinct().Take(maximumGroups + 1).ToArray();
        // The upper ends of the groups.
        var bounds = different.Length <= maximumGroups ? different
            : [.. Enumerable.Range(1, maximumGroups).Select(i => present[(int)((long)i * present.Length / maximumGroups) - 1]).Distinct()];
        var rows = RowsByKey(_numbers, number => double.IsNaN(number) ? -1 : Array.FindIndex(bounds, bound => number <= bound));
        var groups = new List<(string, int[])>();
        for (var i = 0; i < bounds.Length; i++)
        {
            var upper = bounds[i].ToString("0.######", CultureInfo.InvariantCulture);
            if (rows.TryGetValue(i, out var own)) groups.Add((different.Length <= maximumGroups ? upper : i == 0 ? $"≤ {upper}" : $"{bounds[i - 1].ToString("0.######", CultureInfo.InvariantCulture)}–{upper}", own));
        }

        if (rows.TryGetValue(-1, out var missing)) groups.Add((Missing, missing));
        return groups;
    }

    private static Dictionary<int, int[]> RowsByKey<T>(List<T> values, Func<T, int> keyOf)
        => Enumerable.Range(0, values.Count).GroupBy(row => keyOf(values[row])).ToDictionary(group => group.Key, group => group.ToArray());
}
