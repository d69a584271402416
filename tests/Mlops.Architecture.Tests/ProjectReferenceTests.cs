using System.Xml.Linq;

namespace Mlops.Architecture.Tests;

public sealed class ProjectReferenceTests
{
    /// <summary>Which packages of ours a package may reference: satellites → the middle → Core; the middle ones never reference each other.</summary>
    private static readonly Dictionary<string, string[]> s_allowedProjects = new()
    {
        ["Mlops.Core"] = [],
        ["Mlops.Training"] = ["Mlops.Core"],
        ["Mlops.Tracking"] = ["Mlops.Core"],
        ["Mlops.Serving"] = ["Mlops.Core"],
        ["Mlops.Monitoring"] = ["Mlops.Core"],
        ["Mlops.Onnx"] = ["Mlops.Core"],
        ["Mlops.Tracking.PostgreSql"] = ["Mlops.Tracking"],
        ["Mlops.Tracking.Sqlite"] = ["Mlops.Tracking"],
        ["Mlops.Artifacts.AzureBlobs"] = ["Mlops.Core"],
        ["Mlops.Testing"] = ["Mlops.Core", "Mlops.Monitoring"],
    };

    /// <summary>Which packages of others a package may reference, beyond the abstractions of Microsoft.Extensions. A new one is a new package of ours.</summary>
    private static readonly Dictionary<string, string[]> s_allowedPackages = new()
    {
        ["Mlops.Core"] = ["CsvHelper", "Microsoft.Extensions.FileSystemGlobbing", "System.Numerics.Tensors", "YamlDotNet"],
        ["Mlops.Training"] = ["System.Numerics.Tensors"],
        ["Mlops.Tracking"] = [],
        ["Mlops.Serving"] = [],
        ["Mlops.Monitoring"] = ["MathNet.Numerics", "System.Numerics.Tensors"],
        ["Mlops.Onnx"] = [],
        ["Mlops.Tracking.PostgreSql"] = ["Npgsql"],
        ["Mlops.Tracking.Sqlite"] = ["Microsoft.Data.Sqlite.Core", "SQLitePCLRaw.bundle_e_sqlite3"],
        ["Mlops.Artifacts.AzureBlobs"] = ["Azure.Storage.Blobs"],
        ["Mlops.Testing"] = ["xunit.v3.assert", "xunit.v3.extensibility.core"],
    };

    private static readonly string[] s_abstractions =
    [
        "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions", "Microsoft.Extensions.Hosting.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options",
    ];

    public static TheoryData<string> Packages => [.. Repository.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void ProjectReferences_OfPackage_FollowTheDesign(string package)
    {
        var references = Read(package, "ProjectReference").Select(Path.GetFileNameWithoutExtension).ToArray();
        Assert.All(references, reference => Assert.Contains(reference, s_allowedProjects[package]));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void PackageReferences_OfPackage_AreThoseItIsMadeFor(string package)
    {
        var references = Read(package, "PackageReference").Except(s_abstractions);
        Assert.All(references, reference => Assert.Contains(reference, s_allowedPackages[package]));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Tests_OfPackage_Exist(string package)
        => Assert.True(File.Exists(Repository.PathOf("tests", $"{package}.Tests", $"{package}.Tests.csproj")), $"{package} has no test project.");

    [Theory]
    [MemberData(nameof(Packages))]
    public void ProjectFile_OfPackage_IsShort(string package)
        => Assert.InRange(File.ReadAllLines(Repository.PathOf("src", package, $"{package}.csproj")).Length, 1, 15);

    /// <summary>A package that nobody named there would say that it can be compiled ahead of time, and nobody would know.</summary>
    [Fact]
    public void ProgramCompiledAheadOfTime_HoldsAllPackagesButTesting()
    {
        var project = XDocument.Load(Repository.PathOf("tests", "Mlops.AotTest", "Mlops.AotTest.csproj"));
        var roots = project.Descendants("TrimmerRootAssembly").Single().Attribute("Include")!.Value.Split(';');
        Assert.Equal(Repository.Packages.Where(package => package != "Mlops.Testing"), roots.Order(StringComparer.Ordinal));
    }

    /// <summary>What only some builds reference is referenced too.</summary>
    [Fact]
    public void Read_ItemsWithConditions_AreReadLikeOthers()
    {
        var project = XDocument.Parse("""
            <Project>
              <ItemGroup><PackageReference Include="Plain" /></ItemGroup>
              <ItemGroup Condition="'$(X)' == '1'"><PackageReference Include="InGroup" /></ItemGroup>
              <ItemGroup><PackageReference Include="Conditional; Second" Condition="'$(X)' == '1'" /><PackageReference Update="Plain" Version="2" /></ItemGroup>
              <Choose><When Condition="'$(X)' == '1'"><ItemGroup><PackageReference Include="Chosen" /></ItemGroup></When></Choose>
            </Project>
            """);
        Assert.Equal(["Plain", "InGroup", "Conditional", "Second", "Chosen"], Read(project, "PackageReference"));
    }

    private static IEnumerable<string> Read(string package, string element) => Read(XDocument.Load(Repository.PathOf("src", package, $"{package}.csproj")), element);

    private static IEnumerable<string> Read(XDocument project, string element)
        => project.Descendants(element)
            .SelectMany(item => item.Attribute("Include")?.Value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [])
            .Select(include => include.Replace('\\', '/'));
}
