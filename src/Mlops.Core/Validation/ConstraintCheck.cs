using System.Globalization;
using System.Text;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks one constraint on the rows of one scan.</summary>
internal abstract class ConstraintCheck(ColumnConstraint constraint)
{
    private const int RowsShown = 10;
    private readonly List<long> _firstRows = [];

    public string Column => constraint.Column;

    protected long Judged { get; set; }

    protected long Violations { get; private set; }

    public static ConstraintCheck Create(ColumnConstraint constraint) => constraint switch
    {
        CompletenessConstraint typed => new Completeness(typed),
        RangeConstraint typed => new Range(typed),
        FiniteConstraint typed => new Finite(typed),
        SetConstraint typed => new Set(typed),
        _ => throw new NotSupportedException($"There is no check of {constraint.GetType().Name}."),
    };

    public abstract void Add(Column column, long firstRow);

    /// <summary>Ends the scan; a finding when the constraint is violated.</summary>
    public abstract ValidationFinding? Finish(long rows);

    protected void Violate(long row)
    {
        Violations++;
        if (_firstRows.Count < RowsShown) _firstRows.Add(row);
    }

    protected ValidationFinding Found(AnomalyKind kind, string message)
        => new(kind, constraint.Severity, constraint.Column, message) { ViolationCount = Violations, FirstRows = [.. _firstRows] };

    protected string Share(string of)
        => string.Create(CultureInfo.InvariantCulture, $"{Violations:N0} of {Judged:N0} {of} ({100.0 * Violations / Judged:0.##} %)");

    protected bool IsWithin(double minimumRatio) => Violations == 0 || Judged - Violations >= minimumRatio * Judged;

    private static bool IsMissing(Column column, int row) => column.IsNull(row)
        || (column is Column<double> doubles && double.IsNaN(doubles.Values[row]))
        || (column is Column<float> floats && float.IsNaN(floats.Values[row]));

    private sealed class Completeness(CompletenessConstraint constraint) : ConstraintCheck(constraint)
    {
        public override void Add(Column column, long firstRow)
        {
            Judged += column.Length;
            for (var row = 0; row < column.Length; row++)
            {
                if (IsMissing(column, row)) Violate(firstRow + row);
            }
        }

        public override ValidationFinding? Finish(long rows) => IsWithin(constraint.MinimumRatio) ? null : Found(
            AnomalyKind.Incomplete,
            string.Create(CultureInfo.InvariantCulture, $"{Share("values")} are missing; at least {100 * constraint.MinimumRatio:0.#} % expected to be there."));
    }

    private sealed class Range(RangeConstraint constraint) : ConstraintCheck(constraint)
    {
        private long _below;

        public override void Add(Column column, long firstRow)
        {
            var values = ColumnNumbers.ToDoubles(column);
            for (var row = 0; row < values.Length; row++)
            {
                if (double.IsNaN(values[row])) continue;
                Judged++;
                if (values[row] < constraint.Minimum)
                {
                    _below++;
                    Violate(firstRow + row);
                }
                else if (values[row] > constraint.Maximum)
                {
                    Violate(firstRow + row);
                }
            }
        }

        public override ValidationFinding? Finish(long rows)
        {
            if (IsWithin(constraint.MinimumRatio)) return null;
            var sides = _below == 0 ? "above" : _below == Violations ? "below" : "outside";
            return Found(
                _below * 2 > Violations ? AnomalyKind.BelowRange : AnomalyKind.AboveRange,
                string.Create(CultureInfo.InvariantCulture, $"{Share("values")} are {sides} the range [{constraint.Minimum:g6}, {constraint.Maximum:g6}]."));
        }
    }

    private sealed class Finite(FiniteConstraint constraint) : ConstraintCheck(constraint)
    {
        public override void Add(Column column, long firstRow)
        {
            var values = ColumnNumbers.ToDoubles(column);
            for (var row = 0; row < values.Length; row++)
            {
                if (column.IsNull(row)) continue;
                Judged++;
                if (!double.IsFinite(values[row])) Violate(firstRow + row);
            }
        }

        public override ValidationFinding? Finish(long rows) => Violations == 0 ? null : Found(AnomalyKind.NotFinite, $"{Share("values")} are NaN or infinite.");
    }

    private sealed class Set(SetConstraint constraint) : ConstraintCheck(constraint)
    {
        private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _values
            = constraint.Values.ToHashSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

        private char[] _text = new char[256];

        public override void Add(Column column, long firstRow)
        {
            for (var row = 0; row < column.Length; row++)
            {
                if (column.IsNull(row)) continue;
                Judged++;
                var isIn = column switch
                {
                    TextColumn text => _values.Contains(Decode(text.GetUtf8(row))),
                    Column<bool> flags => _values.Contains(flags.Values[row] ? "true" : "false"),
                    _ => throw new ArgumentException($"Column '{Column}' is {column.Type}; only texts and booleans can be of a set.", nameof(column)),
                };
                if (!isIn) Violate(firstRow + row);
            }
        }

        public override ValidationFinding? Finish(long rows) => IsWithin(constraint.MinimumRatio) ? null
            : Found(AnomalyKind.NotInSet, $"{Share("values")} are not among the {constraint.Values.Count} that are known.");

        private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> utf8)
        {
            if (utf8.Length > _text.Length) _text = new char[utf8.Length];
            return _text.AsSpan(0, Encoding.UTF8.GetChars(utf8, _text));
        }
    }
}
