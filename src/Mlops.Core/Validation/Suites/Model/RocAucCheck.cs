using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that a model ranks the rows of each class above the others: the area under the ROC curve of the class against all others.</summary>
/// <remarks>Judged by the test set, or the only one. Of two classes the last, positive, one is judged, since the other one has the same area. 0.5 is chance; ties count one half; weights are honoured.</remarks>
public sealed class RocAucCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "roc_auc";

    /// <inheritdoc/>
    public string Description => "Does the model rank the rows of each class above the others?";

    /// <summary>Gets how bad it is when an area is too small.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets the area that each class has to be above.</summary>
    /// <value>The default value is 0.7.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MinimumArea { get; init => field = CheckLimit.Ratio(value); } = 0.7;

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
        var conditions = new List<CheckCondition>();
        var values = new OrderedDictionary<string, double?>();
        var rows = new List<IReadOnlyList<string>>();
        for (var position = outcomes.Classes.Count == 2 ? 1 : 0; position < outcomes.Classes.Count; position++)
        {
            var name = outcomes.Classes[position];
            var area = judged.Figures.OneVersusRest(position).RocAuc().ValueOrNull;
            var own = judged.Labels.Count(position);
            conditions.Add(ModelConditions.Judge(
                $"the area under the ROC curve of class '{name}' is above {ModelConditions.Figure(MinimumArea)}", area,
                $"{own} of {ModelConditions.Rows(judged.RowCount)} are of the class, and there is nothing to tell apart", value => value > MinimumArea, Severity, ModelConditions.Figure));
            values[$"roc_auc.{name}"] = area;
            rows.Add([name, ModelConditions.Figure((double)own), ModelConditions.Figure(area)]);
        }

        return new CheckResult(Name, $"The ranking was judged by {ModelConditions.Judged(outcomes)}.", conditions)
        {
            Values = values,
            Tables = [new CheckTable("Area under the ROC curve, one class against the others", ["class", "rows", "area"], rows)],
        };
    }
}
