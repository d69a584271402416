using Mlops.State;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IStateStore"/> does. Derive a test class for each implementation.</summary>
public abstract class StateStoreConformance
{
    /// <summary>Makes an empty store.</summary>
    /// <param name="timeProvider">The clock of its leases.</param>
    /// <returns>The store.</returns>
    protected abstract Task<IStateStore> CreateAsync(TimeProvider timeProvider);

    /// <summary>A key that was never written has no value.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task GetAsync_UnknownKey_ReturnsNull()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        Assert.Null(await store.GetAsync("alerts/a", Token));
    }

    /// <summary>What was written is read back, byte by byte.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_NewKey_IsReadBack()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        byte[] value = [0, 1, 255, 0];
        Assert.True(await store.CompareAndSetAsync("alerts/ä 日本 🚕", value, null, Token));
        var entry = await store.GetAsync("alerts/ä 日本 🚕", Token);
        Assert.Equal("alerts/ä 日本 🚕", entry?.Key);
        Assert.Equal(value, entry?.Value.ToArray());
    }

    /// <summary>A value that is changed by its owner afterwards stays as it was written.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_ArrayChangedLater_KeepsContent()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        byte[] value = [1, 2];
        await store.CompareAndSetAsync("k", value, null, Token);
        value[0] = 9;
        Assert.Equal([1, 2], (await store.GetAsync("k", Token))!.Value.ToArray());
    }

    /// <summary>A write that expects other content than there is does nothing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_StaleTag_ReturnsFalseAndChangesNothing()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        await SetAsync(store, "k", 1, null);
        var first = (await store.GetAsync("k", Token))!;
        Assert.True(await SetAsync(store, "k", 2, first.ETag));
        Assert.False(await SetAsync(store, "k", 3, first.ETag));
        Assert.False(await SetAsync(store, "k", 3, null));
        Assert.False(await store.CompareAndSetAsync("k", null, first.ETag, Token));
        Assert.False(await SetAsync(store, "absent", 3, "no such tag"));
        Assert.Equal([2], (await store.GetAsync("k", Token))!.Value.ToArray());
    }

    /// <summary>Deleting and writing the same content again makes another tag.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_DeletedAndWrittenAgain_HasAnotherTag()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        await SetAsync(store, "k", 1, null);
        var first = (await store.GetAsync("k", Token))!;
        Assert.True(await store.CompareAndSetAsync("k", null, first.ETag, Token));
        Assert.Null(await store.GetAsync("k", Token));
        Assert.True(await SetAsync(store, "k", 1, null));
        Assert.NotEqual(first.ETag, (await store.GetAsync("k", Token))!.ETag);
    }

    /// <summary>Of many writers that count up with compare and set, none loses its count.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_ManyWriters_LosesNoUpdate()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                while (true)
                {
                    var entry = await store.GetAsync("count", Token);
                    if (await SetAsync(store, "count", (byte)((entry?.Value.Span[0] ?? 0) + 1), entry?.ETag)) break;
                }
            }
        })));
        Assert.Equal(40, (await store.GetAsync("count", Token))!.Value.Span[0]);
    }

    /// <summary>A listing holds the keys with the prefix, in order, and no others.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ListAsync_Prefix_ReturnsItsKeysInOrder()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        foreach (var key in new[] { "b/2", "b/10", "a", "b", "B/1", "c/1", "b/%" }) await SetAsync(store, key, 1, null);
        Assert.Equal(["b/%", "b/10", "b/2"], await store.ListAsync("b/", Token).Select(entry => entry.Key).ToListAsync(Token));
        Assert.Equal(7, await store.ListAsync("", Token).CountAsync(Token));
    }

    /// <summary>A lease has one holder at a time; giving it back lets the next one take it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TryAcquireLeaseAsync_Held_ReturnsNullUntilDisposed()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        var lease = await store.TryAcquireLeaseAsync("job", TimeSpan.FromMinutes(1), Token);
        Assert.NotNull(lease);
        Assert.Null(await store.TryAcquireLeaseAsync("job", TimeSpan.FromMinutes(1), Token));
        Assert.NotNull(await store.TryAcquireLeaseAsync("other", TimeSpan.FromMinutes(1), Token));
        Assert.True(await SetAsync(store, "job", 1, null));
        await lease.DisposeAsync();
        Assert.NotNull(await store.TryAcquireLeaseAsync("job", TimeSpan.FromMinutes(1), Token));
    }

    /// <summary>A lease whose time is over can be taken, and its first holder neither renews nor releases it any more.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TryAcquireLeaseAsync_Expired_GoesToTheNext()
    {
        var time = new ManualTimeProvider();
        var store = await CreateAsync(time);
        var first = (await store.TryAcquireLeaseAsync("job", TimeSpan.FromSeconds(10), Token))!;
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(await first.RenewAsync(Token));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Null(await store.TryAcquireLeaseAsync("job", TimeSpan.FromSeconds(10), Token));
        time.Advance(TimeSpan.FromSeconds(4));
        var second = await store.TryAcquireLeaseAsync("job", TimeSpan.FromSeconds(10), Token);
        Assert.NotNull(second);
        Assert.False(await first.RenewAsync(Token));
        await first.DisposeAsync();
        Assert.Null(await store.TryAcquireLeaseAsync("job", TimeSpan.FromSeconds(10), Token));
    }

    /// <summary>Of many that ask for a lease at once, one gets it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TryAcquireLeaseAsync_ManyAtOnce_HasOneHolder()
    {
        var store = await CreateAsync(new ManualTimeProvider());
        var leases = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => store.TryAcquireLeaseAsync("job", TimeSpan.FromMinutes(1), Token))));
        Assert.Single(leases, lease => lease is not null);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<bool> SetAsync(IStateStore store, string key, byte value, string? expected)
        => store.CompareAndSetAsync(key, new ReadOnlyMemory<byte>([value]), expected, Token);
}
