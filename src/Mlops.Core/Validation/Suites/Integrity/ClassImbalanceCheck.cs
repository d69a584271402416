using System.Globalization;
using System.Text;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Compares the rows of the rarest class with those of the most frequent one. One pass; counts at most 1,000 classes.</summary>
/// <remarks>A warning by default, as in the check's model, deepchecks: many models cope with rare classes. Labels that are amounts (<see cref="ValidationSubject.LabelKind"/>) are not looked at.</remarks>
public sealed class ClassImbalanceCheck() : DataIntegrityCheck("class_imbalance", ValidationSeverity.Warning)
{
    private const int MostClasses = 1000;

    /// <inheritdoc/>
    public override string Description => "Is a class much rarer than another?";

    /// <summary>Gets what the rows of the rarest class, divided by those of the most frequent one, must be above, 0..1.</summary>
    /// <value>The default value is 0.1.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MinimumRatio { get; init => field = CheckLimit.Ratio(value); } = 0.1;

    /// <summary>Gets whether the report names the classes, which are values of the data; otherwise they are numbered, the most frequent first.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool ShowsValues { get; init; }

    private protected override string? FindObstacle(DataSchema schema) => LabelColumns.FindObstacle(schema);

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema)
    {
        context.NeedSamples();
        return new Scan(this, context, schema);
    }

    private sealed class Scan(ClassImbalanceCheck check, CheckContext context, DataSchema schema) : DataIntegrityScan(check)
    {
        private const int RowsShown = 20;
        private readonly int _label = LabelColumns.IndexOf(schema);
        private readonly ValueCounts _counts = new(MostClasses);

        protected override void Add(DataBatch rows, long firstRow)
        {
            if (rows[_label] is TextColumn texts)
            {
                TextEntries.Visit(texts, (utf8, times) => _counts.Add(Encoding.UTF8.GetString(utf8), times));
                return;
            }

            // Beyond so many there are no classes, and nothing more to learn.
            if (!_counts.IsExact) return;
            foreach (var value in ColumnNumbers.ToDoubles(rows[_label]))
            {
                if (!double.IsNaN(value)) _counts.Add(value.ToString("R", CultureInfo.InvariantCulture), 1);
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (context.GetLabelKind(context.GetSample(check.Part)[_label]) != LabelKind.Class) return NotApplicable("The label is an amount, not a class.");
            if (!_counts.IsExact) return NotApplicable($"The label has more than {Wording.Count(MostClasses)} classes.");
            var classes = _counts.GetOrdered();
            if (classes.Count < 2) return NotApplicable(classes.Count == 0 ? "No row has a label." : "The label has one class only.");
            var ratio = (double)classes[^1].Value / classes[0].Value;
            var measured = $"{CheckText.Number(ratio)} ({Wording.Count(classes[^1].Value)} and {Wording.Count(classes[0].Value)} rows)";
            return Result(
                $"Of {Wording.Count(classes.Count, "class", "classes")} the rarest has {CheckText.Number(ratio)} times the rows of the most frequent one.",
                $"the rarest class has more than {CheckText.Limit(check.MinimumRatio)} times the rows of the most frequent one",
                ratio > check.MinimumRatio,
                measured) with
            {
                Values = new Dictionary<string, double?> { ["imbalance_ratio"] = ratio, ["classes"] = classes.Count },
                Tables = [new CheckTable("Classes", ["Class", "Rows", "Share"], [.. classes.Index().Where(item => item.Index < RowsShown - 1 || item.Index == classes.Count - 1).Select(item => (IReadOnlyList<string>)
                    [check.ShowsValues ? item.Item.Key : $"class {item.Index + 1}", Wording.Count(item.Item.Value), CheckText.Percent((double)item.Item.Value / _counts.Count)])])],
            };
        }
    }
}
