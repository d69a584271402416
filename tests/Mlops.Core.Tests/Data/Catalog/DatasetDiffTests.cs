using Mlops.Artifacts;
using Mlops.Data;
using Mlops.State;

namespace Mlops.Core.Tests.Data.Catalog;

public sealed class DatasetDiffTests
{
    private readonly DatasetCatalog _catalog = new(new InMemoryArtifactStore(), new InMemoryStateStore());

    private static readonly DataSchema s_schema = new(
        new ColumnSchema("group", ElementType.String, ColumnRole.Key), new ColumnSchema("id", ElementType.Int32, ColumnRole.Key), new ColumnSchema("value", ElementType.Float64), new ColumnSchema("text", ElementType.String));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Random versions against a comparison by dictionaries in memory.</summary>
    [Fact]
    public async Task DiffAsync_RandomChanges_AgreesWithBruteForce()
    {
        for (var seed = 0; seed < 25; seed++)
        {
            var random = new Random(seed);
            var before = Enumerable.Range(0, random.Next(3) == 0 ? random.Next(20) : random.Next(4000)).Select(id => NewRow(id, random)).ToList();
            var after = Change(before, random);
            await _catalog.RegisterAsync($"d{seed}", Dataset(before), new DatasetRegistration { AlwaysNew = true }, Token);
            await _catalog.RegisterAsync($"d{seed}", Dataset(after), new DatasetRegistration { AlwaysNew = true }, Token);
            var diff = await _catalog.DiffAsync($"d{seed}@1", $"d{seed}@2", cancellationToken: Token);
            Assert.Equal(["group", "id"], diff.Key);

            var (old, present) = (before.ToDictionary(row => (row.Group, row.Id)), after.ToDictionary(row => (row.Group, row.Id)));
            var added = after.Where(row => !old.ContainsKey((row.Group, row.Id))).ToList();
            var removed = before.Where(row => !present.ContainsKey((row.Group, row.Id))).ToList();
            var changedBefore = before.Where(row => present.TryGetValue((row.Group, row.Id), out var now) && now != row).ToList();
            var changedAfter = after.Where(row => old.TryGetValue((row.Group, row.Id), out var then) && then != row).ToList();
            Assert.Equal((added.Count, removed.Count, changedAfter.Count), (diff.AddedCount, diff.RemovedCount, diff.ChangedCount));
            Assert.Equal(added, await RowsAsync(diff.Added));
            Assert.Equal(removed, await RowsAsync(diff.Removed));
            Assert.Equal(changedBefore, await RowsAsync(diff.ChangedBefore));
            Assert.Equal(changedAfter, await RowsAsync(diff.ChangedAfter));
            Assert.Equal(added.Count + removed.Count + changedAfter.Count == 0, diff.IsEmpty);

            // As multisets of whole rows.
            var whole = await _catalog.DiffAsync($"d{seed}@1", $"d{seed}@2", [], Token);
            Assert.Equal((added.Count + changedAfter.Count, removed.Count + changedBefore.Count, 0), (whole.AddedCount, whole.RemovedCount, whole.ChangedCount));
        }
    }

    [Fact]
    public async Task DiffAsync_WholeRowsThatRepeat_CountsThem()
    {
        var random = new Random(5);
        for (var round = 0; round < 20; round++)
        {
            Row[] kinds = [.. Enumerable.Range(0, 4).Select(id => new Row("g", id, id, null))];
            var (before, after) = (random.GetItems(kinds, random.Next(300)), random.GetItems(kinds, random.Next(300)));
            await _catalog.RegisterAsync("rows", Dataset(before), new DatasetRegistration { AlwaysNew = true }, Token);
            await _catalog.RegisterAsync("rows", Dataset(after), new DatasetRegistration { AlwaysNew = true }, Token);
            var diff = await _catalog.DiffAsync($"rows@{(2 * round) + 1}", $"rows@{(2 * round) + 2}", [], Token);
            Assert.Equal(kinds.SelectMany(kind => Enumerable.Repeat(kind, Math.Max(0, after.Count(row => row == kind) - before.Count(row => row == kind)))), (await RowsAsync(diff.Added)).OrderBy(row => row.Id));
            Assert.Equal(kinds.SelectMany(kind => Enumerable.Repeat(kind, Math.Max(0, before.Count(row => row == kind) - after.Count(row => row == kind)))), (await RowsAsync(diff.Removed)).OrderBy(row => row.Id));
        }
    }

