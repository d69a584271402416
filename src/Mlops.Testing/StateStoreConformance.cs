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
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        Assert.Null(await store.GetAsync("alerts/a", Token).ConfigureAwait(false));
    }

    /// <summary>What was written is read back, byte by byte.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_NewKey_IsReadBack()
    {
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        byte[] value = [0, 1, 255, 0];
        Assert.True(await store.CompareAndSetAsync("alerts/ä 日本 🚕", value, null, Token).ConfigureAwait(false));
        var entry = await store.GetAsync("alerts/ä 日本 🚕", Token).ConfigureAwait(false);
        Assert.Equal("alerts/ä 日本 🚕", entry?.Key);
        Assert.Equal(value, entry?.Value.ToArray());
    }

    /// <summary>A value that is changed by its owner afterwards stays as it was written.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_ArrayChangedLater_KeepsContent()
    {
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        byte[] value = [1, 2];
        await store.CompareAndSetAsync("k", value, null, Token).ConfigureAwait(false);
        value[0] = 9;
        Assert.Equal([1, 2], (await store.GetAsync("k", Token).ConfigureAwait(false))!.Value.ToArray());
    }

    /// <summary>A write that expects other content than there is does nothing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_StaleTag_ReturnsFalseAndChangesNothing()
    {
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        await SetAsync(store, "k", 1, null).ConfigureAwait(false);
        var first = (await store.GetAsync("k", Token).ConfigureAwait(false))!;
        Assert.True(await SetAsync(store, "k", 2, first.ETag).ConfigureAwait(false));
        Assert.False(await SetAsync(store, "k", 3, first.ETag).ConfigureAwait(false));
        Assert.False(await SetAsync(store, "k", 3, null).ConfigureAwait(false));
        Assert.False(await store.CompareAndSetAsync("k", null, first.ETag, Token).ConfigureAwait(false));
        Assert.False(await SetAsync(store, "absent", 3, "no such tag").ConfigureAwait(false));
        Assert.Equal([2], (await store.GetAsync("k", Token).ConfigureAwait(false))!.Value.ToArray());
    }

    /// <summary>Deleting and writing the same content again makes another tag.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_DeletedAndWrittenAgain_HasAnotherTag()
    {
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        await SetAsync(store, "k", 1, null).ConfigureAwait(false);
        var first = (await store.GetAsync("k", Token).ConfigureAwait(false))!;
        Assert.True(await store.CompareAndSetAsync("k", null, first.ETag, Token).ConfigureAwait(false));
        Assert.Null(await store.GetAsync("k", Token).ConfigureAwait(false));
        Assert.True(await SetAsync(store, "k", 1, null).ConfigureAwait(false));
        Assert.NotEqual(first.ETag, (await store.GetAsync("k", Token).ConfigureAwait(false))!.ETag);
    }

    /// <summary>Of many writers that count up with compare and set, none loses its count.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task CompareAndSetAsync_ManyWriters_LosesNoUpdate()
    {
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                while (true)
                {
                    var entry = await store.GetAsync("count", Token).ConfigureAwait(false);
                    if (await SetAsync(store, "count", (byte)((entry?.Value.Span[0] ?? 0) + 1), entry?.ETag).ConfigureAwait(false)) break;
                }
            }
        }))).ConfigureAwait(false);
        Assert.Equal(40, (await store.GetAsync("count", Token).ConfigureAwait(false))!.Value.Span[0]);
    }

    /// <summary>A listing holds the keys with the prefix, in order, and no others.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ListAsync_Prefix_ReturnsItsKeysInOrder()
    {
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        foreach (var key in new[] { "b/2", "b/10", "a", "b", "B/1", "c/1", "b/%" }) await SetAsync(store, key, 1, null).ConfigureAwait(false);
        Assert.Equal(["b/%", "b/10", "b/2"], await store.ListAsync("b/", Token).Select(entry => entry.Key).ToListAsync(Token).ConfigureAwait(false));
        Assert.Equal(7, await store.ListAsync("", Token).CountAsync(Token).ConfigureAwait(false));
    }

    /// <summary>A lease has one holder at a time; giving it back lets the next one take it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TryAcquireLeaseAsync_Held_ReturnsNullUntilDisposed()
    {
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        var lease = await store.TryAcquireLeaseAsync("job", TimeSpan.FromMinutes(1), Token).ConfigureAwait(false);
        Assert.NotNull(lease);
        Assert.Null(await store.TryAcquireLeaseAsync("job", TimeSpan.FromMinutes(1), Token).ConfigureAwait(false));
        Assert.NotNull(await store.TryAcquireLeaseAsync("other", TimeSpan.FromMinutes(1), Token).ConfigureAwait(false));
        Assert.True(await SetAsync(store, "job", 1, null).ConfigureAwait(false));
        await lease.DisposeAsync().ConfigureAwait(false);
        Assert.NotNull(await store.TryAcquireLeaseAsync("job", TimeSpan.FromMinutes(1), Token).ConfigureAwait(false));
    }

    /// <summary>A lease whose time is over can be taken, and its first holder neither renews nor releases it any more.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TryAcquireLeaseAsync_Expired_GoesToTheNext()
    {
        var time = new ManualTimeProvider();
        var store = await CreateAsync(time).ConfigureAwait(false);
        var first = (await store.TryAcquireLeaseAsync("job", TimeSpan.FromSeconds(10), Token).ConfigureAwait(false))!;
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(await first.RenewAsync(Token).ConfigureAwait(false));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Null(await store.TryAcquireLeaseAsync("job", TimeSpan.FromSeconds(10), Token).ConfigureAwait(false));
        time.Advance(TimeSpan.FromSeconds(4));
        var second = await store.TryAcquireLeaseAsync("job", TimeSpan.FromSeconds(10), Token).ConfigureAwait(false);
        Assert.NotNull(second);
        Assert.False(await first.RenewAsync(Token).ConfigureAwait(false));
        await first.DisposeAsync().ConfigureAwait(false);
        Assert.Null(await store.TryAcquireLeaseAsync("job", TimeSpan.FromSeconds(10), Token).ConfigureAwait(false));
    }

    /// <summary>Of many that ask for a lease at once, one gets it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task TryAcquireLeaseAsync_ManyAtOnce_HasOneHolder()
    {
        var store = await CreateAsync(new ManualTimeProvider()).ConfigureAwait(false);
        var leases = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => store.TryAcquireLeaseAsync("job", TimeSpan.FromMinutes(1), Token)))).ConfigureAwait(false);
        Assert.Single(leases, lease => lease is not null);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Task<bool> SetAsync(IStateStore store, string key, byte value, string? expected)
        => store.CompareAndSetAsync(key, new ReadOnlyMemory<byte>([value]), expected, Token);
}
