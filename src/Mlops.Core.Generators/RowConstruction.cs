using Microsoft.CodeAnalysis;

namespace Mlops.Core.Generators;

/// <summary>How a value is made of the properties of a row: by which constructor, and by which setters after it.</summary>
internal sealed record RowConstruction(IReadOnlyList<RowArgument> Arguments, IReadOnlyList<RowArgument> Initializers)
{
    /// <summary>Finds the constructor that takes most of the properties and leaves none that cannot be set.</summary>
    public static RowConstruction? Find(INamedTypeSymbol type, Compilation compilation, IReadOnlyList<RowProperty> properties, out string? obstacle)
    {
        obstacle = null;
        RowConstruction? best = null;
        foreach (var constructor in type.InstanceConstructors)
        {
            var isCopy = constructor.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type);
            if (isCopy || !compilation.IsSymbolAccessibleWithin(constructor, type)) continue;
            var construction = Try(constructor, properties, out var problem);
            if (construction is null) obstacle ??= problem;
            else if (best is null || construction.Arguments.Count > best.Arguments.Count) best = construction;
        }

        obstacle ??= "it has no constructor that can be called";
        return best;
    }

    private static RowConstruction? Try(IMethodSymbol constructor, IReadOnlyList<RowProperty> properties, out string? obstacle)
    {
        var arguments = new List<RowArgument>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in constructor.Parameters)
        {
            var property = properties.Where(candidate => (candidate.IsMember || candidate.IsIgnored) && Feeds(candidate.Symbol, parameter))
                .OrderBy(candidate => candidate.Symbol.Name == parameter.Name ? 0 : 1).FirstOrDefault();
            if (property is not null && taken.Add(property.Symbol.Name))
            {
                arguments.Add(new RowArgument(parameter.Name, property.IsIgnored ? null : property.Symbol.Name));
                continue;
            }

            if (parameter.IsOptional) continue;
            obstacle = $"its constructor takes '{parameter.Name}', and no property of that name and type is a part of the row; add one, or a constructor without it";
            return null;
        }

        var rest = properties.Where(property => property.IsMember && !taken.Contains(property.Symbol.Name)).ToArray();
        if (rest.FirstOrDefault(property => !property.CanSet) is { } unset)
        {
            obstacle = $"no constructor takes all of its properties that have no setter, '{unset.Symbol.Name}' among them; give that one a setter, or write a constructor with a parameter for each";
            return null;
        }

        obstacle = null;
        var required = constructor.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "SetsRequiredMembersAttribute")
            ? [] : properties.Where(property => property.Symbol.IsRequired && !rest.Contains(property) && (property.IsMember || property.IsIgnored));
        return new RowConstruction(arguments, [.. rest.Concat(required).Select(property => new RowArgument(property.Symbol.Name, property.IsIgnored ? null : property.Symbol.Name))]);
    }

    private static bool Feeds(IPropertySymbol property, IParameterSymbol parameter)
        => parameter.RefKind is RefKind.None or RefKind.In
            && string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase) && SymbolEqualityComparer.Default.Equals(property.Type, parameter.Type);
}
