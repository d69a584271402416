using System.Text.RegularExpressions;

namespace Mlops.Architecture.Tests;

/// <summary>Where the types of a package are declared. Each file is read once: there are some hundred types, and some hundred files.</summary>
internal sealed partial class SourceIndex
{
    private readonly ILookup<(string Name, bool IsGeneric), string> _files;

    public SourceIndex(string package)
    {
        var folder = Repository.PathOf("src", package);
        _files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => NamesIn(file).Select(name => (Name: name, File: Path.GetRelativePath(folder, file).Replace('\\', '/'))))
            .ToLookup(declared => declared.Name, declared => declared.File);
    }

    /// <summary>The file is named after the type, in any folder; generic types may share the file of their plain name, or have one with a suffix.</summary>
    public string? Find(string name, bool isGeneric)
        => _files[(name, isGeneric)]
            .OrderBy(file => Path.GetFileNameWithoutExtension(file).Split('.')[0] == name ? 0 : 1).ThenBy(file => file.Length).ThenBy(file => file, StringComparer.Ordinal)
            .FirstOrDefault();

    // The names in the rest of the line are more than what is declared, base types among them; a file of the type's own name goes before those.
    private static IEnumerable<(string Name, bool IsGeneric)> NamesIn(string file)
        => Declaration().Matches(File.ReadAllText(file))
            .SelectMany(declaration => Name().Matches(declaration.Groups[1].Value))
            .Select(name => (name.Groups[1].Value, name.Groups[2].Success))
            .Distinct();

    [GeneratedRegex(@"\b(?:class|struct|record|interface|enum|delegate)\b([^\n;{]*)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b(\w+)\b(<)?")]
    private static partial Regex Name();
}
