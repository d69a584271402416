using Mlops.Testing;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Pii;

public sealed class InMemoryPiiTokenStoreTests : PiiTokenStoreConformance
{
    protected override Task<IPiiTokenStore> CreateAsync() => Task.FromResult<IPiiTokenStore>(new InMemoryPiiTokenStore());
}
