using System.Globalization;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Domain classifier: whether a model can tell current rows from reference rows, judged by rows that it did not learn from.</summary>
/// <remarks>
/// <para>Statistic AUC, the area under the ROC curve, 0..1, of gradient-boosted trees (<see cref="DomainClassifier"/>), the mean over 5 folds each judged by a classifier of the others.
/// The effect is 2·AUC − 1, or 0 below that. The interval is DeLong's, widened because folds share training rows (Nadeau and Bengio).</para>
/// <para>The p-value comes from classifiers that learned only from earlier folds, because the usual one, from the out-of-fold areas, raises more false alarms than it says: given an earlier
/// fold, the labels of a later one are exchangeable, so the sum of the areas is a martingale with the permutation variance. It is one-sided: an AUC below 0.5 is no drift.</para>
/// <para>Columns are taken as ordered numbers, so no scaling is needed. Time O(folds · trees · depth · rows · width), memory 9·(n+m)·width bytes, for at most <see cref="MaximumRows"/> rows of each
/// sample and 4,000,000 cells of both: of more, a sample is drawn. The order of rows makes no difference. Thread-safe: stateless; the same rows and seed give the same result.</para>
/// <para>Source: D. Lopez-Paz, M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017; J. Friedman (2001) for the trees.</para>
/// </remarks>
public sealed class DomainClassifierDrift : IRowDriftTest
{
    private const int MostCells = 4_000_000;

    /// <inheritdoc/>
    public string Name => "domain-classifier";

    /// <inheritdoc/>
    /// <value>0.11: one normal column that moves by a fifth of its standard deviation.</value>
    public double DefaultMinimumEffect => 0.11;

    /// <summary>Gets the names of the columns, shape (width): the reason names those that helped most.</summary>
    /// <value>The default value is <see langword="null"/>: as the reference rows name them; those by their place, from 0, unless they are told otherwise.</value>
    public IReadOnlyList<string>? ColumnNames { get; init; }

    /// <summary>Gets the largest number of rows of each sample; of more, so many are drawn with the seed.</summary>
    /// <value>The default value is 5,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 10 or above 10,000.</exception>
    public int MaximumRows { get; init => field = PermutationTest.RequireRows(value); } = 5000;

    /// <summary>Gets the seed by which rows are drawn and dealt to folds.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <inheritdoc/>
    public DriftResult Test(RowSet reference, RowSet current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
        => RowComparison.Compare(
            this, reference, current, options, Math.Min(MaximumRows, Math.Max(250, MostCells / 2 / Math.Max(1, reference.Width))), Seed, pair => Compare(pair, ColumnNames ?? reference.ColumnNames, cancellationToken));

    private DriftResult Compare(RowComparison pair, IReadOnlyList<string>? names, CancellationToken cancellationToken)
    {
        if (pair.LeastCount < 2 * DomainClassifier.Folds) return pair.NotEnough($"{2 * DomainClassifier.Folds} of each are needed to learn from and to judge by");
        var (x, y) = (pair.Reference, pair.Current);
        var (columns, values) = (new DomainColumns(), new double[x.Count + y.Count]);
        for (var k = 0; k < x.Width; k++)
        {
            for (var row = 0; row < values.Length; row++) values[row] = row < x.Count ? x.Values[(row * x.Width) + k] : y.Values[((row - x.Count) * x.Width) + k];
            columns.AddNumbers(names is not null && k < names.Count ? names[k] : k.ToString(CultureInfo.InvariantCulture), values);
        }

        var isCurrent = new bool[values.Length];
        isCurrent.AsSpan(x.Count).Fill(true);
        var classifier = new DomainClassifier(columns, isCurrent);
        var fit = CrossFit.Measure(isCurrent, rows => classifier.Learn(rows, cancellationToken).ToArray(), pair.GetSeed(2), pair.Options.ConfidenceLevel);
        return pair.Decide(new DriftMeasurement("AUC", fit.Auc, fit.PValue, fit.Effect, null, fit.EffectInterval), () =>
        {
            var best = columns.Names.Zip(classifier.Gains, (name, gain) => (Name: name, Gain: gain)).OrderByDescending(column => column.Gain).Where(column => column.Gain > 0).Take(3);
            return $" Most by {string.Join(", ", best.Select(column => $"'{column.Name}'"))}.";
        });
    }
}
