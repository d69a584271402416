using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Brings a column to numbers that a <see cref="ShallowTree"/> can split.</summary>
/// <remarks>
/// Numbers stay what they are; a missing one lies below all others. Texts and truth values are ordered by the mean target of their rows, so that a split tells categories with small
/// and with large targets apart; categories of few rows, and those not seen before, are one together.
/// </remarks>
internal sealed class FeatureCodes
{
    private const string Missing = "\0";
    private readonly Dictionary<string, double>? _codes;
    private readonly double _others;
    private readonly bool _hasOthers;

    private FeatureCodes(ColumnSchema column, Dictionary<string, double>? codes, double others, bool hasOthers)
    {
        Column = column;
        _codes = codes;
        _others = others;
        _hasOthers = hasOthers;
    }

    public ColumnSchema Column { get; }

    public bool IsOfCategories => _codes is not null;

    /// <summary>Gets the columns of a schema that trees can look at.</summary>
    public static ColumnSchema[] FeaturesOf(DataSchema schema) => [.. schema.Where(column => column is { Role: ColumnRole.Feature, Width: 1 })];

    /// <summary>Learns how to bring a column to numbers.</summary>
    /// <param name="schema">The column.</param>
    /// <param name="values">Its values.</param>
    /// <param name="target">What categories are ordered by, shape (rows).</param>
    /// <param name="rareRatio">The share of the rows below which categories are taken together.</param>
    public static FeatureCodes Fit(ColumnSchema schema, Column values, ReadOnlySpan<double> target, double rareRatio)
    {
        if (values.Type is not (ElementType.String or ElementType.Boolean)) return new FeatureCodes(schema, null, 0, false);
        var sums = new SortedDictionary<string, (double Sum, int Rows)>(StringComparer.Ordinal);
        for (var row = 0; row < values.Length; row++)
        {
            var category = Category(values, row);
            var (sum, rows) = sums.GetValueOrDefault(category);
            sums[category] = (sum + target[row], rows + 1);
        }

        var rare = sums.Where(pair => pair.Value.Rows < rareRatio * values.Length).ToArray();
        var codes = sums.Except(rare).ToDictionary(pair => pair.Key, pair => pair.Value.Sum / pair.Value.Rows, StringComparer.Ordinal);
        double all = 0;
        foreach (var value in target) all += value;
        var others = rare.Length == 0 ? all / Math.Max(1, values.Length) : rare.Sum(pair => pair.Value.Sum) / rare.Sum(pair => pair.Value.Rows);
        return new FeatureCodes(schema, codes, others, rare.Length > 0);
    }

    /// <summary>Brings values to numbers.</summary>
    public double[] Encode(Column values)
    {
        if (_codes is null)
        {
            var numbers = ColumnNumbers.ToDoubles(values);
            foreach (ref var number in numbers.AsSpan())
            {
                if (double.IsNaN(number)) number = double.NegativeInfinity;
            }

            return numbers;
        }

        var encoded = new double[values.Length];
        for (var row = 0; row < encoded.Length; row++) encoded[row] = _codes.TryGetValue(Category(values, row), out var code) ? code : _others;
        return encoded;
    }

    /// <summary>Counts the categories between two bounds; the rare ones are one.</summary>
    public int CountCategories(double lower, double upper)
        => (_codes?.Values.Count(code => code > lower && code <= upper) ?? 0) + (_hasOthers && _others > lower && _others <= upper ? 1 : 0);

    /// <summary>Names the categories between two bounds, in their order; the rare ones are one, and come last.</summary>
    public IReadOnlyList<string> NameCategories(double lower, double upper) =>
    [
        .. (_codes ?? []).Where(pair => pair.Value > lower && pair.Value <= upper).Select(pair => pair.Key).Order(StringComparer.Ordinal).Select(NameOf),
        .. _hasOthers && _others > lower && _others <= upper ? (string[])["other"] : [],
    ];

    private string NameOf(string category) => category == Missing ? "(missing)" : Column.Type == ElementType.Boolean ? category == "1" ? "true" : "false" : category;

    private static string Category(Column values, int row) => values switch
    {
        _ when values.IsNull(row) => Missing,
        TextColumn text => text.GetString(row)!,
        Column<bool> flags => flags.Values[row] ? "1" : "0",
        _ => throw new InvalidOperationException($"A column of {values.Type} holds no categories."),
    };
}
