using System.Text;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for texts that have neither a letter nor a digit: <c>???</c>, <c>--</c>, blanks. One pass; keeps a count for each column.</summary>
/// <remarks>Empty texts are not counted. A warning by default, as in the check's model, deepchecks.</remarks>
public sealed class SpecialCharactersCheck() : DataIntegrityCheck("special_characters", ValidationSeverity.Warning)
{
    /// <inheritdoc/>
    public override string Description => "Are there texts of nothing but special characters?";

    /// <summary>Gets the largest share of a column's rows, 0..1.</summary>
    /// <value>The default value is 0.001.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MaximumRatio { get; init => field = CheckLimit.Ratio(value); } = 0.001;

    private protected override string? FindObstacle(DataSchema schema) => ColumnsOf(schema, IsText).Length == 0 ? "There is no column of texts." : null;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema) => new Scan(this, schema);

    private sealed class Scan(SpecialCharactersCheck check, DataSchema schema) : DataIntegrityScan(check)
    {
        private readonly int[] _columns = check.ColumnsOf(schema, IsText);
        private readonly long[] _counts = new long[schema.Count];

        protected override void Add(DataBatch rows, long firstRow)
        {
            foreach (var index in _columns)
            {
                TextEntries.Visit((TextColumn)rows[index], (utf8, times) =>
                {
                    if (!utf8.IsEmpty && IsSpecial(utf8)) _counts[index] += times;
                });
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var shares = new ColumnShares();
            foreach (var index in _columns) shares.Add(schema[index], _counts[index], Rows);
            return shares.ToResult(check, "special_characters", "texts of special characters only", "rows", check.MaximumRatio);
        }

        private static bool IsSpecial(ReadOnlySpan<byte> utf8)
        {
            while (!utf8.IsEmpty)
            {
                Rune.DecodeFromUtf8(utf8, out var rune, out var length);
                if (Rune.IsLetterOrDigit(rune)) return false;
                utf8 = utf8[length..];
            }

            return true;
        }
    }
}
