namespace Mlops.Evaluation;

/// <summary>The areas under the ROC curves of models on the same rows, with their covariances, without any assumption about the scores. Immutable, safe for concurrent use.</summary>
/// <remarks>
/// <para>
/// The placement of a positive row is the weight share of the negative rows below it, ties counting one half, and that of a negative row the share of the positive
/// ones above it; the covariance of two areas comes from those of their placements. Time O(m n log n) for m models, by sorting instead of comparing pairs.
/// </para>
/// <para>Weights weigh placements; where they are all alike, the covariances are those of the paper.</para>
/// <para>
/// Sources: E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Biometrics 44, 1988; X. Sun, W. Xu, "Fast implementation of DeLong's algorithm", IEEE Signal
/// Processing Letters 21(11), 2014.
/// </para>
/// </remarks>
/// <example><code>
/// var areas = DeLong.Of([challengerScores, championScores], labels);
/// if (areas.Compare(0, 1) is { PValue: &lt; 0.05 } comparison) Console.WriteLine(comparison);
/// </code></example>
public sealed class DeLong
{
    private readonly double[] _areas;
    private readonly double[,] _covariances;
    private readonly string? _noArea;
    private readonly string? _noVariance;

    private DeLong(double[] areas, double[,] covariances, string? noArea, string? noVariance)
    {
        _areas = areas;
        _covariances = covariances;
        _noArea = noArea;
        _noVariance = noArea ?? noVariance;
    }

    /// <summary>Gets the number of models.</summary>
    public int ModelCount => _areas.Length;

    /// <summary>Gets why no variance is known; <see langword="null"/> where it is.</summary>
    public string? UndefinedReason => _noVariance;

    /// <summary>Computes the areas of models.</summary>
    /// <param name="scores">The scores of each model, shape (models × n), finite.</param>
    /// <param name="labels">The labels, shape (n), 1 or 0.</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every row counts alike. Rows of weight 0 are left out.</param>
    /// <returns>The areas.</returns>
    /// <exception cref="ArgumentException">There is no model, the lengths differ, a score is not finite, a label is neither 0 nor 1, or a weight is negative or not finite.</exception>
    public static DeLong Of(IReadOnlyList<double[]> scores, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Count == 0) throw new ArgumentException("There is no model.", nameof(scores));
        MetricInput.CheckWeights(weights);
        foreach (var label in labels)
        {
            if (label is not (0 or 1)) throw new ArgumentException("A label is neither 1, for the positive class, nor 0.", nameof(labels));
        }

        var (areas, placements) = (new double[scores.Count], new double[scores.Count][]);
        var noArea = Placements.FindObstacle(labels, weights, out var noVariance);
        for (var model = 0; model < scores.Count; model++)
        {
            MetricInput.CheckLengths(scores[model].Length, labels.Length, weights.Length, "scores");
            MetricInput.CheckFinite(scores[model], "Score", nameof(scores));
            if (noArea is null) placements[model] = Placements.Compute(scores[model], labels, weights, out areas[model]);
        }

        var covariances = new double[scores.Count, scores.Count];
        if (noArea is null && noVariance is null)
        {
            for (var i = 0; i < scores.Count; i++)
            {
                for (var j = 0; j <= i; j++)
                    covariances[i, j] = covariances[j, i] = Placements.Covariance(placements[i], areas[i], placements[j], areas[j], labels, weights);
            }
        }

