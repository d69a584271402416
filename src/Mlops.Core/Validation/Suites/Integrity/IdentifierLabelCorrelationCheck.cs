using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Asks whether identifiers and times of rows (roles <see cref="ColumnRole.Key"/> and <see cref="ColumnRole.Time"/>) predict the label, as they do where rows are stored in the order of their labels.</summary>
/// <remarks>
/// From a sample, of at most 5,000 rows, by the predictive power score (see <see cref="FeatureLabelCorrelationCheck"/>). An identifier that says nothing scores a little above 0 now and then, by chance. So
/// one that is above the limit is measured again with shuffled labels, <see cref="Shuffles"/> times, and is found only when its score is above all of those, too. With labels that really change with
/// time the check finds that; where this is meant to be, ignore the column or set a limit.
/// </remarks>
public sealed class IdentifierLabelCorrelationCheck() : DataIntegrityCheck("identifier_label_correlation", ValidationSeverity.Error)
{
    /// <inheritdoc/>
    public override string Description => "Do identifiers or times predict the label?";

    /// <summary>Gets the largest predictive power, 0..1.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MaximumScore { get; init => field = CheckLimit.NotNegative(value); }

    /// <summary>Gets how often the labels are shuffled to tell a score from chance; 0 takes every score as it is.</summary>
    /// <value>The default value is 50: one in 51 identifiers that say nothing is found nevertheless.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Shuffles { get; init => field = CheckLimit.AtLeast(value, 0); } = 50;

    private int[] FindColumns(DataSchema schema) => ColumnsOf(schema, column => column.Role is ColumnRole.Key or ColumnRole.Time && column.Width == 1);

    private protected override string? FindObstacle(DataSchema schema)
        => LabelColumns.FindObstacle(schema) ?? (FindColumns(schema).Length == 0 ? "No column has the role Key or Time." : null);

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema)
    {
        context.NeedSamples();
        return new Scan(this, context, schema);
    }

    private sealed class Scan(IdentifierLabelCorrelationCheck check, CheckContext context, DataSchema schema) : DataIntegrityScan(check)
    {
        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var sample = SampleRows.Take(context.GetSample(check.Part), PredictivePower.MostRows, context.Subject.Seed);
            var label = sample[LabelColumns.IndexOf(schema)];
            var kind = context.GetLabelKind(label);
            var scores = new List<(string Column, double? Score)>();
            var found = new List<string>();
            foreach (var index in check.FindColumns(schema))
            {
                var score = PredictivePower.Measure(sample[index], label, kind, context.Subject.Seed);
                scores.Add((schema[index].Name, score));
                if (score > check.MaximumScore && IsBeyondChance(sample[index], label, kind, score.Value, cancellationToken)) found.Add(schema[index].Name);
            }

            if (scores.TrueForAll(score => score.Score is null)) return NotApplicable("Too few rows have a label and an identifier.");
            var strongest = PredictivePowers.Strongest(scores);
            return Result(
                $"The largest predictive power of an identifier is {strongest}.",
                $"the predictive power of each identifier is at most {CheckText.Limit(check.MaximumScore)}{(check.Shuffles > 0 ? ", or not above that by chance" : "")}",
                found.Count == 0,
                found.Count == 0 ? $"at most {strongest}" : Wording.Names(found)) with
            {
                Values = new Dictionary<string, double?> { ["largest_predictive_power"] = scores.Max(score => score.Score), ["identifiers_above_limit"] = found.Count },
                Tables = [PredictivePowers.ToTable(scores)],
            };
        }

        private bool IsBeyondChance(Column column, Column label, LabelKind kind, double score, CancellationToken cancellationToken)
        {
            var random = new SplitMix64(context.Subject.Seed + 1);
            int[] order = [.. Enumerable.Range(0, label.Length)];
            for (var i = 0; i < check.Shuffles; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var row = order.Length - 1; row > 0; row--)
                {
                    var other = (int)random.Next((ulong)row + 1);
                    (order[row], order[other]) = (order[other], order[row]);
                }

                if (PredictivePower.Measure(column, label.Take(order), kind, context.Subject.Seed) >= score) return false;
            }

            return true;
        }
    }
}
