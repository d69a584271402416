using System.Runtime.InteropServices;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for columns that hold one value only, and so tell nothing. One pass; keeps a hash for each column.</summary>
/// <remarks>Missing values are passed over: a column that is empty altogether is found by <see cref="MissingValuesCheck"/>. It takes two rows at least.</remarks>
public sealed class SingleValueColumnsCheck() : DataIntegrityCheck("single_value_columns", ValidationSeverity.Error)
{
    /// <inheritdoc/>
    public override string Description => "Does any column hold the same value in all rows?";

    /// <summary>Gets the largest number of such columns, 0 or more.</summary>
    /// <value>The default value is 0 columns.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumCount { get; init => field = CheckLimit.AtLeast(value, 0); }

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema) => new Scan(this, schema);

    private sealed class Scan(SingleValueColumnsCheck check, DataSchema schema) : DataIntegrityScan(check)
    {
        private readonly int[] _columns = check.ColumnsOf(schema);
        private readonly RowHasher _hasher = new();
        private readonly Dictionary<int, ulong> _first = [];
        private readonly HashSet<int> _several = [];

        protected override void Add(DataBatch rows, long firstRow)
        {
            if (rows.RowCount == 0) return;
            foreach (var index in _columns)
            {
                if (!_several.Contains(index)) Look(rows.Select(schema[index].Name), index);
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            if (Rows < 2) return NotApplicable("There is one row only.");
            string[] single = [.. _columns.Where(index => _first.ContainsKey(index) && !_several.Contains(index)).Select(index => schema[index].Name)];
            var measured = single.Length == 0 ? "none" : Wording.Names(single);
            return Result(
                $"{Wording.Count(single.Length)} of {Wording.Count(_columns.Length, "column")} hold one value only: {measured}.",
                $"at most {Wording.Count(check.MaximumCount, "column")} with one value only",
                single.Length <= check.MaximumCount,
                single.Length == 0 ? "none" : $"{Wording.Count(single.Length)}: {measured}") with
            {
                Values = new Dictionary<string, double?> { ["single_value_columns"] = single.Length },
            };
        }

        private void Look(DataBatch rows, int index)
        {
            // Of most columns the first few rows tell; only those in which they are equal are read to the end.
            const int FirstRows = 8;
            if (rows.RowCount > FirstRows && LookAll(rows.Rows(0, FirstRows), index)) return;
            LookAll(rows, index);
        }

        /// <returns>Whether there are several values.</returns>
        private bool LookAll(DataBatch rows, int index)
        {
            _hasher.Hash(rows, out var hashes, out _);
            var column = rows[0];
            var numbers = column.Type.IsFloatingPoint() && column.Width == 1 ? ColumnNumbers.ToDoubles(column) : null;
            for (var row = 0; row < hashes.Length; row++)
            {
                if (column.IsNull(row) || (numbers is not null && double.IsNaN(numbers[row]))) continue;
                ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, index, out var isKnown);
                if (!isKnown) first = hashes[row];
                else if (first != hashes[row]) return _several.Add(index);
            }

            return false;
        }
    }
}