    [Fact]
    public async Task DiffAsync_KeyThatRepeats_IsRefusedWithoutItsValue()
    {
        Row[] good = [.. Enumerable.Range(0, 50).Select(id => new Row("secret", id, 1, "a"))];
        await _catalog.RegisterAsync("d", Dataset(good), cancellationToken: Token);
        await _catalog.RegisterAsync("d", Dataset([.. good, good[7] with { Value = 2 }, good[7] with { Value = 3 }]), cancellationToken: Token);
        await _catalog.RegisterAsync("d", Dataset([.. good[..30], new Row("secret", 99, 1, ""), new Row("secret", 99, 2, "")]), cancellationToken: Token);
        foreach (var (before, after, named, count) in new[] { ("d@1", "d@2", "d@2", 2), ("d@2", "d@1", "d@2", 2), ("d@1", "d@3", "d@3", 1) })
        {
            var error = await Assert.ThrowsAsync<EntityConflictException>(() => _catalog.DiffAsync(before, after, cancellationToken: Token));
            Assert.Contains($"'{named}': {count} rows", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task DiffAsync_ChunksThatBothHave_AreNotRead()
    {
        var artifacts = new InMemoryArtifactStore();
        var catalog = new DatasetCatalog(artifacts, new InMemoryStateStore());
        await catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 20_000)), cancellationToken: Token);
        await catalog.RegisterAsync("trips", CatalogRows.Trips(Enumerable.Range(0, 20_000).Where(id => id != 9000)), cancellationToken: Token);
        var (before, after) = ((await catalog.OpenAsync("trips@1", Token)).Chunks, (await catalog.OpenAsync("trips@2", Token)).Chunks);
        var shared = before.IntersectBy(after.Select(chunk => chunk.Id), chunk => chunk.Id).ToList();
        Assert.True(shared.Count > before.Count - 6);
        foreach (var chunk in shared) await artifacts.DeleteAsync(CatalogFiles.ChunkPath(chunk.Id), cancellationToken: Token);
        var diff = await catalog.DiffAsync("trips@1", "trips@2", cancellationToken: Token);
        Assert.Equal((0, 1, 0), (diff.AddedCount, diff.RemovedCount, diff.ChangedCount));
        Assert.Equal(9000L, Assert.Single(await CatalogRows.ReadAsync(diff.Removed))[0]);
    }

    [Fact]
    public async Task DiffAsync_OtherSchema_TellsItAndComparesCommonColumns()
    {
        var before = InMemoryDataset.FromColumns(
            "b", (new("id", ElementType.Int64, ColumnRole.Key), new Column<long>([1, 2, 3])), (new("x", ElementType.Float64), new Column<double>([1, 2, 3])),
            (new("y", ElementType.Int32), new Column<int>([1, 1, 1])), (new("gone", ElementType.Int32), new Column<int>([1, 1, 1])));
        var after = InMemoryDataset.FromColumns(
            "a", (new("new", ElementType.Int32), new Column<int>([1, 1, 1])), (new("x", ElementType.Float64, ColumnRole.Label), new Column<double>([1, 2.5, 4])),
            (new("y", ElementType.Int64), new Column<long>([9, 9, 9])), (new("id", ElementType.Int64, ColumnRole.Key), new Column<long>([1, 2, 4])));
        await _catalog.RegisterAsync("d", before, cancellationToken: Token);
        await _catalog.RegisterAsync("d", after, cancellationToken: Token);
        var diff = await _catalog.DiffAsync("d@1", "d@2", cancellationToken: Token);
        Assert.Equal((1, 1, 1), (diff.AddedCount, diff.RemovedCount, diff.ChangedCount));
        Assert.Equal([("new", null, after.Schema[0]), ("x", before.Schema[1], after.Schema[1]), ("y", before.Schema[2], after.Schema[2]), ("gone", before.Schema[3], null)], diff.SchemaChanges.Select(change => (change.Name, change.Before, change.After)));
        Assert.Equal([9L], (await CatalogRows.ReadAsync(diff.ChangedAfter)).Select(row => row[2]));

        await Assert.ThrowsAsync<EntityNotFoundException>(() => _catalog.DiffAsync("d@1", "d@2", ["gone"], Token));
        await Assert.ThrowsAsync<ArgumentException>(() => _catalog.DiffAsync("d@1", "d@2", ["y"], Token));
        await _catalog.RegisterAsync("d", InMemoryDataset.FromColumns("c", (new("other", ElementType.Int64), new Column<long>([1]))), cancellationToken: Token);
        await Assert.ThrowsAsync<ArgumentException>(() => _catalog.DiffAsync("d@1", "d@3", [], Token));
    }

