using Mlops.Tests;

namespace Mlops.Tracking.PostgreSql.Tests;

public sealed class PostgreSqlSuitesTests
{
    [Fact]
    public void Suites_OfEveryStore_AreDerivedHere() => Assert.Empty(StoreSuites.FindMissing(typeof(PostgreSqlSuitesTests).Assembly));
}
