using Microsoft.CodeAnalysis;

namespace Mlops.Core.Generators;

/// <summary>A property of a row, with the attributes that it or the constructor's parameter of its name bears.</summary>
internal sealed class RowProperty(IPropertySymbol symbol, IReadOnlyList<IParameterSymbol> parameters, bool canRead, bool canSet)
{
    public IPropertySymbol Symbol => symbol;

    public AttributeData? Column { get; } = Find(symbol, parameters, "TensorColumnAttribute");

    public AttributeData? Shape { get; } = Find(symbol, parameters, "TensorShapeAttribute");

    public bool IsIgnored { get; } = Find(symbol, parameters, "TensorIgnoreAttribute") is not null;

    public bool IsMarked => Column is not null || Shape is not null;

    public bool CanRead => canRead;

    /// <summary>Gets whether a setter can be called from within the type.</summary>
    public bool CanSet => canSet;

    /// <summary>Gets whether a constructor takes its value.</summary>
    public bool IsConstructed { get; } = parameters.Any(parameter => SymbolEqualityComparer.Default.Equals(parameter.Type, symbol.Type));

    /// <summary>Gets whether it is a part of the row.</summary>
    public bool IsMember => !IsIgnored && !symbol.IsStatic && !symbol.IsIndexer && canRead && (canSet || IsConstructed) && (IsMarked || symbol.DeclaredAccessibility == Accessibility.Public);

    /// <summary>What keeps a property that is marked from being a part of the row.</summary>
    public string? Obstacle => symbol switch
    {
        _ when !IsMarked || IsIgnored || IsMember => null,
        { IsStatic: true } => "is static, and so no part of a row; remove its attributes",
        { IsIndexer: true } => "is an indexer, which is no single value; remove its attributes",
        _ when !canRead => "cannot be read; give it a getter",
        _ => "cannot be set when a row is read; give it a setter, or the constructor a parameter of its name and type",
    };

    private static AttributeData? Find(IPropertySymbol symbol, IReadOnlyList<IParameterSymbol> parameters, string name)
        => symbol.FindAttribute(name) ?? parameters.Select(parameter => parameter.FindAttribute(name)).FirstOrDefault(attribute => attribute is not null);
}
