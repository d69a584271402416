using System.Reflection;
using Mlops.Artifacts;
using Mlops.Testing;

namespace Mlops.Tests;

/// <summary>Finds the artifact stores of a package that no class of its tests runs through the suite.</summary>
internal static class ArtifactStoreSuites
{
    public static IEnumerable<string> FindUntested(Assembly package, Assembly tests)
    {
        var stores = package.GetTypes().Where(type => type is { IsPublic: true, IsAbstract: false } && typeof(IArtifactStore).IsAssignableFrom(type)).Select(type => type.Name).ToList();
        Assert.NotEmpty(stores);
        var suites = tests.GetTypes().Where(type => type.IsSubclassOf(typeof(ArtifactStoreConformance))).Select(type => type.Name).ToHashSet(StringComparer.Ordinal);
        return stores.Where(store => !suites.Contains($"{store}Tests"));
    }
}
