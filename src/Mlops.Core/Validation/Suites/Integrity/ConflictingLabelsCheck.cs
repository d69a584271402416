using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for rows with the same features and another label.</summary>
/// <remarks>
/// One pass. It keeps a hash of the features and of the label of each different combination of features, about 90 bytes, up to <see cref="ExactRows"/>; where there are more, it goes on with a
/// sample of the combinations, and the share is an estimate. Rows without a label are passed over. Labels that are amounts (<see cref="ValidationSubject.LabelKind"/>) cannot conflict.
/// </remarks>
public sealed class ConflictingLabelsCheck() : DataIntegrityCheck("conflicting_labels", ValidationSeverity.Error)
{
    /// <inheritdoc/>
    public override string Description => "Do rows with the same features have different labels?";

    /// <summary>Gets the largest share of rows whose features occur with another label too, 0..1.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <summary>Gets the number of different combinations of features up to which the share is exact, 1 or more.</summary>
    /// <value>The default value is 1,000,000, about 90 MB.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int ExactRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 1_000_000;

    private int[] FindFeatures(DataSchema schema) => ColumnsOf(schema, column => column.Role == ColumnRole.Feature);

    private protected override string? FindObstacle(DataSchema schema)
        => LabelColumns.FindObstacle(schema) ?? (FindFeatures(schema).Length == 0 ? "No column has the role Feature." : null);

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ExactRows, 1, nameof(ExactRows));
        context.NeedSamples();
        return new Scan(this, context, schema);
    }

    private sealed class Scan(ConflictingLabelsCheck check, CheckContext context, DataSchema schema) : DataIntegrityScan(check)
    {
        private readonly int _label = LabelColumns.IndexOf(schema);
        private readonly RowIdentity _features = new(check.FindFeatures(schema));
        private readonly RowHasher _labels = new();
        private readonly DistinctRows<Labels> _different = new(check.ExactRows);
        private long _labelled;

        protected override void Add(DataBatch rows, long firstRow)
        {
            if (rows.RowCount == 0) return;
            var features = new UInt128[rows.RowCount];
            _features.Compute(rows, features);
            _labels.Hash(rows.Select(schema[_label].Name), out var labels, out _);
            var column = rows[_label];
            var numbers = column.Type.IsFloatingPoint() ? ColumnNumbers.ToDoubles(column) : null;
            for (var row = 0; row < features.Length; row++)
            {
                if (column.IsNull(row) || (numbers is not null && double.IsNaN(numbers[row]))) continue;
                _labelled++;
                _different.Add(features[row], labels[row], static (known, isKnown, label) => isKnown ? new Labels(known.First, known.Rows + 1, known.AreSeveral || known.First != label) : new Labels(label, 1, false));
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (context.GetLabelKind(context.GetSample(check.Part)[_label]) != LabelKind.Class) return NotApplicable("The label is an amount, not a class.");
            if (_labelled == 0) return NotApplicable("No row has a label.");
            var conflicts = Math.Min(_labelled, (long)_different.Scale(_different.States.Where(labels => labels.AreSeveral).Sum(labels => labels.Rows)));
            var groups = (long)_different.Scale(_different.States.Count(labels => labels.AreSeveral));
            var measured = $"{(_different.IsExact ? "" : "about ")}{CheckText.Share(conflicts, _labelled, "labelled rows")}";
            return Result(
                $"{measured} have the features of a row with another label, in {Wording.Count(groups, "group")}.",
                $"at most {CheckText.Percent(check.MaximumRatio)} of the labelled rows have the features of a row with another label",
                conflicts <= check.MaximumRatio * _labelled,
                measured) with
            {
                Values = new Dictionary<string, double?> { ["conflicting_ratio"] = (double)conflicts / _labelled, ["conflicting_groups"] = groups },
            };
        }
    }

    private readonly record struct Labels(ulong First, long Rows, bool AreSeveral);
}
