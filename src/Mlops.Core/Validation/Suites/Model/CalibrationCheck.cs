using System.Globalization;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Shows how well the probabilities of each class agree with how often it occurs: the Brier score, the expected calibration error, and the bins they come from.</summary>
/// <remarks>Judged by the test set, or the only one; weights are honoured. Has conditions only where limits are set, since what is good depends on how rare a class is.</remarks>
public sealed class CalibrationCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "calibration";

    /// <inheritdoc/>
    public string Description => "Do the probabilities of each class agree with how often it occurs?";

    /// <summary>Gets how bad it is when a limit that was set is passed.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <summary>Gets the number of bins of equal width.</summary>
    /// <value>The default value is 10 bins.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Bins { get; init => field = CheckLimit.AtLeast(value, 1); } = 10;

    /// <summary>Gets the largest Brier score of a class, the mean squared difference between its probability and what is true, 0..1.</summary>
    /// <value>The default value is <see langword="null"/>, no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double? MaximumBrier { get; init => field = value is { } given ? CheckLimit.Ratio(given) : null; }

    /// <summary>Gets the largest expected calibration error of a class, the mean distance between probability and frequency over the bins, 0..1.</summary>
    /// <value>The default value is <see langword="null"/>, no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double? MaximumCalibrationError { get; init => field = value is { } given ? CheckLimit.Ratio(given) : null; }

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject) => ModelObstacles.Find(subject, ModelNeeds.Label | ModelNeeds.Classes);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedOutcomes();
        return new ModelScan(() => Judge(context.GetOutcomes(context.Subject.JudgedPart())));
    }

    private CheckResult Judge(ModelOutcomes outcomes)
    {
        var judged = outcomes.Judged;
        var undefined = judged.RowCount == 0 ? "no row has a label, a prediction and a weight"
            : judged.Predictions.ContainsAnyExceptInRange(0.0, 1.0) ? "the model gives numbers that are no probabilities"
            : null;
        var conditions = new List<CheckCondition>();
        var values = new OrderedDictionary<string, double?>();
        var tables = new List<CheckTable>();
        for (var position = 0; position < outcomes.Classes.Count; position++)
        {
            var name = outcomes.Classes[position];
            var scores = judged.Figures.OneVersusRest(position);
            var curve = scores.CalibrationCurve(Bins);
            var (brier, error) = (scores.Brier().ValueOrNull, curve.ExpectedError.ValueOrNull);
            (values[$"brier.{name}"], values[$"calibration_error.{name}"]) = (brier, error);
            if (MaximumBrier is { } most) conditions.Add(Limit($"the Brier score of class '{name}'", brier, most, undefined));
            if (MaximumCalibrationError is { } limit) conditions.Add(Limit($"the expected calibration error of class '{name}'", error, limit, undefined));
            if (curve.Bins.Count > 0) tables.Add(Reliability(name, curve.Bins));
        }

        var summary = undefined is null ? $"The probabilities of {ModelConditions.Judged(outcomes)} were compared with the truth." : $"The probabilities cannot be judged: {undefined}.";
        return new CheckResult(Name, summary, conditions) { Values = values, Tables = tables };
    }

    private CheckCondition Limit(string what, double? figure, double limit, string? undefined)
        => ModelConditions.Judge($"{what} is at most {ModelConditions.Figure(limit)}", figure, undefined, value => value <= limit, Severity, ModelConditions.Figure);

    private static CheckTable Reliability(string name, IReadOnlyList<CalibrationBin> bins) => new(
        $"Reliability of the probability of class '{name}'", ["probability", "rows", "mean probability", "share of the class"],
        [
            .. bins.Select(bin => (IReadOnlyList<string>)
                [$"{ModelConditions.Figure(bin.Lower)}–{ModelConditions.Figure(bin.Upper)}", bin.RowCount.ToString("N0", CultureInfo.InvariantCulture), ModelConditions.Figure(bin.MeanPredicted), ModelConditions.Figure(bin.ObservedRate)]),
        ]);
}
