using Microsoft.CodeAnalysis;

namespace Mlops.Core.Generators;

/// <summary>What the generator refuses, each with its remedy; docs/typed-rows.md explains them.</summary>
internal static class Descriptors
{
    public static readonly DiagnosticDescriptor NotPartial = Create(
        "MLOPS001", "A tensor row is not partial", "'{0}' is not partial; write 'partial' into its declaration, so that its tensors can be added to it");

    public static readonly DiagnosticDescriptor ContainerNotPartial = Create(
        "MLOPS002", "A type around a tensor row is not partial", "'{0}' lies in '{1}', which is not partial; write 'partial' into that declaration too");

    public static readonly DiagnosticDescriptor UnsupportedKind = Create(
        "MLOPS003", "A type of this kind cannot be a tensor row", "'{0}' {1}");

    public static readonly DiagnosticDescriptor NoProperty = Create(
        "MLOPS004", "A tensor row has no property", "'{0}' has no property to map; give it a public property that its constructor or a setter sets");

    public static readonly DiagnosticDescriptor UnsupportedType = Create(
        "MLOPS005", "No tensor holds the type of a property", "'{0}' is of the type '{1}', which no tensor holds; {2}, or leave the property out with [TensorIgnore]");

    public static readonly DiagnosticDescriptor CannotBeMissing = Create(
        "MLOPS006",
        "A property can be missing, its tensor cannot say so",
        "'{0}' may be null, but a tensor of {1} cannot hold a missing value; make it non-nullable, or its tensor one of floating-point numbers ([TensorColumn(ElementType = ElementType.Float32)]), where a missing value is NaN");

    public static readonly DiagnosticDescriptor DuplicateName = Create(
        "MLOPS007", "Two properties have one name", "'{0}' and '{1}' are both the {2} '{3}'; name one of them otherwise with [TensorColumn(\"…\")]");

    public static readonly DiagnosticDescriptor InvalidShape = Create(
        "MLOPS008", "The shape of a property is missing or impossible", "'{0}' {1}");

    public static readonly DiagnosticDescriptor CannotConstruct = Create(
        "MLOPS009", "A tensor row cannot be made from its properties", "'{0}' cannot be read from tensors: {1}");

    public static readonly DiagnosticDescriptor TensorDisagrees = Create(
        "MLOPS010", "A tensor cannot hold a property", "'{0}' does not fit the tensor '{1}': {2}");

    public static readonly DiagnosticDescriptor MemberExists = Create(
        "MLOPS011", "A tensor row has a member of its own that would be generated", "'{0}' already has a member '{1}'; rename it, or remove [TensorRow] and implement ITensorRow<{0}> by hand");

    public static readonly DiagnosticDescriptor UnusableProperty = Create(
        "MLOPS012", "A property that is named as a column cannot be one", "'{0}' {1}");

    private static DiagnosticDescriptor Create(string id, string title, string message)
        => new(id, title, message, "Mlops.TensorRow", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
