using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for rows that occur more than once.</summary>
/// <remarks>
/// <para>
/// One pass. It keeps a 128-bit hash of each different row, about 75 bytes, up to <see cref="ExactRows"/>; where there are more, it goes on with a sample of the different rows,
/// and the share is an estimate, off by 0.15 % of the rows (one standard error) with the default. Rows are equal when all values are: two missing ones are, and two NaN.
/// </para>
/// <para>Columns of role <see cref="ColumnRole.Key"/> are left out unless <see cref="IncludesKeys"/> says otherwise: a row that has got another key is the same data twice. A warning by default, as in the check's model, deepchecks.</para>
/// </remarks>
public sealed class DuplicateRowsCheck() : DataIntegrityCheck("duplicate_rows", ValidationSeverity.Warning)
{
    /// <inheritdoc/>
    public override string Description => "Do rows occur more than once?";

    /// <summary>Gets the largest share of rows that repeat another one, 0..1.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); } = 0.05;

    /// <summary>Gets whether rows with different keys are different rows.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IncludesKeys { get; init; }

    /// <summary>Gets the number of different rows up to which the share is exact, 1 or more.</summary>
    /// <value>The default value is 1,000,000 rows, about 75 MB.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int ExactRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 1_000_000;

    private int[] FindColumns(DataSchema schema) => ColumnsOf(schema, column => IncludesKeys || column.Role != ColumnRole.Key);

    private protected override string? FindObstacle(DataSchema schema) => FindColumns(schema).Length == 0 ? "There is no column besides keys and ignored ones." : null;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ExactRows, 1, nameof(ExactRows));
        return new Scan(this, schema);
    }

    private sealed class Scan(DuplicateRowsCheck check, DataSchema schema) : DataIntegrityScan(check)
    {
        private readonly RowIdentity _identity = new(check.FindColumns(schema));
        private readonly DistinctRows<bool> _different = new(check.ExactRows);

        protected override void Add(DataBatch rows, long firstRow)
        {
            if (rows.RowCount == 0) return;
            var digests = new UInt128[rows.RowCount];
            _identity.Compute(rows, digests);
            foreach (var digest in digests) _different.Add(digest, true, static (_, _, state) => state);
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var different = Math.Min(Rows, (long)_different.Scale(_different.Count));
            var ratio = (double)(Rows - different) / Rows;
            var measured = $"{(_different.IsExact ? "" : "about ")}{CheckText.Share(Rows - different, Rows, "rows")}";
            return Result(
                $"{measured} repeat another row.",
                $"at most {CheckText.Percent(check.MaximumRatio)} of the rows repeat another one",
                ratio <= check.MaximumRatio,
                measured) with
            {
                Values = new Dictionary<string, double?> { ["duplicate_ratio"] = ratio, ["different_rows"] = different },
            };
        }
    }
}
