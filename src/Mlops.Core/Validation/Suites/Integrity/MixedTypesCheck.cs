using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for columns of texts in which some texts are numbers and the others are not. One pass; keeps two counts for each column.</summary>
/// <remarks>
/// Where the rarer of the two has less than 1 % of the texts it is taken for negligible dirt, and where it has more than 10 % for a column that is meant to hold both; in between lie
/// the columns that deserve a look. A warning by default, as in the check's model, deepchecks. Texts that say that a value is missing are texts here; let the reader of the data take them for nulls.
/// </remarks>
public sealed class MixedTypesCheck() : DataIntegrityCheck("mixed_types", ValidationSeverity.Warning)
{
    /// <inheritdoc/>
    public override string Description => "Are numbers and other texts mixed in a column?";

    /// <summary>Gets the share of the rarer type, 0..1, up to which it is negligible.</summary>
    /// <value>The default value is 0.01.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double NegligibleRatio { get; init => field = CheckLimit.Ratio(value); } = 0.01;

    /// <summary>Gets the share of the rarer type, 0..1, from which on the column is meant to hold both.</summary>
    /// <value>The default value is 0.1.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double IntendedRatio { get; init => field = CheckLimit.Ratio(value); } = 0.1;

    private protected override string? FindObstacle(DataSchema schema) => ColumnsOf(schema, IsText).Length == 0 ? "There is no column of texts." : null;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema) => new Scan(this, schema);

    private sealed class Scan(MixedTypesCheck check, DataSchema schema) : DataIntegrityScan(check)
    {
        private readonly int[] _columns = check.ColumnsOf(schema, IsText);
        private readonly (long Numbers, long Others)[] _counts = new (long, long)[schema.Count];

        protected override void Add(DataBatch rows, long firstRow)
        {
            foreach (var index in _columns)
            {
                TextEntries.Visit((TextColumn)rows[index], (utf8, times) =>
                {
                    if (FieldText.TryParseNumber<double>(utf8, out _)) _counts[index].Numbers += times;
                    else _counts[index].Others += times;
                });
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var mixed = _columns.Where(index => _counts[index] is { Numbers: > 0, Others: > 0 }).Select(index => (schema[index].Name, Counts: _counts[index], Rare: Rare(_counts[index]))).ToArray();
            string[] found = [.. mixed.Where(column => column.Rare > check.NegligibleRatio && column.Rare < check.IntendedRatio).Select(column => column.Name)];
            return Result(
                $"{Wording.Count(mixed.Length)} of {Wording.Count(_columns.Length, "column")} of texts hold numbers and other texts; in {Wording.Count(found.Length)} the rarer ones are few, yet not negligible.",
                $"no column of which {CheckText.Percent(check.NegligibleRatio)} to {CheckText.Percent(check.IntendedRatio)} of the texts are of another type than the others",
                found.Length == 0,
                found.Length == 0 ? "none" : Wording.Names(found)) with
            {
                Values = new Dictionary<string, double?> { ["mixed_columns"] = mixed.Length, ["columns_in_range"] = found.Length },
                Tables = mixed.Length == 0 ? [] : [new CheckTable("Columns with numbers and other texts", ["Column", "Numbers", "Other texts", "Rarer"], [.. mixed.OrderBy(column => column.Rare)
                    .Select(column => (IReadOnlyList<string>)[column.Name, Wording.Count(column.Counts.Numbers), Wording.Count(column.Counts.Others), CheckText.Percent(column.Rare)])])],
            };
        }

        private static double Rare((long Numbers, long Others) counts) => (double)Math.Min(counts.Numbers, counts.Others) / (counts.Numbers + counts.Others);
    }
}
