using System.Reflection;
using Mlops.State;
using Mlops.Testing;
using Mlops.Tracking;

namespace Mlops.Tests;

/// <summary>Finds the conformance suites of stores that a test project does not derive.</summary>
internal static class StoreSuites
{
    // A suite is one of the stores when that is what it asks its deriving class to make.
    private static readonly Type[] s_made = [typeof(Task<TrackingStores>), typeof(Task<IModelRegistry>), typeof(Task<IStateStore>)];

    public static IEnumerable<string> FindMissing(Assembly tests)
    {
        var suites = typeof(TrackingStores).Assembly.GetTypes().Where(type => type.IsAbstract && type.Name.EndsWith("Conformance", StringComparison.Ordinal)
            && type.GetMethods(BindingFlags.Instance | BindingFlags.NonPublic).Any(method => method.IsAbstract && s_made.Contains(method.ReturnType))).ToList();
        Assert.Contains(typeof(RunSearchConformance), suites);
        var derived = tests.GetTypes().Select(type => type.BaseType).ToHashSet();
        return suites.Where(suite => !derived.Contains(suite)).Select(suite => suite.Name);
    }
}
