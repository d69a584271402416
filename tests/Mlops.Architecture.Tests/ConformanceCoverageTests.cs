using System.Reflection;
using System.Text.RegularExpressions;

namespace Mlops.Architecture.Tests;

public sealed class ConformanceCoverageTests
{
    private static readonly string[] s_contracts =
        ["IArtifactStore", "IStateStore", "IExperimentStore", "IRunStore", "IRunLeaseStore", "IMetricAppender", "IModelRegistry"];

    private static readonly Lazy<string[]> s_testFiles = new(
        () => [.. Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText)]);

    public static TheoryData<string> Suites =>
        [.. Assembly.Load("Mlops.Testing").GetExportedTypes().Where(type => type.IsAbstract && type.Name.EndsWith("Conformance", StringComparison.Ordinal)).Select(type => type.Name)];

    /// <summary>A suite that nothing derives from tests nothing.</summary>
    [Theory]
    [MemberData(nameof(Suites))]
    public void Suite_OfMlopsTesting_IsImplementedByATestClass(string suite)
    {
        var derivation = new Regex($@"class \w+[^\n{{]*:\s*{suite}\b");
        Assert.Contains(s_testFiles.Value, derivation.IsMatch);
    }

    /// <summary>Every store that ships is tested by the suite of each of its contracts, in a test class named after its backend.</summary>
    [Fact]
    public void Stores_OfAllPackages_DeriveTheSuitesOfTheirContracts()
    {
        var untested = new List<string>();
        foreach (var type in Repository.Packages.SelectMany(package => Assembly.Load(package).GetExportedTypes()).Where(type => !type.IsAbstract))
        {
            foreach (var contract in type.GetInterfaces().Select(contract => contract.Name).Intersect(s_contracts))
            {
                foreach (var backend in BackendsOf(type))
                {
                    var derivation = new Regex($@"class {backend}\w*Tests[^\n{{]*:\s*{contract[1..]}Conformance\b");
                    if (!s_testFiles.Value.Any(derivation.IsMatch)) untested.Add($"{type.FullName} as {contract} on {backend}");
                }
            }
        }

        Assert.Empty(untested);
    }

    /// <summary>Relational stores are written once and tested on every database; the others are their own backend: LocalArtifactStore → Local.</summary>
    private static string[] BackendsOf(Type type)
        => type.Name.StartsWith("Relational", StringComparison.Ordinal) ? ["Sqlite", "PostgreSql"]
            : type.Name.StartsWith("InMemory", StringComparison.Ordinal) ? ["InMemory"]
            : [type.Name[..type.Name.IndexOfAny([.. "ABCDEFGHIJKLMNOPQRSTUVWXYZ"], 1)]];
}
