namespace Mlops.Evaluation;

/// <summary>Rows that can be judged, ready to be drawn with other weights.</summary>
/// <remarks>They are kept in the order of the last class's score, so that what needs them sorted finds them sorted in every sample.</remarks>
internal sealed class ResampledOutcomes
{
    private readonly ModelOutcomes _judged;

    private ResampledOutcomes(ModelOutcomes judged) => _judged = judged;

    public int Count => _judged.RowCount;

    public static ResampledOutcomes Of(ModelOutcomes outcomes)
    {
        var judged = outcomes.Judged;
        return new ResampledOutcomes(judged.IsClassification ? judged.Select(OrderByScore(judged)) : judged);
    }

    /// <summary>Orders rows by the score of the last class, equal ones by their position.</summary>
    public static int[] OrderByScore(ModelOutcomes judged)
    {
        var (order, scores) = (new int[judged.RowCount], new double[judged.RowCount]);
        for (var row = 0; row < order.Length; row++) (order[row], scores[row]) = (row, judged.GetPredictions(row)[^1]);
        Array.Sort(order, (a, b) => scores[a].CompareTo(scores[b]) is not 0 and var difference ? difference : a.CompareTo(b));
        return order;
    }

    /// <summary>Takes the rows that were drawn, their weights multiplied by how often.</summary>
    public ModelOutcomes Take(int[] counts)
    {
        var drawn = 0;
        foreach (var count in counts) drawn += count > 0 ? 1 : 0;
        var width = _judged.Width;
        var (predictions, labels, weights) = (new double[drawn * width], new double[drawn], new double[drawn]);
        for (int row = 0, at = 0; row < counts.Length; row++)
        {
            if (counts[row] == 0) continue;
            _judged.GetPredictions(row).CopyTo(predictions.AsSpan(at * width));
            labels[at] = _judged.Labels[row];
            weights[at++] = counts[row] * _judged.GetWeight(row);
        }

        return new ModelOutcomes(_judged.Classes, predictions, labels, weights);
    }
}
