using System.Text.RegularExpressions;

namespace Mlops.Monitoring.Tests;

/// <summary>The table of docs/drift.md that says what each test takes is what the tests implement.</summary>
public sealed partial class DriftDocumentationTests
{
    [Fact]
    public void Table_OfWhatTestsTake_IsWhatTheyImplement()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Mlops.sln"))) directory = directory.Parent!;
        var rows = Row().Matches(File.ReadAllText(Path.Combine(directory.FullName, "docs", "drift.md"))).Select(match => match.Value).ToArray();
        var types = typeof(DriftReport).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IDriftTest)));
        Assert.Equal(types.OrderBy(type => type.Name, StringComparer.Ordinal).Select(Describe), rows);
    }

    private static string Describe(Type type)
    {
        bool Is<T>() => type.IsAssignableTo(typeof(T));
        string[] takes =
        [
            .. Is<ISampleDriftTest>() ? ["numbers"] : Array.Empty<string>(),
            .. Is<ICategoryDriftTest>() ? ["categories"] : Array.Empty<string>(),
            .. Is<IRowDriftTest>() ? ["rows, vectors"] : Array.Empty<string>(),
            .. Is<ITextDriftTest>() ? ["texts"] : Array.Empty<string>(),
            .. type == typeof(MissingValues) ? ["missing values"] : Array.Empty<string>(),
        ];
        var profiles = Is<IProfileDriftTest>() ? "columns" : Is<IVectorProfileDriftTest>() ? "vectors" : "no";
        return $"| `{type.Name}` | {string.Join(", ", takes)} | {profiles} | {(Is<IOrderedDriftTest>() ? "yes" : "no")} |";
    }

    [GeneratedRegex(@"^\| `\w+` \| [^|]+ \| (columns|vectors|no) \| (yes|no) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
