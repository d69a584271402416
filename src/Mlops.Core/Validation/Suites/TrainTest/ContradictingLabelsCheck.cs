using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks that rows with the same features have the same class in both datasets.</summary>
/// <remarks>
/// A test row contradicts when the training set has a row with the same features and another class; whatever a model learns, one of the two is wrong. Compares the columns of role
/// Feature that both datasets have; missing values are equal. Rows without a label, or without a value in any feature, are left out. Streams, exactly; keeps 40 to 64 bytes for each different row of the training set.
/// </remarks>
public sealed class ContradictingLabelsCheck : IValidationCheck
{
    /// <summary>Gets the largest share of test rows that contradict the training set.</summary>
    /// <value>The default value is 0.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); }

    /// <summary>Gets the columns that must be equal; <see langword="null"/> for the features.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <inheritdoc/>
    public string Name => "contradicting_labels";

    /// <inheritdoc/>
    public string Description => "Have rows with the same features another class in the test set than in the training set?";

    /// <inheritdoc/>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return TrainTestObstacles.Find(subject, ColumnRole.Label, isSingle: true) ?? (Pair(subject).Columns.Count == 0 ? "The two datasets have no features in common." : null);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedSamples();
        return new Scan(this, context, Pair(context.Subject), TrainTestObstacles.Pair(context.Subject, ColumnRole.Label)[0]);
    }

    private PairedColumns Pair(ValidationSubject subject) => PairedColumns.Create(subject, Columns, column => column.Role == ColumnRole.Feature);

    private sealed class Scan(ContradictingLabelsCheck check, CheckContext context, PairedColumns columns, PairedColumn label) : TrainTestScan(check)
    {
        private readonly PairedRowHasher _features = new(columns.Columns);
        private readonly PairedRowHasher _label = new([label]);
        private readonly HashIndex _rows = new();
        // The class of each different row; that of rows with several is 0, which no class is.
        private readonly List<UInt128> _classes = [];
        private long _compared;
        private long _repeated;
        private long _contradicting;

        protected override void Add(DatasetPart part, DataBatch rows)
        {
            var features = _features.Compute(part, rows);
            var labels = _label.Compute(part, rows);
            for (var row = 0; row < features.Length; row++)
            {
                if (_label.AreEmpty[row] || _features.AreEmpty[row]) continue;
                if (part == DatasetPart.Train) Learn(features[row], labels[row]);
                else Compare(features[row], labels[row]);
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (context.GetLabelKind(context.GetSample(DatasetPart.Train)[label.Name]) != LabelKind.Class) return NotApplicable($"The label '{label.Name}' is a number, of which rows with the same features may well have different ones.");
            if (_rows.Count == 0 || _compared == 0) return NotApplicable($"No row of the {(_rows.Count == 0 ? "training" : "test")} set has both a label and a value in the features that are compared.");
            var left = columns.ToTable();
            return Result(
                $"{Wording.Count(_repeated, "test row has", "test rows have")} the features of a training row, {Wording.Count(_contradicting)} of them another class.",
                JudgeRatio("with the features of a training row and another class", check.MaximumRatio, _contradicting)) with
            {
                Values = new Dictionary<string, double?> { ["contradicting_rows"] = _contradicting, ["contradiction_ratio"] = (double)_contradicting / TestRows, ["repeated_rows"] = _repeated },
                Tables = left is null ? [] : [left],
            };
        }

        private void Learn(UInt128 features, UInt128 label)
        {
            var row = _rows.GetOrAdd(features);
            if (row == _classes.Count) _classes.Add(label);
            else if (_classes[row] != label) _classes[row] = 0;
        }

        private void Compare(UInt128 features, UInt128 label)
        {
            _compared++;
            if (_rows.Find(features) is not (>= 0 and var row)) return;
            _repeated++;
            if (_classes[row] != label) _contradicting++;
        }
    }
}
