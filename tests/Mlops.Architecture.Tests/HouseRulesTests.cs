namespace Mlops.Architecture.Tests;

public sealed class HouseRulesTests
{
    /// <summary>A long file is a sign that two concepts share a room.</summary>
    [Fact]
    public void SourceFiles_OfAllPackages_AreShort()
    {
        var tooLong = Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadLines(file).Count() > 400).Select(file => Path.GetRelativePath(Repository.Root, file));
        Assert.Empty(tooLong);
    }

    [Fact]
    public void Packages_All_HaveAPackageReadme()
        => Assert.All(Repository.Packages, package => Assert.True(File.Exists(Repository.PathOf("src", package, "PACKAGE.md")), $"{package} has no PACKAGE.md."));
}
