using System.Reflection;
using System.Text.RegularExpressions;

namespace Mlops.Architecture.Tests;

public sealed class ConformanceCoverageTests
{
    public static TheoryData<string> Suites =>
        [.. Assembly.Load("Mlops.Testing").GetExportedTypes().Where(type => type.IsAbstract && type.Name.EndsWith("Conformance", StringComparison.Ordinal)).Select(type => type.Name)];

    /// <summary>A suite that nothing derives from tests nothing.</summary>
    [Theory]
    [MemberData(nameof(Suites))]
    public void Suite_OfMlopsTesting_IsImplementedByATestClass(string suite)
    {
        var derivation = new Regex($@"class \w+[^\n{{]*:\s*{suite}\b");
        Assert.Contains(
            Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories),
            file => derivation.IsMatch(File.ReadAllText(file)));
    }

    /// <summary>Every store that ships is tested by the suite of its contract.</summary>
    [Fact]
    public void Stores_OfAllPackages_AreNamedInATestOfTheirSuite()
    {
        string[] contracts = ["IArtifactStore", "IStateStore", "IExperimentStore", "IRunStore", "IRunLeaseStore", "IMetricAppender", "IModelRegistry"];
        var untested = new List<string>();
        foreach (var type in Repository.Packages.SelectMany(package => Assembly.Load(package).GetExportedTypes()))
        {
            if (type.IsAbstract || !type.GetInterfaces().Any(contract => contracts.Contains(contract.Name))) continue;
            var isNamed = Directory.EnumerateFiles(Repository.PathOf("tests"), "*Conformance*.cs", SearchOption.AllDirectories)
                .Any(file => File.ReadAllText(file).Contains(type.Name, StringComparison.Ordinal));
            if (!isNamed) untested.Add(type.FullName!);
        }

        Assert.Empty(untested);
    }
}
