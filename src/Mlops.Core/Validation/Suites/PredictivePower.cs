using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The predictive power score: how well one column alone predicts another, 0 (no better than a guess) to 1 (without error).</summary>
/// <remarks>
/// <para>
/// A decision tree on the one column is judged by cross-validation in 4 folds, of rows in which both columns have a value, at most 5,000 of them. Of amounts the score is
/// 1 − MAE / MAE of the median; of classes (F1 − F1 of a guess) / (1 − F1 of a guess), with the F1 weighted by the classes' rows, and as guess the better of the most frequent class
/// and classes drawn as often as they occur. Below 0 it is 0. It is 0 too where the label is constant, and where every text, or every class, occurs once.
/// </para>
/// <para>
/// Source: F. Wetschoreck, T. Krabel, S. Krishnamurthy, ppscore 1.1, 2020. Three things differ: rows are shuffled by SplitMix64, so that the folds are the same everywhere; the F1 of drawn
/// classes is its expectation (the sum of the squared shares) instead of one drawing; and a text that a fold has not learnt is predicted as the fold's mean or most frequent class,
/// instead of whatever category its tree split off last.
/// </para>
/// </remarks>
internal static class PredictivePower
{
    /// <summary>The number of parts, each of which is predicted from the others.</summary>
    public const int Folds = 4;

    /// <summary>The largest number of rows that are used.</summary>
    public const int MostRows = 5000;

    /// <summary>Measures how well a column predicts the label.</summary>
    /// <param name="rows">The rows, a sample for instance.</param>
    /// <param name="feature">The column.</param>
    /// <param name="label">The label.</param>
    /// <param name="kind">What the values of the label are.</param>
    /// <param name="seed">The seed by which rows are shuffled.</param>
    /// <returns>The score, 0..1; <see langword="null"/> when fewer than 8 rows have both values, or one of the columns holds vectors.</returns>
    public static double? Measure(DataBatch rows, string feature, string label, LabelKind kind, ulong seed = 0) => Measure(rows[feature], rows[label], kind, seed);

    /// <summary>Measures how well a column predicts the label.</summary>
    /// <param name="feature">The values of the column, shape (rows).</param>
    /// <param name="label">The values of the label, shape (rows).</param>
    /// <param name="kind">What the values of the label are.</param>
    /// <param name="seed">The seed by which rows are shuffled.</param>
    /// <returns>The score, 0..1; <see langword="null"/> when fewer than 8 rows have both values, or one of the columns holds vectors.</returns>
    public static double? Measure(Column feature, Column label, LabelKind kind, ulong seed = 0)
    {
        if (feature.Width > 1 || label.Width > 1) return null;
        var x = Encode(feature, feature.Type is ElementType.String or ElementType.Boolean, out var isCategory);
        var y = Encode(label, kind == LabelKind.Class || label.Type == ElementType.String, out var isClass);
        var order = Shuffle(x, y, seed);
        if (order.Length < 2 * Folds) return null;
        double[] features = [.. order.Select(row => x[row])], labels = [.. order.Select(row => y[row])];
        if (labels.AsSpan().IndexOfAnyExcept(labels[0]) < 0 || (isCategory && AreAllDifferent(features)) || (isClass && AreAllDifferent(labels))) return 0;
        return isClass ? MeasureClasses(features, isCategory, ToRanks(labels)) : MeasureAmounts(features, isCategory, labels);
    }

    private static double MeasureAmounts(double[] x, bool isCategory, double[] y)
    {
        var (sorted, folds) = (Sort(x), new int[y.Length]);
        for (int row = 0, fold = 0, end = 0; fold < Folds; fold++)
        {
            end += (y.Length / Folds) + (fold < y.Length % Folds ? 1 : 0);
            while (row < end) folds[row++] = fold;
        }

        double error = 0;
        for (var fold = 0; fold < Folds; fold++)
        {
            var tree = PredictivePowerTree.FitAmounts(x, isCategory, y, Others(sorted, folds, fold));
            var (sum, count) = (0.0, 0);
            for (var row = 0; row < y.Length; row++)
            {
                if (folds[row] != fold) continue;
                sum += Math.Abs(tree.Predict(x[row]) - y[row]);
                count++;
            }

            error += sum / count / Folds;
        }

        double[] ordered = [.. y.Order()];
        var median = (ordered[(y.Length - 1) / 2] / 2) + (ordered[y.Length / 2] / 2);
        return Math.Clamp(1 - (error / y.Average(value => Math.Abs(value - median))), 0, 1);
    }

