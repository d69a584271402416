using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>Datasets of one schema, one after another: the files of a folder, the months of a year.</summary>
public sealed class PartitionedDataset : IDataset
{
    private readonly IDataset[] _partitions;

    /// <summary>Creates a dataset.</summary>
    /// <param name="name">The name.</param>
    /// <param name="schema">The schema of every partition.</param>
    /// <param name="partitions">The datasets, in order.</param>
    /// <param name="parallelism">How many of them are read at the same time; rows keep their order. Up to four batches of each wait in memory.</param>
    /// <exception cref="ArgumentException">A partition has another schema.</exception>
    public PartitionedDataset(string name, DataSchema schema, IEnumerable<IDataset> partitions, int parallelism = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(partitions);
        ArgumentOutOfRangeException.ThrowIfLessThan(parallelism, 1);
        _partitions = [.. partitions];
        if (Array.Find(_partitions, partition => !partition.Schema.Equals(schema)) is { } other)
            throw new ArgumentException($"'{other.Name}' has another schema than '{name}'; select or cast its columns first.", nameof(partitions));
        Name = name;
        Schema = schema;
        Parallelism = parallelism;
        BadRows = new BadRowUnion($"{name}, bad rows", _partitions);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public DataSchema Schema { get; }

    /// <summary>Gets the datasets, in order.</summary>
    public IReadOnlyList<IDataset> Partitions => _partitions;

    /// <summary>Gets the rows that do not fit the schema, of all partitions that are read from a source, as <see cref="RowDataset.BadRows"/> of each tells them.</summary>
    public IDataset BadRows { get; }

    /// <summary>Gets how many partitions are read at the same time.</summary>
    public int Parallelism { get; }

    /// <inheritdoc/>
    public IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ReadOptions();
        options.Check();
        if (options.Columns is not null) Schema.Select(options.Columns);
        var sources = _partitions.Select(Func<CancellationToken, IAsyncEnumerable<DataBatch>> (partition) => token => partition.ReadAsync(options, token)).ToArray();
        return Parallelism == 1 ? ReadInTurnAsync(sources, cancellationToken) : OrderedParallel.ReadAsync(sources.ToAsyncEnumerable(), Parallelism, cancellationToken);
    }

    private static async IAsyncEnumerable<DataBatch> ReadInTurnAsync(
        Func<CancellationToken, IAsyncEnumerable<DataBatch>>[] sources, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var source in sources)
        {
            await foreach (var batch in source(cancellationToken).ConfigureAwait(false)) yield return batch;
        }
    }

    private sealed class BadRowUnion(string name, IDataset[] partitions) : IDataset
    {
        public string Name => name;

        public DataSchema Schema => BadRowDataset.RowSchema;

        public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            options ??= new ReadOptions();
            options.Check();
            if (options.Columns is not null) Schema.Select(options.Columns);
            foreach (var partition in partitions)
            {
                var badRows = partition switch { RowDataset rows => rows.BadRows, PartitionedDataset nested => nested.BadRows, _ => null };
                if (badRows is null) continue;
                await foreach (var batch in badRows.ReadAsync(options, cancellationToken).ConfigureAwait(false)) yield return batch;
            }
        }
    }
}
