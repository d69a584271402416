using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that a model predicts about the same for the test set as for the training set.</summary>
/// <remarks>
/// The drift is the Kolmogorov–Smirnov statistic of predicted numbers, or of the probability of the last of two classes, and Cramér's V of the predicted classes, corrected for
/// bias and both sets weighing the same, of more; 0 is none, 1 everything, and what chance reaches once in a thousand times with so many rows is no drift. Classes below 1 % of the rows count as one. Labels are not needed; rows without a finite prediction do not count, and weights do not either.
/// </remarks>
public sealed class PredictionDriftCheck : IValidationCheck
{
    private const double RareRatio = 0.01;

    /// <inheritdoc/>
    public string Name => "prediction_drift";

    /// <inheritdoc/>
    public string Description => "Does the model predict about the same for the test set as for the training set?";

    /// <summary>Gets how bad it is when predictions drift.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets the drift that predictions have to stay below.</summary>
    /// <value>The default value is 0.15.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumDrift { get; init => field = CheckLimit.NotNegative(value); } = 0.15;

    /// <summary>Gets the number of rows that each dataset needs.</summary>
    /// <value>The default value is 10 rows.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 10;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject) => ModelObstacles.Find(subject, ModelNeeds.TestSet);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedOutcomes();
        return new ModelScan(() => Compare(context.GetOutcomes(DatasetPart.Train), context.GetOutcomes(DatasetPart.Test)));
    }

    private CheckResult Compare(ModelOutcomes train, ModelOutcomes test)
    {
        var (before, after) = (train.RowCount - train.MissingPredictionCount, test.RowCount - test.MissingPredictionCount);
        var isOfClasses = train.Classes.Count > 2;
        var score = Math.Min(before, after) < Math.Max(1, MinimumRows) ? null
            : isOfClasses ? DriftScore.OfCategories("prediction", [.. CountClasses(train).Zip(CountClasses(test))], RareRatio)
            : DriftScore.OfNumbers("prediction", GetNumbers(train), GetNumbers(test));
        var what = isOfClasses ? "Cramér's V of the predicted classes"
            : train.IsClassification ? $"the Kolmogorov–Smirnov statistic of the probability of class '{train.Classes[^1]}'"
            : "the Kolmogorov–Smirnov statistic of the predictions";
        var condition = ModelConditions.Judge(
            $"{what} is below {ModelConditions.Figure(MaximumDrift)}", score?.Value, $"each dataset needs {ModelConditions.Rows(MinimumRows)} with finite predictions", _ => score!.IsBelow(MaximumDrift) == true, Severity,
            value => ModelConditions.Figure(value) + (value >= MaximumDrift && score!.IsBelow(MaximumDrift) == true ? ", no more than chance makes of so few rows" : ""));
        return new CheckResult(Name, $"Predictions for {ModelConditions.Rows(before)} of the training set and {ModelConditions.Rows(after)} of the test set were compared.", [condition])
        {
            Values = new OrderedDictionary<string, double?> { ["drift"] = score?.Value },
            Tables = isOfClasses ? [Shares(train, test)] : [],
        };
    }

    private static NumberDistribution GetNumbers(ModelOutcomes outcomes)
    {
        var numbers = new NumberDistribution(exactCount: int.MaxValue);
        for (var row = 0; row < outcomes.RowCount; row++)
        {
            if (outcomes.IsPredicted(row)) numbers.Add([outcomes.GetPredictions(row)[^1]]);
        }

        return numbers;
    }

    private static long[] CountClasses(ModelOutcomes outcomes)
    {
        var counts = new long[outcomes.Classes.Count];
        for (var row = 0; row < outcomes.RowCount; row++)
        {
            if (outcomes.GetPredictedClass(row) is >= 0 and var position) counts[position]++;
        }

        return counts;
    }

    private static CheckTable Shares(ModelOutcomes train, ModelOutcomes test)
    {
        var (before, after) = (CountClasses(train), CountClasses(test));
        double all = before.Sum(), others = after.Sum();
        return new CheckTable(
            "Share of the rows that are taken for each class", ["class", "training set", "test set"],
            [.. train.Classes.Select((name, i) => (IReadOnlyList<string>)[name, all == 0 ? "–" : ModelConditions.Percent(before[i] / all), others == 0 ? "–" : ModelConditions.Percent(after[i] / others)])]);
    }
}