    [Fact]
    public async Task DiffAsync_SameRowsInAnotherOrder_IsEmpty()
    {
        var dataset = CatalogRows.AllTypes(2000, 3, nullsIn: 0);
        var batch = Assert.Single((await Batches(dataset)).Chunk(int.MaxValue).Select(batches => batches));
        var turned = new InMemoryDataset("turned", dataset.Schema, batch.Reverse().Select(part => part.Take([.. Enumerable.Range(0, part.RowCount).Reverse()])));
        await _catalog.RegisterAsync("d", dataset, cancellationToken: Token);
        Assert.Equal(2, (await _catalog.RegisterAsync("d", turned, cancellationToken: Token)).Version);
        Assert.True((await _catalog.DiffAsync("d@1", "d@2", cancellationToken: Token)).IsEmpty);
        Assert.True((await _catalog.DiffAsync("d@1", "d@2", [], Token)).IsEmpty);
        Assert.True((await _catalog.DiffAsync("d@1", "d@1", [], Token)).IsEmpty);
    }

    private static async Task<List<DataBatch>> Batches(IDataset dataset)
    {
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.ReadAsync(null, Token)) batches.Add(batch);
        return batches;
    }

    private static Row NewRow(int id, Random random) => new(id % 3 == 0 ? null : $"g{id % 5}", id, random.Next(4) == 0 ? null : random.Next(3), random.Next(3) == 0 ? null : $"t{random.Next(3)}");

    private static List<Row> Change(List<Row> rows, Random random)
    {
        var changed = new List<Row>();
        var share = random.NextDouble() * 0.1;
        foreach (var row in rows)
        {
            if (random.NextDouble() < share) continue;
            changed.Add(random.NextDouble() < share ? NewRow(row.Id, random) : row);
            if (random.NextDouble() < share) changed.Add(NewRow(10_000 + row.Id, random));
        }

        if (changed.Count > 3 && random.Next(2) == 0) (changed[1], changed[^1]) = (changed[^1], changed[1]);
        return changed;
    }

    private static InMemoryDataset Dataset(IReadOnlyList<Row> rows)
    {
        var (ids, values) = (new ColumnBuilder<int>(), new ColumnBuilder<double>());
        foreach (var row in rows)
        {
            ids.Append(row.Id);
            values.Append(row.Value);
        }

        return new InMemoryDataset("d", s_schema, new DataBatch(s_schema, TextColumn.FromStrings([.. rows.Select(row => row.Group)]), ids.Build(), values.Build(), TextColumn.FromStrings([.. rows.Select(row => row.Text)])));
    }

    private static async Task<List<Row>> RowsAsync(IDataset dataset) => [.. (await CatalogRows.ReadAsync(dataset)).Select(row => new Row((string?)row[0], (int)row[1]!, (double?)row[2], (string?)row[3]))];

    private sealed record Row(string? Group, int Id, double? Value, string? Text);
}
