using Mlops.Tests;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class SqliteSuitesTests
{
    [Fact]
    public void Suites_OfEveryStore_AreDerivedHere() => Assert.Empty(StoreSuites.FindMissing(typeof(SqliteSuitesTests).Assembly));
}
