using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>The columns of numbers that are tested together: those that have values on both sides, because one without any would leave no row whole.</summary>
internal sealed class RowColumns
{
    private const int Named = 3;

    private readonly RowSet _reference;
    private readonly RowSet _current;
    private readonly string[] _kept;
    private readonly string[] _leftOut;
    private readonly int[] _referenceMissing;
    private readonly int[] _currentMissing;

    private RowColumns(RowSet reference, RowSet current, string[] columns, IDriftSource source)
    {
        var (first, second) = (CountMissing(reference), CountMissing(current));
        bool IsKept(int k) => !(reference.Count > 0 && first[k] == reference.Count) && !(current.Count > 0 && second[k] == current.Count);
        int[] kept = [.. Enumerable.Range(0, columns.Length).Where(IsKept)];
        _kept = Array.ConvertAll(kept, k => columns[k]);
        _leftOut = [.. columns.Except(_kept, StringComparer.Ordinal)];
        (_referenceMissing, _currentMissing) = (Array.ConvertAll(kept, k => first[k]), Array.ConvertAll(kept, k => second[k]));
        (_reference, _current) = _leftOut.Length > 0 && _kept.Length > 0 && source.LoadRows(_kept) is var (x, y) ? (x, y) : (reference, current);
    }

    /// <summary>Takes the columns that can be tested together; <see langword="null"/> from profiles.</summary>
    public static RowColumns? Take(string[] columns, IDriftSource source)
        => source.LoadRows(columns) is var (reference, current) ? new RowColumns(reference, current, columns, source) : null;

    /// <summary>Tests them; the reason names the columns that are left out, and where too few rows are whole, those that are to blame.</summary>
    public DriftResult Test(IRowDriftTest test, DriftTestOptions options, CancellationToken cancellationToken)
    {
        var leftOut = _leftOut.Length == 0 ? "" : $" Left out, without a finite value in the rows of a side{Quote(_leftOut)}.";
        if (_kept.Length == 0) return new DriftResult(test.Name, DriftVerdict.NotEnoughData, $"No column is left to test together.{leftOut}", 0, 0);
        var result = test.Test(_reference, _current, options, cancellationToken);
        var blame = result.Verdict == DriftVerdict.NotEnoughData ? Blame() : "";
        return leftOut.Length + blame.Length == 0 ? result : result with { Reason = result.Reason + blame + leftOut };
    }

    private string Blame()
    {
        int[] worst = [.. Enumerable.Range(0, _kept.Length).Where(k => _referenceMissing[k] + _currentMissing[k] > 0).OrderByDescending(k => _referenceMissing[k] + _currentMissing[k]).Take(Named)];
        return worst.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" Rows with a missing value are left out; of {_reference.Count} and {_current.Count} rows, most are missing in ")
            + string.Join(", ", worst.Select(k => string.Create(CultureInfo.InvariantCulture, $"'{_kept[k]}' ({_referenceMissing[k]} and {_currentMissing[k]})")))
            + $". Leave such columns out with {nameof(DriftReportOptions.ExcludedColumns)}.";
    }

    private static string Quote(string[] columns) => DriftReport.List(Array.ConvertAll(columns, column => $"'{column}'"));

    /// <summary>Counts, column by column, the values that are not finite, as tests of rows take them for missing.</summary>
    private static int[] CountMissing(RowSet rows)
    {
        var missing = new int[rows.Width];
        var values = rows.Values.Span;
        for (var i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i])) missing[i % rows.Width]++;
        }

        return missing;
    }
}
