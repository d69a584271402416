using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Mlops.Architecture.Tests;

public sealed partial class GlossaryTests
{
    /// <summary>docs/glossary.md leads from a term to the type of that name, to its file, and says in one sentence what it is.</summary>
    [Fact]
    public void Glossary_OfAllPackages_IsUpToDate()
    {
        var text = new StringBuilder();
        text.Append("# Glossary\n\nTerm → type → file, for every public type. Generated from the doc comments: run the tests once with `MLOPS_UPDATE_APPROVED=1` to renew it.\n");
        foreach (var package in Repository.Packages) Append(text, package);
        Repository.AssertApproved(Repository.PathOf("docs", "glossary.md"), text.ToString());
    }

    [Fact]
    public void PublicTypes_OfAllPackages_HaveAFileOfTheirName()
    {
        var homeless = Repository.Packages
            .Select(package => (Types: PublicTypes(package), Sources: new SourceIndex(package)))
            .SelectMany(package => package.Types.Where(type => package.Sources.Find(PlainName(type), type.IsGenericType) is null))
            .Select(type => type.FullName);
        Assert.Empty(homeless);
    }

    private static void Append(StringBuilder text, string package)
    {
        var summaries = ReadSummaries(package);
        var sources = new SourceIndex(package);
        text.Append($"\n## {package}\n\n| term | type | file | what it is |\n|---|---|---|---|\n");
        foreach (var type in PublicTypes(package).OrderBy(Term, StringComparer.Ordinal).ThenBy(type => type.FullName, StringComparer.Ordinal))
        {
            var summary = summaries.GetValueOrDefault($"T:{type.FullName}", "");
            var file = sources.Find(PlainName(type), type.IsGenericType);
            text.Append($"| {Term(type)} | `{ShownName(type)}` | [{file}](../src/{package}/{file}) | {FirstSentence(summary)} |\n");
        }
    }

    private static IEnumerable<Type> PublicTypes(string package)
        => Assembly.Load(package).GetExportedTypes().Where(type => !type.IsNested);

    private static string Term(Type type)
    {
        var name = PlainName(type);
        if (type.IsInterface && name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1])) name = name[1..];
        return WordStart().Replace(name, " ").ToLowerInvariant();
    }

    private static string PlainName(Type type) => type.Name.Split('`')[0];

    private static string ShownName(Type type)
        => type.IsGenericType ? $"{PlainName(type)}<{string.Join(", ", type.GetGenericArguments().Select(argument => argument.Name))}>" : type.Name;

    private static Dictionary<string, string> ReadSummaries(string package)
        => XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{package}.xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => Flatten(member.Element("summary")));

    private static string Flatten(XElement? summary)
    {
        if (summary is null) return "";
        var text = string.Concat(summary.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "see" or "paramref" or "typeparamref" } reference
                => $"`{(reference.Attribute("cref") ?? reference.Attribute("langword") ?? reference.Attribute("name"))!.Value.Split('(')[0].Split('.')[^1].Split('`')[0]}`",
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement other => other.Value,
            _ => node.ToString(),
        }));
        return Spaces().Replace(System.Net.WebUtility.HtmlDecode(text), " ").Trim();
    }

    private static string FirstSentence(string summary)
    {
        var end = SentenceEnd().Match(summary);
        return (end.Success ? summary[..(end.Index + 1)] : summary).Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\.(?=\s)")]
    private static partial Regex SentenceEnd();
}
