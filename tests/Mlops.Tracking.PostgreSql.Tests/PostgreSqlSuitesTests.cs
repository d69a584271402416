using Mlops.State;
using Mlops.Testing;

namespace Mlops.Tracking.PostgreSql.Tests;

public sealed class PostgreSqlSuitesTests
{
    // A suite is one of the stores when that is what it asks its deriving class to make.
    private static readonly Type[] s_made = [typeof(Task<TrackingStores>), typeof(Task<IModelRegistry>), typeof(Task<IStateStore>)];

    [Fact]
    public void Suites_OfEveryStore_AreDerivedHere()
    {
        var suites = typeof(TrackingStores).Assembly.GetTypes().Where(type => type.IsAbstract && type.Name.EndsWith("Conformance", StringComparison.Ordinal)
            && type.GetMethods(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic).Any(method => method.IsAbstract && s_made.Contains(method.ReturnType))).ToList();
        Assert.Contains(typeof(RunSearchConformance), suites);
        var derived = typeof(PostgreSqlSuitesTests).Assembly.GetTypes().Select(type => type.BaseType).ToHashSet();
        Assert.Empty(suites.Where(suite => !derived.Contains(suite)).Select(suite => suite.Name));
    }
}
