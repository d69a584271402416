using Mlops.Validation;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IPiiTokenStore"/> does. Derive a test class for each implementation.</summary>
public abstract class PiiTokenStoreConformance
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes an empty store.</summary>
    /// <returns>The store.</returns>
    protected abstract Task<IPiiTokenStore> CreateAsync();

    /// <summary>A token that was never kept stands for nothing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task FindAsync_UnknownToken_ReturnsNull() => Assert.Null(await (await CreateAsync()).FindAsync("[email-absent]", Token));

    /// <summary>What was kept is found, byte by byte, even where its owner changes the array afterwards.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AddAsync_NewTokens_AreFound()
    {
        var store = await CreateAsync();
        byte[] first = [0, 255, 1];
        await store.AddAsync(new Dictionary<string, ReadOnlyMemory<byte>> { ["[email-g]"] = first, ["[card-h]"] = new byte[] { 7 } }, Token);
        first[0] = 9;
        Assert.Equal([0, 255, 1], (await store.FindAsync("[email-g]", Token))!.Value.ToArray());
        Assert.Equal([7], (await store.FindAsync("[card-h]", Token))!.Value.ToArray());
    }

    /// <summary>Keeping the same again changes nothing; other content for a token is refused, and what was there stays.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AddAsync_TokenIsKept_AcceptsTheSameContentOnly()
    {
        var store = await CreateAsync();
        await store.AddAsync(One("[ip-g]", 1), Token);
        await store.AddAsync(One("[ip-g]", 1), Token);
        var error = await Assert.ThrowsAsync<EntityConflictException>(() => store.AddAsync(One("[ip-g]", 2), Token));
        Assert.Equal("[ip-g]", error.Name);
        Assert.Equal([1], (await store.FindAsync("[ip-g]", Token))!.Value.ToArray());
    }

    /// <summary>Hosts that keep the same tokens at once do not disturb each other.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task AddAsync_ManyAtOnce_KeepsAll()
    {
        var store = await CreateAsync();
        var tokens = Enumerable.Range(0, 50).ToDictionary(i => $"[phone-{(char)('g' + (i / 10))}{(char)('g' + (i % 10))}]", i => (ReadOnlyMemory<byte>)new[] { (byte)i });
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => store.AddAsync(tokens, Token), Token)));
        foreach (var (token, content) in tokens) Assert.Equal(content.ToArray(), (await store.FindAsync(token, Token))!.Value.ToArray());
    }

    /// <summary>A cancelled operation says so.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task Operations_Cancelled_Throw()
    {
        var store = await CreateAsync();
        var cancelled = new CancellationToken(true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.AddAsync(One("[ip-g]", 1), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.FindAsync("[ip-g]", cancelled));
    }

    private static Dictionary<string, ReadOnlyMemory<byte>> One(string token, byte content) => new() { [token] = new[] { content } };
}
