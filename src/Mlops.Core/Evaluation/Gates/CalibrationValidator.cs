using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when the probabilities of each class agree with how often it occurs.</summary>
/// <remarks>
/// <para>Of two classes the last one is judged, of more each of them against all others. Weights are honoured. Needs a classification.</para>
/// <para>With few rows a perfectly calibrated model has a calibration error above 0 too. Whether an error above the limit may be due to chance is tested by drawing
/// labels from the predicted probabilities again and again: the p-value is the share of draws whose error is as large. Only an error that chance does not explain
/// fails; one that it may explain is <see cref="UncertainVerdict"/>. The p-values of several classes are corrected by Holm's procedure.</para>
/// <para>Sources: M. P. Naeini, G. F. Cooper, M. Hauskrecht (2015) for the error; J. Bröcker, L. A. Smith, "Increasing the reliability of reliability diagrams" (2007) for the draws.</para>
/// </remarks>
public sealed class CalibrationValidator : IModelValidator
{
    private const string ErrorName = "calibration_error";
    private const string BrierName = "brier";

    /// <inheritdoc/>
    /// <value>The default value is <c>calibration</c>.</value>
    public string Name { get; init => field = GateName.Of(value); } = "calibration";

    /// <summary>Gets the largest expected calibration error of a class: the mean distance of probability and frequency over the bins, 0..1.</summary>
    /// <value>The default value is 0.05; <see langword="null"/> for no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double? MaximumError { get; init => field = value is { } given ? CheckLimit.Ratio(given) : null; } = 0.05;

    /// <summary>Gets the largest Brier score of a class: the mean squared distance of its probability and what is true, 0..1.</summary>
    /// <value>The default value is <see langword="null"/>: no limit, since what is good depends on how rare the class is.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double? MaximumBrier { get; init => field = value is { } given ? CheckLimit.Ratio(given) : null; }

    /// <summary>Gets the number of bins of equal width.</summary>
    /// <value>The default value is 10 bins.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Bins { get; init => field = CheckLimit.AtLeast(value, 1); } = 10;

    /// <summary>Gets the probability with which a perfectly calibrated candidate fails.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0 and below 1.</exception>
    public double SignificanceLevel { get; init => field = CheckLimit.Probability(value); } = 0.05;

    /// <summary>Gets how often labels are drawn.</summary>
    /// <value>The default value is 400 times.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Draws { get; init => field = CheckLimit.AtLeast(value, 1); } = 400;

    /// <summary>Gets the seed of the draws.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <summary>Gets what an error above the limit comes to that may be due to chance.</summary>
    /// <value>The default value is <see cref="ValidationVerdict.Warn"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no verdict.</exception>
    public ValidationVerdict UncertainVerdict { get; init => field = CheckLimit.Known(value); } = ValidationVerdict.Warn;

