using Mlops.Data;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IDataset"/> must fulfil. Derive a test class for yours.</summary>
public abstract class DatasetConformance
{
    /// <summary>Makes a dataset of at least a hundred rows and two columns.</summary>
    /// <returns>The dataset.</returns>
    protected abstract Task<IDataset> CreateAsync();

    /// <summary>Every read delivers the same rows in the same order.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_Twice_GivesTheSameRows()
    {
        var dataset = await CreateAsync();
        Assert.Equal(await DigestAsync(dataset, null), await DigestAsync(dataset, null));
    }

    /// <summary>The size of batches changes nothing but the size of batches.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_AnyBatchSize_GivesTheSameRows()
    {
        var dataset = await CreateAsync();
        var expected = await DigestAsync(dataset, null);
        foreach (var rows in new[] { 1, 63, 64, 65 }) Assert.Equal(expected, await DigestAsync(dataset, new ReadOptions { BatchRows = rows }));
    }

    /// <summary>Batches have the dataset's schema, are never empty and never larger than asked for.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_Batches_HaveTheSchemaAndTheSize()
    {
        var dataset = await CreateAsync();
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { BatchRows = 10 }, TestContext.Current.CancellationToken))
        {
            Assert.Equal(dataset.Schema, batch.Schema);
            Assert.InRange(batch.RowCount, 1, 10);
        }
    }

    /// <summary>Only the columns that are asked for are delivered, in that order.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_SomeColumns_DeliversThemInOrder()
    {
        var dataset = await CreateAsync();
        string[] columns = [dataset.Schema[1].Name, dataset.Schema[0].Name];
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = columns }, TestContext.Current.CancellationToken))
            Assert.Equal(columns, batch.Schema.Select(column => column.Name));
    }

    /// <summary>A column that does not exist is named.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_UnknownColumn_NamesIt()
    {
        var dataset = await CreateAsync();
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => DigestAsync(dataset, new ReadOptions { Columns = ["no such column"] }));
        Assert.Equal("no such column", error.Name);
    }

    /// <summary>A cancelled read ends as cancelled.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ReadAsync_Cancelled_Throws()
    {
        var dataset = await CreateAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in dataset.ReadAsync(null, new CancellationToken(true))) Assert.Fail("A batch was delivered.");
        });
    }

    private static async Task<string> DigestAsync(IDataset dataset, ReadOptions? options)
    {
        DatasetFingerprint? fingerprint = null;
        await foreach (var batch in dataset.ReadAsync(options, TestContext.Current.CancellationToken))
        {
            fingerprint ??= new DatasetFingerprint(batch.Schema);
            fingerprint.Add(batch);
        }

        using (fingerprint) return fingerprint!.Finish();
    }
}
