using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Tracking.Tests;

public sealed class InMemorySuitesTests
{
    [Fact]
    public void Suites_OfEveryStore_AreDerivedHere()
        // The store of state is Core's, and its suite derived there.
        => Assert.Equal([nameof(StateStoreConformance)], StoreSuites.FindMissing(typeof(InMemorySuitesTests).Assembly));
}
