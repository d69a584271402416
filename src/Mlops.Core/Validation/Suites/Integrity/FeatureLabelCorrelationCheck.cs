using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for features that predict the label nearly by themselves, as one does that is known only after the label is.</summary>
/// <remarks>
/// From a sample, of at most 5,000 rows. The measure is the predictive power score: how much better a decision tree on the one column predicts the label than a guess does, in cross-validation, from 0 to 1
/// (source: F. Wetschoreck, T. Krabel, S. Krishnamurthy, ppscore, 2020). Missing values are passed over.
/// </remarks>
public sealed class FeatureLabelCorrelationCheck() : DataIntegrityCheck("feature_label_correlation", ValidationSeverity.Error)
{
    /// <inheritdoc/>
    public override string Description => "Does a feature predict the label by itself?";

    /// <summary>Gets the predictive power, 0..1, that every feature must be below.</summary>
    /// <value>The default value is 0.8.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumScore { get; init => field = CheckLimit.NotNegative(value); } = 0.8;

    private int[] FindColumns(DataSchema schema) => ColumnsOf(schema, column => column.Role == ColumnRole.Feature && column.Width == 1);

    private protected override string? FindObstacle(DataSchema schema)
        => LabelColumns.FindObstacle(schema) ?? (FindColumns(schema).Length == 0 ? "No column of one value a row has the role Feature." : null);

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema)
    {
        context.NeedSamples();
        return new Scan(this, context, schema);
    }

    private sealed class Scan(FeatureLabelCorrelationCheck check, CheckContext context, DataSchema schema) : DataIntegrityScan(check)
    {
        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var sample = context.GetSample(check.Part);
            var label = sample[LabelColumns.IndexOf(schema)];
            var kind = context.GetLabelKind(label);
            var scores = new List<(string Column, double? Score)>();
            foreach (var index in check.FindColumns(schema))
            {
                cancellationToken.ThrowIfCancellationRequested();
                scores.Add((schema[index].Name, PredictivePower.Measure(sample[index], label, kind, context.Subject.Seed)));
            }

            if (scores.TrueForAll(score => score.Score is null)) return NotApplicable("Too few rows have a label and a feature.");
            string[] above = [.. scores.Where(score => score.Score >= check.MaximumScore).Select(score => score.Column)];
            var strongest = PredictivePowers.Strongest(scores);
            return Result(
                $"The largest predictive power of a feature is {strongest}.",
                $"the predictive power of each feature is below {CheckText.Limit(check.MaximumScore)}",
                above.Length == 0,
                above.Length == 0 ? $"at most {strongest}" : Wording.Names(above)) with
            {
                Values = new Dictionary<string, double?> { ["largest_predictive_power"] = scores.Max(score => score.Score), ["features_above_limit"] = above.Length },
                Tables = [PredictivePowers.ToTable(scores)],
            };
        }
    }
}
