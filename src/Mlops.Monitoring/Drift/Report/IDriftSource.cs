using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The two sides of a drift report, whether they are profiles or values.</summary>
internal interface IDriftSource
{
    long ReferenceRowCount { get; }

    long CurrentRowCount { get; }

    IReadOnlyList<ColumnSchema> Reference { get; }

    IReadOnlyList<ColumnSchema> Current { get; }

    /// <summary>Counts the rows and the missing values of a column that both sides have.</summary>
    MissingCounts CountMissing(string column);

    /// <summary>Gets what both sides have in a column of the same kind.</summary>
    ColumnPair Load(ColumnSchema column);

    /// <summary>Gets rows of several columns of numbers; <see langword="null"/> from profiles, which keep none.</summary>
    (RowSet Reference, RowSet Current)? LoadRows(IReadOnlyList<string> columns);
}
