using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Predicts as a <see cref="SimpleModelKind"/> does.</summary>
internal static class SimpleModels
{
    private const int TreeDepth = 3;
    private const double RareRatio = 0.01;

    /// <summary>Predicts what is most likely without any feature.</summary>
    /// <param name="train">The rows of the training set that can be judged, at least one.</param>
    /// <param name="test">The rows to predict.</param>
    public static ModelOutcomes Constant(ModelOutcomes train, ModelOutcomes test)
    {
        var mean = new double[train.Width];
        double total = 0;
        for (var row = 0; row < train.RowCount; row++)
        {
            var weight = train.GetWeight(row);
            total += weight;
            if (train.IsClassification) mean[(int)train.Labels[row]] += weight;
            else mean[0] += weight * train.Labels[row];
        }

        for (var i = 0; i < mean.Length; i++) mean[i] /= total;
        return Predict(test, (_, target) => mean.CopyTo(target));
    }

    /// <summary>Predicts what a row of the training set has, drawn with its weight.</summary>
    public static ModelOutcomes Stratified(ModelOutcomes train, ModelOutcomes test, ulong seed)
    {
        var bounds = new double[train.RowCount];
        double total = 0;
        for (var row = 0; row < bounds.Length; row++) bounds[row] = total += train.GetWeight(row);
        var random = new SplitMix64(seed);
        return Predict(test, (_, target) =>
        {
            var place = random.NextDouble() * total;
            var found = Array.BinarySearch(bounds, place);
            var drawn = Math.Min(found >= 0 ? found + 1 : ~found, bounds.Length - 1);
            if (train.IsClassification) target[(int)train.Labels[drawn]] = 1;
            else target[0] = train.Labels[drawn];
        });
    }

    /// <summary>Predicts by the tree over one feature that does best on the training set.</summary>
    /// <param name="train">The rows of the training set that can be judged, at least one.</param>
    /// <param name="trainRows">Their columns.</param>
    /// <param name="test">The rows to predict.</param>
    /// <param name="testRows">Their columns.</param>
    /// <param name="metric">What is best.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>The predictions and the name of the feature; <see langword="null"/> where there is no feature.</returns>
    public static (ModelOutcomes Predictions, string Feature)? SingleFeatureTree(ModelOutcomes train, DataBatch trainRows, ModelOutcomes test, DataBatch testRows, string metric, CancellationToken cancellationToken)
    {
        var targets = train.IsClassification ? OneHot(train) : train.Labels.ToArray();
        var order = train.IsClassification ? Indicator(train) : targets;
        (double Score, ShallowTree Tree, FeatureCodes Codes)? best = null;
        foreach (var column in FeatureCodes.FeaturesOf(trainRows.Schema).Where(column => testRows.Schema.TryIndexOf(column.Name, out _)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var codes = FeatureCodes.Fit(column, trainRows[column.Name], order, RareRatio);
            double[][] features = [codes.Encode(trainRows[column.Name])];
            var tree = ShallowTree.Grow(features, targets, train.Width, train.Weights, TreeDepth, 1);
            var score = OutcomeMetrics.Evaluate(metric, Predict(train, (row, target) => tree.Find(features, row).Mean.CopyTo(target)));
            if (score.Value is { } value && (best is null || ModelConditions.IsWorse(score with { Value = best.Value.Score }, value))) best = (value, tree, codes);
        }

        if (best is not var (_, winner, coding)) return null;
        double[][] tested = [coding.Encode(testRows[coding.Column.Name])];
        return (Predict(test, (row, target) => winner.Find(tested, row).Mean.CopyTo(target)), coding.Column.Name);
    }

    /// <summary>Sets 1 for the class of each row, 0 for the others, shape (rows × classes).</summary>
    private static double[] OneHot(ModelOutcomes judged)
    {
        var targets = new double[judged.RowCount * judged.Width];
        for (var row = 0; row < judged.RowCount; row++) targets[(row * judged.Width) + (int)judged.Labels[row]] = 1;
        return targets;
    }

    /// <summary>Tells which rows are of the most frequent class; categories are ordered by it.</summary>
    private static double[] Indicator(ModelOutcomes judged)
    {
        var labels = judged.Labels.ToArray();
        var most = labels.GroupBy(label => label).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First().Key;
        return Array.ConvertAll(labels, label => label == most ? 1.0 : 0);
    }

    private static ModelOutcomes Predict(ModelOutcomes rows, PredictRow predict)
    {
        var predictions = new double[rows.RowCount * rows.Width];
        for (var row = 0; row < rows.RowCount; row++) predict(row, predictions.AsSpan(row * rows.Width, rows.Width));
        return new ModelOutcomes(rows.Classes, predictions, rows.Labels.ToArray(), rows.Weights.ToArray());
    }

    private delegate void PredictRow(int row, Span<double> target);
}
