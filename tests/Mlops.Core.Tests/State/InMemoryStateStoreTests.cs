using Mlops.State;
using Mlops.Testing;

namespace Mlops.Core.Tests.State;

public sealed class InMemoryStateStoreTests : StateStoreConformance
{
    protected override Task<IStateStore> CreateAsync(TimeProvider timeProvider) => Task.FromResult<IStateStore>(new InMemoryStateStore(timeProvider));
}
