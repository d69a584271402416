using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for personal data in one column and counts it.</summary>
internal abstract class PiiColumnScan(string column)
{
    private const int RowsShown = 10;
    // How often wrong digits pass the check by chance.
    private const double CardChance = 0.1;
    private const double IbanChance = 1.0 / 97;
    private static readonly int s_kinds = Enum.GetValues<PiiKind>().Length;
    private readonly KindCount[] _counts = [.. Enumerable.Range(0, s_kinds).Select(_ => new KindCount())];

    /// <summary>Gets or sets the number of rows that have a value.</summary>
    protected long Judged { get; set; }

    /// <summary>Makes the scan of a column; <see langword="null"/> where a column of its type can hold nothing.</summary>
    public static PiiColumnScan? Create(ColumnSchema column, PiiRules rules)
    {
        if (column.Type == ElementType.String) return new PiiTextScan(column.Name, rules);
        var canHold = column.Width == 1 && PiiNumber.CanRead(column.Type) && (rules.Has(PiiKind.Card) || rules.Has(PiiKind.Phone));
        return canHold ? new PiiNumberScan(column.Name, rules) : null;
    }

    public abstract void Add(Column values, long firstRow);

    public IEnumerable<PiiFinding> Finish()
    {
        for (var kind = 0; kind < s_kinds; kind++)
        {
            var count = _counts[kind];
            if (count.Rows == 0 || count.Rows < GetMinimumRatio((PiiKind)kind) * Judged) continue;
            var chance = (PiiKind)kind switch { PiiKind.Card => CardChance, PiiKind.Iban => IbanChance, _ => 0 };
            var byChance = count.Misses * chance / (1 - chance);
            var confidence = count.Confidence / count.Values * Math.Max(0, 1 - (byChance / count.Values));
            yield return new PiiFinding(column, (PiiKind)kind, count.Rows, (double)count.Rows / Judged, count.Values, Math.Round(confidence, 4)) { FirstRows = [.. count.FirstRows] };
        }
    }

    protected abstract double GetMinimumRatio(PiiKind kind);

    /// <summary>Counts values of one row.</summary>
    protected void Count(PiiKind kind, long row, long values, double confidence)
    {
        var count = _counts[(int)kind];
        count.Rows++;
        count.Values += values;
        count.Confidence += confidence;
        if (count.FirstRows.Count < RowsShown) count.FirstRows.Add(row);
    }

    /// <summary>Counts values that have all of a kind but the check digits.</summary>
    protected void CountMisses(PiiKind kind, long misses) => _counts[(int)kind].Misses += misses;

    private sealed class KindCount
    {
        public long Rows { get; set; }

        public long Values { get; set; }

        public long Misses { get; set; }

        public double Confidence { get; set; }

        public List<long> FirstRows { get; } = [];
    }
}
