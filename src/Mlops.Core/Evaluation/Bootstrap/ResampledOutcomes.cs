namespace Mlops.Evaluation;

/// <summary>Rows that can be judged, ready to be drawn with other weights.</summary>
/// <remarks>They are kept by descending score of the last class, so that what needs them sorted finds them sorted in every sample.</remarks>
internal sealed class ResampledOutcomes
{
    private readonly ModelOutcomes _judged;
    private readonly int[]? _rows;

    private ResampledOutcomes(ModelOutcomes judged, int[]? rows) => (_judged, _rows) = (judged, rows);

    public int Count => _judged.RowCount;

    public static ResampledOutcomes Of(ModelOutcomes outcomes)
    {
        var judged = outcomes.Judged;
        if (!judged.IsClassification) return new ResampledOutcomes(judged, null);
        var scores = new double[judged.RowCount];
        for (var row = 0; row < scores.Length; row++) scores[row] = judged.GetPredictions(row)[^1];
        var order = ScoreOrder.Descending(scores);
        return new ResampledOutcomes(judged.Select(order), order);
    }

    /// <summary>Takes the rows that were drawn, their weights multiplied by how often.</summary>
    /// <param name="counts">How often each row was drawn, in the order of the outcomes that these were made of, so that those of several models are drawn alike.</param>
    public ModelOutcomes Take(ReadOnlySpan<int> counts)
    {
        var drawn = counts.Length - counts.Count(0);
        var width = _judged.Width;
        var (predictions, labels, weights) = (new double[drawn * width], new double[drawn], new double[drawn]);
        for (int i = 0, at = 0; i < counts.Length; i++)
        {
            var count = counts[_rows is null ? i : _rows[i]];
            if (count == 0) continue;
            _judged.GetPredictions(i).CopyTo(predictions.AsSpan(at * width));
            labels[at] = _judged.Labels[i];
            weights[at++] = count * _judged.GetWeight(i);
        }

        return ModelOutcomes.OfJudged(_judged.Classes, predictions, labels, weights);
    }
}
