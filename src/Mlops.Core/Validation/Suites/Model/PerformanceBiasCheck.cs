using System.Globalization;
using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that a model is about as good for each group of people, or whatever a protected attribute tells apart, as for all rows.</summary>
/// <remarks>
/// Groups are the values of each column of the role <see cref="ColumnRole.Sensitive"/>; numbers of more than <see cref="MaximumGroups"/> different values are put into as many groups of about equal counts. Judged by all
/// rows of the test set, or the only one, with their weights. Groups of few rows are shown and not judged. Decline = (score of all rows − score of the group) / |score of all rows|, with the opposite sign for errors.
/// </remarks>
public sealed class PerformanceBiasCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "performance_bias";

    /// <inheritdoc/>
    public string Description => "Is the model about as good for each protected group?";

    /// <summary>Gets how bad it is when a group is disadvantaged.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets the decline from all rows to a group that each group has to stay below.</summary>
    /// <value>The default value is 0.1.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumDeclineRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.1;

    /// <summary>Gets the number of rows from which on a group is judged.</summary>
    /// <value>The default value is 100 rows.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumGroupRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 100;

    /// <summary>Gets the number of groups that numbers are put into.</summary>
    /// <value>The default value is 10.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 2.</exception>
    public int MaximumGroups { get; init => field = CheckLimit.AtLeast(value, 2); } = 10;

    /// <summary>Gets the metric.</summary>
    /// <value>The default value is <see langword="null"/>: <c>accuracy</c> of a classification, <c>rmse</c> of a regression. <see cref="PerformanceDegradationCheck.Metrics"/> lists the others.</value>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public string? Metric { get; init => field = value is null ? null : OutcomeMetrics.Check(value); }

    /// <summary>Gets whether groups are named by their values, which are values of the data.</summary>
    /// <value>The default value is <see langword="false"/>: groups are numbered in the order of their values, from 1.</value>
    public bool ShowsValues { get; init; }

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
        => ModelObstacles.Find(subject, ModelNeeds.Label) ?? (SensitiveOf(subject.JudgedSet().Schema).Length == 0 ? "No column of one element in each row has the role Sensitive." : null);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedOutcomes();
        return new Scan(this, context);
    }

    private static ColumnSchema[] SensitiveOf(DataSchema schema) => [.. schema.Where(column => column is { Role: ColumnRole.Sensitive, Width: 1 })];

    private CheckResult Judge(ModelOutcomes outcomes, GroupReader[] columns)
    {
        var metric = Metric ?? (outcomes.IsClassification ? OutcomeMetrics.Accuracy : OutcomeMetrics.Rmse);
        var overall = OutcomeMetrics.Evaluate(metric, outcomes);
        var conditions = new List<CheckCondition>();
        var values = new OrderedDictionary<string, double?> { [metric] = overall.Value };
        var tables = new List<CheckTable>();
        foreach (var column in columns)
        {
            var groups = column.GetGroups(MaximumGroups).Select((group, i) => Score(group, i, metric, outcomes, overall)).ToArray();
            conditions.Add(Judge(column.Name, groups, overall));
            foreach (var group in groups) values[$"{column.Name}.{group.Name}"] = group.Score.Value;
            double[] known = [.. groups.Where(group => group.Rows >= MinimumGroupRows).Select(group => group.Score.Value).OfType<double>()];
            values[$"{column.Name}.difference"] = known.Length < 2 ? null : known.Max() - known.Min();
            tables.Add(new CheckTable(
                $"Scores by '{column.Name}'", ["group", "rows", metric, "decline"],
                [
                    .. groups.Select(group => (IReadOnlyList<string>)
                        [group.Name, group.Rows.ToString("N0", CultureInfo.InvariantCulture), ModelConditions.Figure(group.Score.Value), group.Rows < MinimumGroupRows ? "too few rows" : group.Decline is { } decline ? ModelConditions.Percent(decline) : "–"]),
                ]));
        }

        return new CheckResult(Name, $"Groups of {ModelConditions.Judged(outcomes)} were compared; {overall}.", conditions) { Values = values, Tables = tables };
    }

    private Group Score((string Value, int[] Rows) group, int position, string metric, ModelOutcomes outcomes, EvaluationMetric overall)
    {
        var judged = outcomes.Select(group.Rows).Judged;
        var score = OutcomeMetrics.Evaluate(metric, judged);
        return new Group(ShowsValues ? group.Value : $"group {(position + 1).ToString(CultureInfo.InvariantCulture)}", judged.RowCount, score, ModelConditions.DeclineRatio(overall, score));
    }

    private CheckCondition Judge(string column, Group[] groups, EvaluationMetric overall)
    {
        var expected = $"the {overall.Name} of each group of '{column}' is less than {ModelConditions.Percent(MaximumDeclineRatio)} worse than that of all rows";
        Group[] judged = [.. groups.Where(group => group.Rows >= MinimumGroupRows && group.Decline is not null)];
        if (overall.Value is null) return ModelConditions.Undefined(expected, overall.UndefinedReason);
        if (judged.Length < 2) return ModelConditions.Undefined(expected, $"{judged.Length.ToString(CultureInfo.InvariantCulture)} of {groups.Length.ToString(CultureInfo.InvariantCulture)} groups have {ModelConditions.Rows(MinimumGroupRows)} and a score");
        var worst = judged.MaxBy(group => group.Decline)!;
        var decline = worst.Decline!.Value;
        return ModelConditions.Judge(
            expected, decline < MaximumDeclineRatio, Severity,
            $"the worst of {judged.Length.ToString(CultureInfo.InvariantCulture)}, {worst.Name} with {ModelConditions.Rows(worst.Rows)}, is {ModelConditions.Percent(Math.Abs(decline))} {(decline >= 0 ? "worse" : "better")}: {ModelConditions.Figure(worst.Score.Value)} against {ModelConditions.Figure(overall.Value)}");
    }

    private sealed record Group(string Name, int Rows, EvaluationMetric Score, double? Decline);

    private sealed class Scan(PerformanceBiasCheck check, CheckContext context) : ICheckScan
    {
        private readonly DatasetPart _part = context.Subject.JudgedPart();
        private readonly GroupReader[] _columns = [.. SensitiveOf(context.Subject.JudgedSet().Schema).Select(column => new GroupReader(column))];

        public void Add(CheckedBatch batch)
        {
            if (batch.Part != _part) return;
            foreach (var column in _columns) column.Add(batch.Rows);
        }

        public ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken) => ValueTask.FromResult(check.Judge(context.GetOutcomes(_part), _columns));
    }
}
