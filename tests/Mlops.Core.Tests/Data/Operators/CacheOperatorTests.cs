using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class CacheOperatorTests
{
    private static readonly InMemoryDataset s_data = RandomData.Create(1, 300);

    [Fact]
    public async Task Cache_ManyReads_ReadTheSourceOnce()
    {
        var source = new RecordingDataset(s_data);
        var cached = source.Cache();
        Assert.Empty(source.Reads);
        DatasetRows.AssertSame(await DatasetRows.ReadAsync(s_data), await DatasetRows.ReadLawfullyAsync(cached));
        Assert.Single(source.Reads);
        Assert.Equal(300, source.RowsDelivered);
    }

    [Fact]
    public async Task Cache_ReadersAtTheSameTime_ShareOneReading()
    {
        var gate = new TaskCompletionSource();
        var source = new RecordingDataset(s_data) { BeforeBatch = cancellationToken => gate.Task.WaitAsync(cancellationToken) };
        var cached = source.Cache();
        var readers = Enumerable.Range(0, 8).Select(_ => DatasetRows.ReadAsync(cached)).ToArray();
        Assert.All(readers, reader => Assert.False(reader.IsCompleted));
        gate.SetResult();
        foreach (var rows in await Task.WhenAll(readers)) Assert.Equal(300, rows.Count);
        Assert.Single(source.Reads);
    }

    [Fact]
    public async Task Cache_FailedReading_IsForgotten()
    {
        var isBroken = true;
        var source = new RecordingDataset(s_data) { BeforeBatch = _ => isBroken ? throw new DataFormatException("data", 7, null, "Broken.") : Task.CompletedTask };
        var cached = source.Cache();
        await Assert.ThrowsAsync<DataFormatException>(() => DatasetRows.ReadAsync(cached));
        await Assert.ThrowsAsync<DataFormatException>(() => DatasetRows.ReadAsync(cached));
        isBroken = false;
        Assert.Equal(300, (await DatasetRows.ReadAsync(cached)).Count);
        Assert.Equal(300, (await DatasetRows.ReadAsync(cached)).Count);
        Assert.Equal(3, source.Reads.Count);
    }

    [Fact]
    public async Task Cache_FirstReaderCancelled_OthersGoOn()
    {
        var gate = new TaskCompletionSource();
        var source = new RecordingDataset(s_data) { BeforeBatch = cancellationToken => gate.Task.WaitAsync(cancellationToken) };
        var cached = source.Cache();
        using var cancelled = new CancellationTokenSource();
        var first = ReadAsync(cached, cancelled.Token);
        var second = ReadAsync(cached, TestContext.Current.CancellationToken);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal(300, await second);
        Assert.Single(source.Reads);
    }

    [Fact]
    public async Task Cache_AllReadersCancelled_EndsTheReadingAndBeginsAnew()
    {
        var ended = new TaskCompletionSource();
        var isWaiting = true;
        var source = new RecordingDataset(s_data)
        {
            BeforeBatch = async cancellationToken =>
            {
                if (!isWaiting) return;
                cancellationToken.UnsafeRegister(_ => ended.TrySetResult(), null);
                await Task.Delay(Timeout.Infinite, cancellationToken);
            },
        };
        var cached = source.Cache();
        using var cancelled = new CancellationTokenSource();
        var readers = new[] { ReadAsync(cached, cancelled.Token), ReadAsync(cached, cancelled.Token) };
        while (source.Reads.IsEmpty) await Task.Yield();
        await cancelled.CancelAsync();
        foreach (var reader in readers) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reader);
        // Nobody waits: the source is not read on for nothing.
        await ended.Task.WaitAsync(TestContext.Current.CancellationToken);
        isWaiting = false;
        Assert.Equal(300, await ReadAsync(cached, TestContext.Current.CancellationToken));
        Assert.Equal(2, source.Reads.Count);
    }

    private static async Task<int> ReadAsync(IDataset dataset, CancellationToken cancellationToken)
    {
        var rows = 0;
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken)) rows += batch.RowCount;
        return rows;
    }
}