    /// <summary>Gets whether the validator passes without judging when its need is not met: for a regression.</summary>
    /// <value>The default value is <see langword="false"/>: it fails then.</value>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No limit is set.</exception>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (MaximumError is null && MaximumBrier is null)
            throw new InvalidOperationException($"Neither {nameof(MaximumError)} nor {nameof(MaximumBrier)} is set, so everything would pass. Set one.");
        var outcomes = context.Candidate.Outcomes;
        if (!outcomes.IsClassification)
            return ValueTask.FromResult(ModelCheck.Unmet(Name, IsOptional, "the candidate predicts numbers, not probabilities of classes; leave this gate out"));
        var judged = outcomes.Judged;
        var obstacle = judged.RowCount == 0 ? "no row has a label, a prediction and a weight"
            : judged.Predictions.ContainsAnyExceptInRange(0.0, 1.0) ? "the candidate gives numbers that are no probabilities"
            : null;
        if (obstacle is not null) return ValueTask.FromResult(new ModelCheck(Name, ValidationVerdict.Fail, obstacle));
        var figures = new List<ModelCheckFigure>();
        if (MaximumError is { } limit) figures.AddRange(JudgeErrors(judged, limit, cancellationToken));
        if (MaximumBrier is { } most) figures.AddRange(Positions(judged).Select(position => JudgeBrier(judged, position, most)));
        return ValueTask.FromResult(ModelCheck.Of(Name, figures, Describe(figures)));
    }

    private static IEnumerable<int> Positions(ModelOutcomes judged) => judged.Classes.Count == 2 ? [1] : Enumerable.Range(0, judged.Classes.Count);

    private IEnumerable<ModelCheckFigure> JudgeErrors(ModelOutcomes judged, double limit, CancellationToken cancellationToken)
    {
        int[] positions = [.. Positions(judged)];
        var errors = positions.Select(position => Error(judged, position)).ToArray();
        // A class within the limit needs no test, but counts among the tests that were possible.
        var pValues = positions.Select((position, i) => errors[i] > limit ? PValue(judged, position, errors[i], cancellationToken) : 1).ToArray();
        var adjusted = MultipleTesting.Adjust(pValues, Correction.Holm);
        return positions.Select((position, i) => new ModelCheckFigure($"{ErrorName} of class '{judged.Classes[position]}'", Verdict(errors[i], limit, adjusted[i]))
        {
            Rows = judged.RowCount,
            Value = errors[i],
            Reference = "at most",
            ReferenceValue = limit,
            PValue = errors[i] > limit ? adjusted[i] : null,
            Note = errors[i] > limit && adjusted[i] >= SignificanceLevel ? "may be due to chance; judge by more rows" : null,
        });
    }

    private ValidationVerdict Verdict(double error, double limit, double pValue)
        => error <= limit ? ValidationVerdict.Pass : pValue < SignificanceLevel ? ValidationVerdict.Fail : UncertainVerdict;

    private static ModelCheckFigure JudgeBrier(ModelOutcomes judged, int position, double limit)
    {
        var brier = BinaryScores.Of(judged, position).Brier().Value;
        return new ModelCheckFigure($"{BrierName} of class '{judged.Classes[position]}'", brier <= limit ? ValidationVerdict.Pass : ValidationVerdict.Fail)
        {
            Rows = judged.RowCount,
            Value = brier,
            Reference = "at most",
            ReferenceValue = limit,
        };
    }

    private double Error(ModelOutcomes judged, int position) => BinaryScores.Of(judged, position).CalibrationCurve(Bins).ExpectedError.Value;

    /// <summary>The share of draws from a calibrated model whose error is as large; the observed one counts as a draw, so it is never 0.</summary>
    private double PValue(ModelOutcomes judged, int position, double error, CancellationToken cancellationToken)
    {
        var bins = new int[judged.RowCount];
        double weights = 0;
        for (var row = 0; row < bins.Length; row++)
        {
            bins[row] = CalibrationBins.Find(judged.GetPredictions(row)[position], Bins);
            weights += judged.GetWeight(row);
        }

        var random = new SplitMix64(SplitMix64.At(Seed, (ulong)position));
        var (gaps, asLarge) = (new double[Bins], 1);
        for (var draw = 0; draw < Draws; draw++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Array.Clear(gaps);
            for (var row = 0; row < bins.Length; row++)
            {
                var probability = judged.GetPredictions(row)[position];
                var label = random.NextDouble() < probability ? 1 : 0;
                gaps[bins[row]] += judged.GetWeight(row) * (label - probability);
            }

            // Equal errors must not be told apart by rounding.
            if (gaps.Sum(Math.Abs) / weights >= error * (1 - 1e-12)) asLarge++;
        }

        return asLarge / (Draws + 1.0);
    }

    private static string Describe(List<ModelCheckFigure> figures)
    {
        var worst = figures.OrderByDescending(figure => figure.Verdict).ThenByDescending(figure => figure.Value / Math.Max(figure.ReferenceValue!.Value, double.Epsilon)).First();
        var text = $"{worst.Name} {GateText.Figure(worst.Value!.Value)}, at most {GateText.Figure(worst.ReferenceValue!.Value)} was asked for";
        return worst.Note is null ? text : $"{text}: {worst.Note}";
    }
}
