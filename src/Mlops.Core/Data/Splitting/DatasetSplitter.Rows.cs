namespace Mlops.Data;

public static partial class DatasetSplitter
{
    private static async Task<long> CountRowsAsync(IDataset dataset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (dataset is InMemoryDataset memory) return memory.RowCount;
        if (dataset is CatalogDataset version) return version.RowCount;
        if (dataset.Schema.Count == 0) return 0;
        // Any column tells the number of rows; a number costs less than a text or a vector.
        var cheapest = dataset.Schema.MinBy(column => (column.Type == ElementType.String ? 1 : 0, column.Width))!;
        long rows = 0;
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = [cheapest.Name] }, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows += batch.RowCount;
        }

        return rows;
    }

    private static async Task<RowCoder> StrataCoderAsync(IDataset dataset, string? name, int? bins, CancellationToken cancellationToken)
    {
        var column = name is null ? dataset.Schema.Single(ColumnRole.Label) : dataset.Schema[name];
        RequireScalar(dataset, column, "stratified by");
        if (bins is not { } count) return new ValueCoder(dataset.Name, column, isGroup: false);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 2, nameof(bins));
        if (!OrderedBits.CanRead(column.Type))
            throw new ArgumentException($"Column '{column.Name}' of dataset '{dataset.Name}' is {column.Type} and has no quantiles; stratify by its values, without bins.", nameof(bins));
        return await BinCoder.CreateAsync(dataset, column, count, cancellationToken).ConfigureAwait(false);
    }

    private static ValueCoder GroupCoder(IDataset dataset, string? name)
    {
        var column = name is null ? dataset.Schema.Single(ColumnRole.Group) : dataset.Schema[name];
        RequireScalar(dataset, column, "grouped by");
        return new ValueCoder(dataset.Name, column, isGroup: true);
    }

    private static ColumnSchema[] KeyColumns(IDataset dataset, IReadOnlyList<string>? names)
    {
        ColumnSchema[] keys = [.. names is null ? dataset.Schema.Where(column => column.Role == ColumnRole.Key) : names.Select(name => dataset.Schema[name])];
        if (keys.Length == 0 && names is null)
        {
            throw new EntityNotFoundException(
                "column", nameof(ColumnRole.Key), $"No column of dataset '{dataset.Name}' has the role Key; give it to those that identify a row with data.WithRole(name, ColumnRole.Key), or name them.");
        }

        if (keys.Length == 0) throw new ArgumentException("Name at least one column of the key.", nameof(names));
        foreach (var key in keys) RequireScalar(dataset, key, "keys");
        return keys;
    }

    /// <summary>Deals the rows of each stratum to parts, so many to each.</summary>
    private static PackedCodes DealStrata(RowCoder strata, long[][] table, ulong? seed)
    {
        var decks = Array.ConvertAll(table, counts => new PartDeck(counts));
        var random = RowParts.RandomOf(seed ?? 0, strata.Codes.Count);
        return strata.Codes.Map(rows =>
        {
            foreach (ref var code in rows) code = seed is null ? decks[code].DrawFirst() : decks[code].Draw(ref random);
        });
    }

    private static PackedCodes MapCodes(RowCoder rows, int[] partOf) => rows.Codes.Map(codes =>
    {
        foreach (ref var code in codes) code = partOf[code];
    });

    private static void RequireScalar(IDataset dataset, ColumnSchema column, string use)
    {
        if (column.Width > 1)
            throw new ArgumentException($"Rows of column '{column.Name}' of dataset '{dataset.Name}' have {column.Width} elements and cannot be {use}; name a column of single values.", nameof(column));
    }

    private static void RequireRows(IDataset dataset, long rows, int folds = 1)
    {
        if (rows == 0) throw new ArgumentException($"Dataset '{dataset.Name}' has no rows, so that there is nothing to split; check what it reads.", nameof(dataset));
        if (rows < folds) throw new ArgumentException($"Dataset '{dataset.Name}' has {rows} rows, too few for {folds} folds; ask for at most as many folds as rows.", nameof(folds));
    }

    private static void RequireGroups(IDataset dataset, RowCoder groups, int least, string use, string parameter)
    {
        if (groups.Counts.Count < least)
        {
            throw new ArgumentException(
                $"Column '{groups.Column.Name}' of dataset '{dataset.Name}' has {groups.Counts.Count} different groups, too few for {use}. Ask for less, or group by a finer column.", parameter);
        }
    }

    private static void RequireMembers(IDataset dataset, RowCoder strata, int least, string use)
    {
        if (strata.Counts.Max() < least)
        {
            throw new ArgumentException(
                $"No value of column '{strata.Column.Name}' of dataset '{dataset.Name}' occurs in {least} rows, which {use} would need of at least one. Stratify by a column with fewer different values, or not at all.");
        }
    }

    private static void RequireTimes(IDataset dataset, SortedCounts times, long least, string use, string parameter)
    {
        if (times.Values.Length < least)
        {
            throw new ArgumentException(
                $"The rows of dataset '{dataset.Name}' have {times.Values.Length} different times, too few for {use}, for rows of the same time stay together. Ask for less, or use a finer time.", parameter);
        }
    }
}
