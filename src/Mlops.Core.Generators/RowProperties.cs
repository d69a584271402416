using Microsoft.CodeAnalysis;

namespace Mlops.Core.Generators;

/// <summary>Finds the properties of a type: those of base types first, then its own in the order they are written in.</summary>
internal static class RowProperties
{
    public static IReadOnlyList<RowProperty> Find(INamedTypeSymbol type, Compilation compilation)
    {
        var chain = new Stack<INamedTypeSymbol>();
        for (var current = type; current is { SpecialType: SpecialType.None }; current = current.BaseType) chain.Push(current);
        var found = new List<IPropertySymbol>();
        foreach (var property in chain.SelectMany(Declared))
        {
            // One that overrides or hides another one takes its place.
            var hidden = found.FindIndex(other => other.Name == property.Name && !other.IsIndexer);
            if (hidden >= 0) found[hidden] = property;
            else found.Add(property);
        }

        var parameters = type.InstanceConstructors.SelectMany(constructor => constructor.Parameters).ToArray();
        return
        [
            .. found.Select(property => new RowProperty(
                property,
                [.. parameters.Where(parameter => string.Equals(parameter.Name, property.Name, StringComparison.OrdinalIgnoreCase))],
                IsAccessible(property.GetMethod),
                IsAccessible(property.SetMethod))),
        ];

        bool IsAccessible(IMethodSymbol? accessor) => accessor is not null && compilation.IsSymbolAccessibleWithin(accessor, type);
    }

    private static IEnumerable<IPropertySymbol> Declared(INamedTypeSymbol type)
    {
        var trees = type.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree).Distinct().ToList();
        return type.GetMembers().OfType<IPropertySymbol>()
            .Where(property => property.ExplicitInterfaceImplementations.IsEmpty && (!property.IsImplicitlyDeclared || property.DeclaredAccessibility == Accessibility.Public))
            .OrderBy(property => property.Locations[0].SourceTree is { } tree ? trees.IndexOf(tree) : -1)
            .ThenBy(property => property.Locations[0].SourceSpan.Start);
    }
}
