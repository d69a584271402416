using System.Text.RegularExpressions;

namespace Mlops.Architecture.Tests;

public sealed partial class ReadmeTests
{
    /// <summary>Every C# block of the README is, word for word, the body of a test in ReadmeExamples.cs, so it compiles and runs.</summary>
    [Fact]
    public void CodeBlocks_OfReadme_AreTestedExamples()
    {
        var examples = ExampleRegion().Matches(File.ReadAllText(Repository.PathOf("tests", "Mlops.Samples.Tests", "ReadmeExamples.cs")).ReplaceLineEndings("\n"))
            .Select(match => Unindent(match.Groups["code"].Value)).ToArray();
        var blocks = CodeBlock().Matches(File.ReadAllText(Repository.PathOf("README.md")).ReplaceLineEndings("\n"))
            .Select(match => match.Groups["code"].Value.Trim()).ToArray();
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(block, examples));
        Assert.All(examples, example => Assert.Contains(example, blocks));
    }

    /// <summary>Every C# block of these documents is, word for word, the body of a test in DocumentExamples.cs or another file or, where the README shows the same, in ReadmeExamples.cs.</summary>
    [Theory]
    [InlineData("drift.md")]
    [InlineData("evaluation.md")]
    [InlineData("gates.md")]
    [InlineData("metrics.md")]
    [InlineData("preprocessing.md")]
    [InlineData("serving.md", "Mlops.Serving.Tests/Sources/ServingDocumentTests.cs")]
    [InlineData("training.md")]
    [InlineData("typed-rows.md")]
    public void CodeBlocks_OfDocument_AreTestedExamples(string document, params string[] others)
    {
        var readme = ExampleRegion().Matches(File.ReadAllText(Repository.PathOf("tests", "Mlops.Samples.Tests", "ReadmeExamples.cs")).ReplaceLineEndings("\n"))
            .Select(match => Unindent(match.Groups["code"].Value)).ToArray();
        var own = others.Prepend("Mlops.Samples.Tests/DocumentExamples.cs")
            .SelectMany(tests => DocumentRegion().Matches(File.ReadAllText(Repository.PathOf(["tests", .. tests.Split('/')])).ReplaceLineEndings("\n")))
            .Where(match => match.Groups["document"].Value == document).Select(match => Unindent(match.Groups["code"].Value)).ToArray();
        var blocks = CodeBlock().Matches(File.ReadAllText(Repository.PathOf("docs", document)).ReplaceLineEndings("\n")).Select(match => match.Groups["code"].Value.Trim()).ToArray();
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(block, own.Concat(readme)));
        Assert.All(own, example => Assert.Contains(example, blocks));
    }

    /// <summary>Every C# block of these packages' pages is, word for word, the body of a test.</summary>
    [Theory]
    [InlineData("Mlops.Tracking", "Mlops.Samples.Tests/PackageExamples.cs")]
    [InlineData("Mlops.Tracking.Sqlite", "Mlops.Samples.Tests/PackageExamples.cs")]
    [InlineData("Mlops.Tracking.PostgreSql", "Mlops.Tracking.PostgreSql.Tests/PackagePageTests.cs")]
    [InlineData("Mlops.Artifacts.AzureBlobs", "Mlops.Artifacts.AzureBlobs.Tests/ArtifactsDocumentTests.cs")]
    public void CodeBlocks_OfPackagePage_AreTestedExamples(string package, string tests)
    {
        var examples = PackageRegion().Matches(File.ReadAllText(Repository.PathOf(["tests", .. tests.Split('/')])).ReplaceLineEndings("\n"))
            .Where(match => match.Groups["package"].Value == package).Select(match => Unindent(match.Groups["code"].Value)).ToArray();
        var blocks = CodeBlock().Matches(File.ReadAllText(Repository.PathOf("src", package, "PACKAGE.md")).ReplaceLineEndings("\n")).Select(match => match.Groups["code"].Value.Trim()).ToArray();
        Assert.NotEmpty(blocks);
        Assert.Equal(blocks, examples);
    }

    [Fact]
    public void Examples_OfReadme_AreShort()
        => Assert.All(
            CodeBlock().Matches(File.ReadAllText(Repository.PathOf("README.md")).ReplaceLineEndings("\n")),
            match => Assert.InRange(match.Groups["code"].Value.Trim().Split('\n').Length, 1, 22));

    [Fact]
    public void Readme_NamesEveryPackage()
    {
        var readme = File.ReadAllText(Repository.PathOf("README.md"));
        Assert.All(Repository.Packages, package => Assert.Contains($"`{package}`", readme));
    }

    private static string Unindent(string code)
    {
        var lines = code.Trim('\n').TrimEnd().Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > indent ? line[indent..] : "")).Trim();
    }

    [GeneratedRegex(@"// readme: [^\n]*\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex ExampleRegion();

    [GeneratedRegex(@"// docs: (?<document>[^\n]*)\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex DocumentRegion();

    [GeneratedRegex(@"// package: (?<package>[^\n]*)\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex PackageRegion();

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