    private static double MeasureClasses(double[] x, bool isCategory, int[] y)
    {
        var classes = y.Max() + 1;
        var (sorted, folds) = (Sort(x), Stratify(y, classes));
        double f1 = 0;
        for (var fold = 0; fold < Folds; fold++)
        {
            var tree = PredictivePowerTree.FitClasses(x, isCategory, y, classes, Others(sorted, folds, fold));
            var (hits, predicted, actual) = (new int[classes], new int[classes], new int[classes]);
            for (var row = 0; row < y.Length; row++)
            {
                if (folds[row] != fold) continue;
                var guess = (int)tree.Predict(x[row]);
                predicted[guess]++;
                actual[y[row]]++;
                if (guess == y[row]) hits[guess]++;
            }

            f1 += WeighF1(hits, predicted, actual) / Folds;
        }

        var naive = GuessF1(y, classes);
        return Math.Clamp((f1 - naive) / (1 - naive), 0, 1);
    }

    /// <summary>Sorts the rows by their values, once for all folds.</summary>
    private static int[] Sort(double[] x) => [.. Enumerable.Range(0, x.Length).OrderBy(row => x[row])];

    private static int[] Others(int[] sorted, int[] folds, int fold) => Array.FindAll(sorted, row => folds[row] != fold);

    /// <summary>The F1 of each class, weighted by its rows.</summary>
    private static double WeighF1(int[] hits, int[] predicted, int[] actual)
    {
        double sum = 0;
        for (var i = 0; i < hits.Length; i++)
        {
            if (actual[i] > 0) sum += actual[i] * (2.0 * hits[i] / (predicted[i] + actual[i]));
        }

        return sum / actual.Sum();
    }

    private static double GuessF1(int[] y, int classes)
    {
        var counts = new int[classes];
        foreach (var label in y) counts[label]++;
        double most = counts.Max() / (double)y.Length;
        return Math.Max(most * (2 * most / (1 + most)), counts.Sum(count => Math.Pow(count / (double)y.Length, 2)));
    }

    /// <summary>Gives each row its fold, so that every class has its share of each: the assignment of scikit-learn's StratifiedKFold.</summary>
    private static int[] Stratify(int[] y, int classes)
    {
        var (counts, shares) = (new int[classes], new int[classes, Folds]);
        foreach (var label in y) counts[label]++;
        var place = 0;
        // Classes one after another, in the order in which they first occur.
        foreach (var label in y.Distinct())
        {
            for (var i = 0; i < counts[label]; i++, place++) shares[label, place % Folds]++;
        }

        var (folds, current) = (new int[y.Length], new int[classes]);
        for (var row = 0; row < y.Length; row++)
        {
            var label = y[row];
            while (shares[label, current[label]] == 0) current[label]++;
            shares[label, current[label]]--;
            folds[row] = current[label];
        }

        return folds;
    }

    /// <summary>Makes numbers of values; NaN where there is none. Texts get numbers in their order.</summary>
    private static double[] Encode(Column column, bool areNames, out bool isCategory)
    {
        isCategory = areNames;
        if (column is TextColumn texts)
        {
            string?[] strings = [.. Enumerable.Range(0, texts.Length).Select(texts.GetString)];
            var numbers = strings.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Index().ToDictionary(text => text.Item, text => (double)text.Index, StringComparer.Ordinal);
            return [.. strings.Select(text => text is null ? double.NaN : numbers[text])];
        }

        var values = ColumnNumbers.ToDoubles(column);
        foreach (ref var value in values.AsSpan())
        {
            if (!double.IsFinite(value)) value = double.NaN;
        }

        return values;
    }

    /// <summary>Numbers different labels in ascending order, from 0.</summary>
    private static int[] ToRanks(double[] labels)
    {
        double[] different = [.. labels.Distinct().Order()];
        return [.. labels.Select(label => Array.BinarySearch(different, label))];
    }

    /// <summary>Shuffles the rows in which both values are present.</summary>
    private static int[] Shuffle(double[] x, double[] y, ulong seed)
    {
        int[] rows = [.. Enumerable.Range(0, x.Length).Where(row => !double.IsNaN(x[row]) && !double.IsNaN(y[row]))];
        var random = new SplitMix64(seed);
        for (var i = rows.Length - 1; i > 0; i--)
        {
            var j = (int)random.Next((ulong)i + 1);
            (rows[i], rows[j]) = (rows[j], rows[i]);
        }

        return rows.Length > MostRows ? rows[..MostRows] : rows;
    }

    private static bool AreAllDifferent(double[] values) => values.Distinct().Count() == values.Length;
}
