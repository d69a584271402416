using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for columns in which too many values are missing; NaN counts as missing. One pass; keeps a count for each column.</summary>
public sealed class MissingValuesCheck() : DataIntegrityCheck("missing_values", ValidationSeverity.Error)
{
    /// <inheritdoc/>
    public override string Description => "Are too many values missing?";

    /// <summary>Gets the largest share of a column's rows, 0..1.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); } = 0.05;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema) => new Scan(this, schema);

    private sealed class Scan(MissingValuesCheck check, DataSchema schema) : DataIntegrityScan(check)
    {
        private readonly int[] _columns = check.ColumnsOf(schema);
        private readonly long[] _counts = new long[schema.Count];

        protected override void Add(DataBatch rows, long firstRow)
        {
            foreach (var index in _columns) _counts[index] += MissingValues.Count(rows[index]);
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var shares = new ColumnShares();
            foreach (var index in _columns) shares.Add(schema[index], _counts[index], Rows);
            return shares.ToResult(check, "missing", "missing values", "rows", check.MaximumRatio);
        }
    }
}
