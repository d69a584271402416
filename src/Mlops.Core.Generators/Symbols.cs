using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Mlops.Core.Generators;

/// <summary>Reads attributes, and writes names.</summary>
internal static class Symbols
{
    public static AttributeData? FindAttribute(this ISymbol symbol, string name)
        => symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass is { } type && type.Name == name && type.ContainingNamespace.ToDisplayString() == "Mlops.Models");

    public static bool HasAttribute(this ISymbol symbol, string name) => symbol.FindAttribute(name) is not null;

    /// <summary>Gets what an attribute states; <see langword="null"/> where it leaves it out.</summary>
    public static object? Named(this AttributeData? attribute, string name)
        => attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.Value;

    /// <summary>Writes a name that may be a keyword.</summary>
    public static string Identifier(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : $"@{name}";
}
