using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Finds the rows that a model does badly with: trees of few levels, over one column and over two, that predict the loss of each row, have leaves where it is large.</summary>
internal sealed class SegmentSearch(DataBatch rows, ModelOutcomes judged, OutcomeMetric metric, double minimumRatio, int maximumDepth, int pairedFeatures)
{
    private const int FewestRows = 10;
    private readonly int _minimumRows = Math.Max(FewestRows, (int)Math.Ceiling(minimumRatio * rows.RowCount));
    private readonly double[] _loss = Losses(judged);
    private readonly List<WeakSegment> _segments = [];

    /// <summary>Gets the smallest number of rows of a segment.</summary>
    public int MinimumRows => _minimumRows;

    /// <summary>Finds segments.</summary>
    /// <returns>The worst segment of each tree, the weakest first; none where there are too few rows to tell apart, or no column does.</returns>
    public IReadOnlyList<WeakSegment> Find(CancellationToken cancellationToken)
    {
        var features = new List<(FeatureCodes Codes, double[] Values, double Explained)>();
        foreach (var column in FeatureCodes.FeaturesOf(rows.Schema))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var codes = FeatureCodes.Fit(column, rows[column.Name], _loss, minimumRatio);
            var values = codes.Encode(rows[column.Name]);
            features.Add((codes, values, Search((codes, values))));
        }

        // Pairs of those that say most about the loss by themselves, and of few, since their number grows as the square.
        var paired = features.OrderByDescending(feature => feature.Explained).Take(pairedFeatures).ToArray();
        for (var i = 0; i < paired.Length; i++)
        {
            for (var j = i + 1; j < paired.Length; j++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Search((paired[i].Codes, paired[i].Values), (paired[j].Codes, paired[j].Values));
            }
        }

        var isErrors = metric.Direction == Tracking.MetricDirection.Minimize;
        return [.. _segments.OrderBy(segment => isErrors ? -segment.Score : segment.Score).ThenBy(segment => segment.Columns.Count)];
    }

    /// <summary>Grows a tree, and keeps its worst leaf.</summary>
    /// <returns>How much of the loss the columns explain.</returns>
    private double Search(params (FeatureCodes Codes, double[] Values)[] columns)
    {
        var tree = ShallowTree.Grow([.. columns.Select(column => column.Values)], _loss, 1, judged.Weights, maximumDepth, _minimumRows);
        if (tree.Explained == 0) return 0;
        (EvaluationMetric Score, ShallowTree.Node Leaf)? worst = null;
        foreach (var leaf in tree.Leaves)
        {
            // A tree over two columns may need one of them only; that one was searched by itself.
            if (leaf.Bounds.Count < columns.Length) continue;
            var score = metric.Evaluate(judged.Select(leaf.Rows));
            if (score.Value is not null && (worst is null || IsWorse(score, worst.Value.Score.Value!.Value))) worst = (score, leaf);
        }

        if (worst is var (found, node))
            _segments.Add(new WeakSegment([.. node.Bounds.Select(bound => (columns[bound.Feature].Codes, columns[bound.Feature].Values, bound.Lower, bound.Upper))], node.Rows, found.Value!.Value));
        return tree.Explained;
    }

    private static bool IsWorse(EvaluationMetric metric, double than)
        => metric.Value is { } value && (metric.Direction == Tracking.MetricDirection.Maximize ? value < than : value > than);

    private static double[] Losses(ModelOutcomes judged)
    {
        var losses = new double[judged.RowCount];
        for (var row = 0; row < losses.Length; row++)
        {
            var label = judged.Labels[row];
            var error = judged.Predictions[judged.IsClassification ? 0 : row] - label;
            losses[row] = judged.IsClassification ? Probability.Loss(judged.GetPredictions(row)[(int)label]) : error * error;
        }

        return losses;
    }
}
