using Mlops.State;
using Mlops.Testing;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Pii;

public sealed class StatePiiTokenStoreTests : PiiTokenStoreConformance
{
    protected override Task<IPiiTokenStore> CreateAsync() => Task.FromResult<IPiiTokenStore>(new StatePiiTokenStore(new InMemoryStateStore()));

    [Fact]
    public async Task AddAsync_TokenDeletedMeanwhile_IsKeptAgain()
    {
        var state = new ForgetfulStateStore();
        await new StatePiiTokenStore(state).AddAsync(new Dictionary<string, ReadOnlyMemory<byte>> { ["[ip-g]"] = new byte[] { 1 } }, TestContext.Current.CancellationToken);
        Assert.Equal(2, state.Writes);
    }

    /// <summary>Refuses the first write because of content that is gone when it is read.</summary>
    private sealed class ForgetfulStateStore : IStateStore
    {
        public int Writes { get; private set; }

        public Task<StateEntry?> GetAsync(string key, CancellationToken cancellationToken = default) => Task.FromResult<StateEntry?>(null);

        public Task<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? value, string? expectedETag, CancellationToken cancellationToken = default) => Task.FromResult(++Writes > 1);

        public Task<IStateLease?> TryAcquireLeaseAsync(string key, TimeSpan duration, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<StateEntry> ListAsync(string prefix, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
