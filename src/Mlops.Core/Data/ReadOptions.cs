namespace Mlops.Data;

/// <summary>What to read from a dataset, and in which portions.</summary>
public sealed class ReadOptions
{
    /// <summary>The default of <see cref="BatchRows"/>: a column of 8-byte values stays below the large object heap's threshold.</summary>
    public const int DefaultBatchRows = 4096;

    /// <summary>Gets the number of rows in each batch; the last one may have fewer. A filter may make batches smaller.</summary>
    /// <value>The default value is 4096 rows.</value>
    public int BatchRows { get; init; } = DefaultBatchRows;

    /// <summary>Gets the columns to read, in this order; all when <see langword="null"/>.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Throws when an option is out of its range.</summary>
    internal void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(BatchRows, 1, nameof(BatchRows));
}
