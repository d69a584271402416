namespace Mlops.Evaluation;

/// <summary>How often, by weight, rows of each class were taken for each class.</summary>
/// <remarks>Averages are over the classes that occur in truth or prediction; a ratio 0/0 counts as 0 there, as in scikit-learn.</remarks>
internal sealed class ConfusionCounts
{
    private readonly double[] _counts;
    private readonly int _classes;

    private ConfusionCounts(int classes)
    {
        _classes = classes;
        _counts = new double[classes * classes];
    }

    /// <summary>Gets the sum of the weights.</summary>
    public double Total { get; private set; }

    /// <summary>Gets the weight of the rows of a true class that were taken for another, or the same, one.</summary>
    public double this[int truth, int predicted] => _counts[(truth * _classes) + predicted];

    /// <summary>Counts rows that can be judged.</summary>
    public static ConfusionCounts Of(ModelOutcomes judged)
    {
        var counts = new ConfusionCounts(judged.Classes.Count);
        for (var row = 0; row < judged.RowCount; row++)
        {
            var weight = judged.GetWeight(row);
            counts._counts[((int)judged.Labels[row] * counts._classes) + judged.GetPredictedClass(row)] += weight;
            counts.Total += weight;
        }

        return counts;
    }

    public double Accuracy => Enumerable.Range(0, _classes).Sum(i => this[i, i]) / Total;

    public double BalancedAccuracy => Mean(Enumerable.Range(0, _classes).Where(i => GetTrue(i) > 0), i => this[i, i] / GetTrue(i));

    public double MacroPrecision => Mean(Occurring, i => GetPrecision(i) ?? 0);

    public double MacroRecall => Mean(Occurring, i => GetRecall(i) ?? 0);

    public double MacroF1 => Mean(Occurring, i => GetF1(i) ?? 0);

    public double WeightedF1 => Occurring.Sum(i => GetTrue(i) * (GetF1(i) ?? 0)) / Total;

    private IEnumerable<int> Occurring => Enumerable.Range(0, _classes).Where(i => GetTrue(i) + GetPredicted(i) > 0);

    /// <summary>Gets the weight of the rows of a class.</summary>
    public double GetTrue(int position) => Enumerable.Range(0, _classes).Sum(i => this[position, i]);

    /// <summary>Gets the weight of the rows that were taken for a class.</summary>
    public double GetPredicted(int position) => Enumerable.Range(0, _classes).Sum(i => this[i, position]);

    /// <summary>Gets the share of the rows taken for a class that are of it; <see langword="null"/> where none was taken for it.</summary>
    public double? GetPrecision(int position) => Ratio(this[position, position], GetPredicted(position));

    /// <summary>Gets the share of the rows of a class that were taken for it; <see langword="null"/> where there is none.</summary>
    public double? GetRecall(int position) => Ratio(this[position, position], GetTrue(position));

    /// <summary>Gets the harmonic mean of precision and recall; <see langword="null"/> where the class neither occurs nor was predicted.</summary>
    public double? GetF1(int position) => Ratio(2 * this[position, position], GetTrue(position) + GetPredicted(position));

    private static double Mean(IEnumerable<int> positions, Func<int, double> figure) => positions.Average(figure);

    private static double? Ratio(double part, double whole) => whole == 0 ? null : part / whole;
}
