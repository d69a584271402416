namespace Mlops.Data;

/// <summary>A named table that can be read as often as wanted, batch by batch, without being held in memory.</summary>
/// <remarks>Safe for concurrent reads. Every read delivers the same rows in the same order. Batches remain valid for ever.</remarks>
public interface IDataset
{
    /// <summary>Gets the name, for reports and lineage.</summary>
    string Name { get; }

    /// <summary>Gets the schema of every batch that <see cref="ReadAsync"/> delivers when it is not asked for fewer columns.</summary>
    DataSchema Schema { get; }

    /// <summary>Reads the rows.</summary>
    /// <param name="options">What to read and in which portions; the defaults of <see cref="ReadOptions"/> when <see langword="null"/>, or batches of the dataset's own size where it was given one (<see cref="DatasetExtensions.Rebatch"/>).</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The rows, in batches that are never empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="ReadOptions.BatchRows"/> is below 1.</exception>
    /// <exception cref="DataFormatException">A row cannot be read; the batches before it have been delivered.</exception>
    /// <exception cref="EntityNotFoundException">The source, or a column that was asked for, does not exist.</exception>
    IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, CancellationToken cancellationToken = default);
}