        return new DeLong(areas, covariances, noArea, noVariance);
    }

    /// <summary>Computes the areas of models that judged the same rows, one class against the others; rows that one of them cannot judge are left out.</summary>
    /// <param name="models">The outcomes of each model, the same rows in the same order; labels and weights are those of the first one.</param>
    /// <param name="position">The position of the positive class; <see langword="null"/> for the last of two.</param>
    /// <returns>The areas.</returns>
    /// <exception cref="ArgumentException">The outcomes are not of the same rows or classes, or are those of a regression.</exception>
    public static DeLong Of(IReadOnlyList<ModelOutcomes> models, int? position = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        if (models.Count == 0) throw new ArgumentException("There is no model.", nameof(models));
        var first = models[0];
        if (!first.IsClassification) throw new ArgumentException("The outcomes are predicted numbers; areas under ROC curves need probabilities.", nameof(models));
        if (models.Any(model => model.RowCount != first.RowCount || !model.Classes.SequenceEqual(first.Classes)))
            throw new ArgumentException("The outcomes are not of the same rows or not of the same classes, so that they cannot be compared row by row.", nameof(models));
        if (position is null && first.Classes.Count > 2) throw new ArgumentException($"The outcomes tell {first.Classes.Count} classes apart. Say which is the positive one.", nameof(position));
        var column = position ?? first.Classes.Count - 1;
        if (column < 0 || column >= first.Classes.Count) throw new ArgumentOutOfRangeException(nameof(position), column, $"There are {first.Classes.Count} classes.");
        int[] rows = [.. Enumerable.Range(0, first.RowCount).Where(row => first.IsJudged(row) && models.All(model => model.IsPredicted(row)))];
        return Of(
            [.. models.Select(model => Array.ConvertAll(rows, row => model.GetPredictions(row)[column]))],
            Array.ConvertAll(rows, row => first.Labels[row] == column ? 1.0 : 0),
            first.Weights.IsEmpty ? [] : Array.ConvertAll(rows, first.GetWeight));
    }

    /// <summary>Gets the area under the ROC curve of a model.</summary>
    /// <param name="model">The model, from 0.</param>
    /// <returns>The area, 0..1; undefined where only one class occurs.</returns>
    public MetricValue Area(int model) => _noArea is null ? _areas[model] : MetricValue.Undefined(_noArea);

    /// <summary>Gets the covariance of the areas of two models; the variance where they are the same one.</summary>
    /// <param name="model">The model, from 0.</param>
    /// <param name="other">The other one, from 0.</param>
    /// <returns>The covariance; undefined where a class has fewer than two rows.</returns>
    public MetricValue Covariance(int model, int other) => _noVariance is null ? _covariances[model, other] : MetricValue.Undefined(_noVariance);

    /// <summary>Gets the standard deviation of the area of a model.</summary>
    /// <param name="model">The model, from 0.</param>
    /// <returns>The standard deviation; undefined where a class has fewer than two rows.</returns>
    public MetricValue StandardDeviation(int model) => Covariance(model, model) is { IsDefined: true } variance ? Math.Sqrt(Math.Max(0, variance.Value)) : Covariance(model, model);

    /// <summary>Gets where the area of a model lies with a probability, by the normal distribution, within 0..1.</summary>
    /// <param name="model">The model, from 0.</param>
    /// <param name="level">The probability, above 0 and below 1.</param>
    /// <returns>The interval; <see langword="null"/> where no variance is known.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not within (0, 1).</exception>
    public ConfidenceInterval? Interval(int model, double level = 0.95)
    {
        if (!(level is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(level), level, "A probability is above 0 and below 1.");
        if (StandardDeviation(model) is not { IsDefined: true } deviation) return null;
        var margin = StandardNormal.Quantile((1 + level) / 2) * deviation.Value;
        return new ConfidenceInterval(Math.Max(0, _areas[model] - margin), Math.Min(1, _areas[model] + margin), level);
    }

    /// <summary>Compares the areas of two models.</summary>
    /// <param name="model">The model, from 0.</param>
    /// <param name="other">The other one, from 0.</param>
    /// <returns>The comparison; <see langword="null"/> where no variance is known (<see cref="UndefinedReason"/>). Models that rank all rows alike differ by 0, with p = 1.</returns>
    public DeLongComparison? Compare(int model, int other)
    {
        if (_noVariance is not null) return null;
        var difference = _areas[model] - _areas[other];
        var variance = _covariances[model, model] + _covariances[other, other] - (2 * _covariances[model, other]);
        // What rounding leaves where the placements of both are the same is no variance.
        var error = variance > 1e-15 * (_covariances[model, model] + _covariances[other, other]) ? Math.Sqrt(variance) : 0;
        var statistic = difference == 0 ? 0 : difference / error;
        return new DeLongComparison(difference, error, statistic, StandardNormal.TwoSidedTail(statistic));
    }
}
