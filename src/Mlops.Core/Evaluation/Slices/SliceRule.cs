using System.Globalization;
using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Which rows a found slice holds, with a name that people can read and that says exactly that.</summary>
internal sealed class SliceRule
{
    private const int ShownCategories = 4;
    private readonly Condition[] _conditions;

    private SliceRule(Condition[] conditions) => _conditions = conditions;

    /// <summary>Gets the columns.</summary>
    public IReadOnlyList<string> Columns => [.. _conditions.Select(condition => condition.Codes.Column.Name)];

    /// <summary>Gets the name: <c>plan = yes and day_minutes ≥ 223.5</c>.</summary>
    public string Name => string.Join(" and ", _conditions.Select(condition => condition.Name));

    /// <summary>Makes a rule of a segment. Bounds are rounded as far as they still divide the rows as found.</summary>
    public static SliceRule Of(WeakSegment segment) => new([.. segment.Columns.Select(column => Condition.Of(column.Codes, column.Values, column.Lower, column.Upper, segment.Rows))]);

    /// <summary>Finds the rows that the rule holds for.</summary>
    public int[] RowsOf(DataBatch rows)
    {
        var kept = new bool[rows.RowCount];
        Array.Fill(kept, true);
        foreach (var condition in _conditions)
        {
            var values = condition.Codes.Encode(rows[condition.Codes.Column.Name]);
            for (var row = 0; row < kept.Length; row++) kept[row] &= condition.Holds(values[row]);
        }

        return [.. Enumerable.Range(0, kept.Length).Where(row => kept[row])];
    }

    /// <summary>The roundest number above one number and at most another, which separates the two.</summary>
    internal static double Between(double below, double above)
    {
        var middle = double.IsNegativeInfinity(below) ? above : below + ((above - below) / 2);
        for (var digits = 1; digits <= 15; digits++)
        {
            var rounded = double.Parse(middle.ToString($"G{digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (rounded > below && rounded <= above) return rounded;
        }

        return above;
    }

    /// <param name="Codes">How the column becomes numbers.</param>
    /// <param name="Lower">The bound; included of numbers, excluded of categories.</param>
    /// <param name="Upper">The bound; excluded of numbers, included of categories.</param>
    /// <param name="HasMissing">Whether rows without a number belong to it.</param>
    private sealed record Condition(FeatureCodes Codes, double Lower, double Upper, bool HasMissing)
    {
        public string Name => Codes.IsOfCategories ? NameCategories() : NameNumbers();

        public static Condition Of(FeatureCodes codes, double[] values, double lower, double upper, int[] rows)
        {
            if (codes.IsOfCategories) return new Condition(codes, lower, upper, false);
            return new Condition(codes, double.IsNegativeInfinity(lower) ? lower : Round(values, lower), double.IsPositiveInfinity(upper) ? upper : double.IsNegativeInfinity(upper) ? upper : Round(values, upper), rows.Any(row => double.IsNegativeInfinity(values[row])));
        }

        public bool Holds(double value) => Codes.IsOfCategories ? value > Lower && value <= Upper
            : double.IsNegativeInfinity(value) ? HasMissing
            : value >= Lower && (value < Upper || double.IsPositiveInfinity(Upper));

        private static double Round(double[] values, double bound)
        {
            double below = double.NegativeInfinity, above = double.PositiveInfinity;
            var hasAbove = false;
            foreach (var value in values)
            {
                if (value <= bound) below = Math.Max(below, value);
                else (above, hasAbove) = (Math.Min(above, value), true);
            }

            if (!hasAbove) return bound;
            // Only infinite values lie above: any finite bound tells them apart.
            if (double.IsPositiveInfinity(above)) return double.IsNegativeInfinity(below) ? 0 : Between(below, below + Math.Max(1, Math.Abs(below)));
            return Between(below, above);
        }

        private string NameNumbers()
        {
            var column = Codes.Column.Name;
            if (double.IsNegativeInfinity(Upper)) return $"{column} is missing";
            var (low, high) = (!double.IsNegativeInfinity(Lower), !double.IsPositiveInfinity(Upper));
            var name = low && high ? $"{Write(Lower)} ≤ {column} < {Write(Upper)}" : low ? $"{column} ≥ {Write(Lower)}" : high ? $"{column} < {Write(Upper)}" : $"{column} is present";
            return HasMissing ? $"({name} or missing)" : name;
        }

        private string NameCategories()
        {
            var names = Codes.NameCategories(Lower, Upper);
            if (names.Count == 1) return $"{Codes.Column.Name} = {names[0]}";
            var shown = string.Join(", ", names.Take(ShownCategories));
            return $"{Codes.Column.Name} in ({shown}{(names.Count > ShownCategories ? FormattableString.Invariant($" and {names.Count - ShownCategories} more") : "")})";
        }

        private string Write(double value) => TimeText.Write(Codes.Column.Type, value)
            ?? (value.ToString("0.###############", CultureInfo.InvariantCulture) is not "0" and not "-0" and var text ? text : value.ToString("R", CultureInfo.InvariantCulture));
    }
}
