namespace Mlops.Training;

/// <summary>What the fitting of steps must know of a column of numbers; each step turns the summary of its input into that of its output, so that one pass over the data is enough.</summary>
/// <param name="Count">The number of values.</param>
/// <param name="Missing">The number of rows without a value.</param>
/// <param name="Mean">The mean of the values.</param>
/// <param name="Variance">Their population variance.</param>
/// <param name="Minimum">The least of them.</param>
/// <param name="Maximum">The largest of them.</param>
/// <param name="Items">The values in ascending order and how many rows each stands for; empty where no step asks for them.</param>
/// <param name="IsExact">Whether the items are the values themselves, not a sketch of them.</param>
internal sealed record NumberSummary(double Count, double Missing, double Mean, double Variance, double Minimum, double Maximum, (double Value, long Rows)[] Items, bool IsExact = true)
{
    /// <summary>Four times the distance between neighbouring numbers, relative to their size: what a few operations may be wrong by.</summary>
    private const double Rounding = 4 * 2.220446049250313e-16;

    public double StandardDeviation => Math.Sqrt(Variance);

    /// <summary>Gets whether the values are one and the same, but for rounding in 64-bit floating point.</summary>
    public bool IsConstant => Minimum == Maximum || Maximum - Minimum <= Rounding * Math.Max(Math.Abs(Minimum), Math.Abs(Maximum));

    /// <summary>A summary of values, each as often as is said.</summary>
    public static NumberSummary Of(IEnumerable<(double Value, long Rows)> values, double missing, bool isExact = true)
    {
        (double Value, long Rows)[] items = [.. values.OrderBy(item => item.Value)];
        double count = 0, sum = 0, squares = 0;
        foreach (var (value, rows) in items) (count, sum) = (count + rows, sum + (value * rows));
        var mean = sum / count;
        foreach (var (value, rows) in items) squares += (value - mean) * (value - mean) * rows;
        return new NumberSummary(count, missing, mean, squares / count, items[0].Value, items[^1].Value, items, isExact);
    }

    /// <summary>The same with a value where one is missing.</summary>
    public NumberSummary Impute(double replacement)
    {
        if (Missing == 0) return this;
        var total = Count + Missing;
        var mean = ((Mean * Count) + (replacement * Missing)) / total;
        var squares = (Variance + Square(Mean - mean)) * Count;
        squares += Square(replacement - mean) * Missing;
        var items = Items.Length == 0 ? Items : [.. Items.TakeWhile(item => item.Value <= replacement), (replacement, (long)Missing), .. Items.SkipWhile(item => item.Value <= replacement)];
        return new NumberSummary(total, 0, mean, squares / total, Math.Min(Minimum, replacement), Math.Max(Maximum, replacement), items, IsExact);
    }

    /// <summary>The same of (x − offset) × scale, scale > 0.</summary>
    public NumberSummary Scale(double offset, double scale) => new(
        Count, Missing, (Mean - offset) * scale, Variance * scale * scale, (Minimum - offset) * scale, (Maximum - offset) * scale,
        Array.ConvertAll(Items, item => ((item.Value - offset) * scale, item.Rows)), IsExact);

    /// <summary>The same with values brought between two bounds.</summary>
    public NumberSummary Clip(double minimum, double maximum) => Items.Length == 0
        ? this with { Minimum = Math.Clamp(Minimum, minimum, maximum), Maximum = Math.Clamp(Maximum, minimum, maximum) }
        : Of(Items.Select(item => (Math.Clamp(item.Value, minimum, maximum), item.Rows)), Missing, IsExact);

    /// <summary>The quantile by linear interpolation between the values around position (n − 1) × ratio.</summary>
    /// <remarks>Source: definition 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50(4), 1996; NumPy's default.</remarks>
    public double Quantile(double ratio)
    {
        var position = (Count - 1) * ratio;
        var lower = ValueAt(Math.Floor(position));
        var part = position - Math.Floor(position);
        return part == 0 ? lower : lower + ((ValueAt(Math.Ceiling(position)) - lower) * part);
    }

    /// <summary>The most frequent value; of equally frequent ones the least.</summary>
    public double MostFrequent()
    {
        var (best, most) = (0.0, 0L);
        for (var i = 0; i < Items.Length;)
        {
            var (value, rows) = (Items[i].Value, 0L);
            for (; i < Items.Length && Items[i].Value == value; i++) rows += Items[i].Rows;
            if (rows > most) (best, most) = (value, rows);
        }

        return best;
    }

    private double ValueAt(double index)
    {
        double before = 0;
        foreach (var (value, rows) in Items)
        {
            before += rows;
            if (before > index) return value;
        }

        return Maximum;
    }

    private static double Square(double value) => value * value;
}
