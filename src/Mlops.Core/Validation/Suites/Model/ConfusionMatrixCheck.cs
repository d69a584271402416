using System.Globalization;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Shows which classes a model takes for which, with precision, recall and F1 of each. Has no condition.</summary>
/// <remarks>Judged by the test set, or the only one. The matrix counts rows; the ratios honour weights. A row is taken for its most probable class, the first one where two are alike.</remarks>
public sealed class ConfusionMatrixCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "confusion_matrix";

    /// <inheritdoc/>
    public string Description => "Which classes does the model take for which?";

    /// <inheritdoc/>
    public ValidationSeverity Severity => ValidationSeverity.Warning;

    /// <summary>Gets the number of classes up to which the matrix itself is shown.</summary>
    /// <value>The default value is 30 classes.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumClasses { get; init => field = CheckLimit.AtLeast(value, 0); } = 30;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject) => ModelObstacles.Find(subject, ModelNeeds.Label | ModelNeeds.Classes);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedOutcomes();
        return new ModelScan(() => Show(context.GetOutcomes(context.Subject.JudgedPart())));
    }

    private CheckResult Show(ModelOutcomes outcomes)
    {
        var judged = outcomes.Judged;
        var accuracy = OutcomeMetrics.Evaluate(OutcomeMetrics.Accuracy, outcomes);
        var values = new OrderedDictionary<string, double?> { ["accuracy"] = accuracy.Value, ["unknown_labels"] = outcomes.UnknownLabelCount };
        var ratios = new List<IReadOnlyList<string>>();
        var counts = judged.Figures.Confusion;
        for (var i = 0; i < outcomes.Classes.Count; i++)
        {
            var name = outcomes.Classes[i];
            double?[] figures = [counts.Precision(i).ValueOrNull, counts.Recall(i).ValueOrNull, counts.F1(i).ValueOrNull];
            (values[$"precision.{name}"], values[$"recall.{name}"], values[$"f1.{name}"]) = (figures[0], figures[1], figures[2]);
            var own = judged.Labels.Count(i);
            ratios.Add([name, Text(own), .. figures.Select(ModelConditions.Figure)]);
        }

        var summary = accuracy.Value is { } share ? $"The model is right in {ModelConditions.Percent(share)} of {ModelConditions.Judged(outcomes)}." : $"Nothing was judged: {accuracy.UndefinedReason}.";
        var table = new CheckTable("Figures of each class", ["class", "rows", "precision", "recall", "F1"], ratios);
        return new CheckResult(Name, summary, []) { Values = values, Tables = outcomes.Classes.Count <= MaximumClasses ? [Matrix(outcomes), table] : [table] };
    }

    private static CheckTable Matrix(ModelOutcomes outcomes)
    {
        var classes = outcomes.Classes.Count;
        var counts = new long[classes + 1, classes + 1];
        for (var row = 0; row < outcomes.RowCount; row++)
        {
            var label = outcomes.Labels[row];
            if (double.IsNaN(label)) continue;
            var predicted = outcomes.GetPredictedClass(row);
            counts[label < 0 ? classes : (int)label, predicted < 0 ? classes : predicted]++;
        }

        var hasUnknown = Enumerable.Range(0, classes + 1).Any(i => counts[classes, i] > 0);
        var hasNone = Enumerable.Range(0, classes + 1).Any(i => counts[i, classes] > 0);
        var columns = Enumerable.Range(0, classes + (hasNone ? 1 : 0)).ToArray();
        return new CheckTable(
            "Rows by true and by predicted class",
            ["true class", .. outcomes.Classes.Select(name => $"taken for {name}"), .. hasNone ? ["no finite prediction"] : Array.Empty<string>()],
            [
                .. Enumerable.Range(0, classes + (hasUnknown ? 1 : 0))
                    .Select(i => (IReadOnlyList<string>)[i < classes ? outcomes.Classes[i] : "(unknown to the model)", .. columns.Select(j => Text(counts[i, j]))]),
            ]);
    }

    private static string Text(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
