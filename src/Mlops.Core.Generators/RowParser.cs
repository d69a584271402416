using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Mlops.Core.Generators;

/// <summary>Reads a type that bears the attribute: makes its row, or says what keeps it from being one.</summary>
internal sealed class RowParser
{
    private readonly INamedTypeSymbol _type;
    private readonly Compilation _compilation;
    private readonly List<RowProblem> _problems = [];

    private RowParser(INamedTypeSymbol type, Compilation compilation) => (_type, _compilation) = (type, compilation);

    public static RowResult Parse(GeneratorAttributeSyntaxContext found, CancellationToken cancellationToken)
    {
        var parser = new RowParser((INamedTypeSymbol)found.TargetSymbol, found.SemanticModel.Compilation);
        cancellationToken.ThrowIfCancellationRequested();
        var row = parser.Parse((TypeDeclarationSyntax)found.TargetNode, found.Attributes[0]);
        return new RowResult(parser._problems.Count == 0 ? row : null, parser._problems.ToEquatableArray());
    }

    private Row? Parse(TypeDeclarationSyntax syntax, AttributeData attribute)
    {
        if (!CheckKind(syntax)) return null;
        var properties = RowProperties.Find(_type, _compilation);
        var members = new RowMembers(_type, _problems).Parse(properties, attribute);
        if (_problems.Count > 0) return null;
        if (members.Count == 0)
        {
            Report(Descriptors.NoProperty, _type.Name);
            return null;
        }

        var tensors = new RowTensors(_type, _problems).Group(members);
        var construction = RowConstruction.Find(_type, _compilation, properties, out var obstacle);
        if (construction is null) Report(Descriptors.CannotConstruct, _type.Name, obstacle!);
        CheckMembers();
        if (construction is null || _problems.Count > 0) return null;
        return new Row(
            FileName(),
            _type.ContainingNamespace.IsGlobalNamespace ? null : _type.ContainingNamespace.ToDisplayString(),
            Containers().Reverse().Select(container => $"partial {Keyword(container)} {Symbols.Identifier(container.Name)}").ToEquatableArray(),
            Keyword(_type),
            Symbols.Identifier(_type.Name),
            HidesBase(),
            tensors,
            construction.Arguments.ToEquatableArray(),
            construction.Initializers.ToEquatableArray());
    }

    private bool CheckKind(TypeDeclarationSyntax syntax)
    {
        var kind = _type switch
        {
            { IsStatic: true } => "is static: it has no values to be rows; remove [TensorRow]",
            { IsRefLikeType: true } => "is a ref struct, which cannot be a type argument; make it a struct",
            _ when Containers().Prepend(_type).Any(type => type.IsGenericType) => "is generic, or lies in a generic type: its tensors would depend on the type arguments; write a type without type parameters",
            { IsAbstract: true } => "is abstract: no row can be read as one; mark the types that derive from it",
            _ when syntax.Modifiers.Any(modifier => modifier.ValueText == "file") => "is local to its file, where nothing can be added to it; make it internal",
            _ => null,
        };
        if (kind is not null) Report(Descriptors.UnsupportedKind, _type.Name, kind);
        if (!IsPartial(syntax)) Report(Descriptors.NotPartial, _type.Name);
        foreach (var container in Containers())
        {
            if (!container.DeclaringSyntaxReferences.Any(reference => reference.GetSyntax() is TypeDeclarationSyntax declaration && IsPartial(declaration)))
                Report(Descriptors.ContainerNotPartial, _type.Name, container.Name);
        }

        return _problems.Count == 0;
    }

    /// <summary>Methods of the same name with other parameters are overloads, and welcome.</summary>
    private void CheckMembers()
    {
        foreach (var name in new[] { "Tensors", "Read", "Write" })
        {
            if (_type.GetMembers(name).FirstOrDefault(member => name == "Tensors" || IsGenerated(member)) is { } member)
                _problems.Add(RowProblem.Create(Descriptors.MemberExists, member.Locations[0], _type.Name, name));
        }
    }

    /// <summary>What is generated for a base type is not there yet, so its attribute counts.</summary>
    private bool HidesBase()
    {
        for (var type = _type.BaseType; type is not null; type = type.BaseType)
        {
            if (type.HasAttribute("TensorRowAttribute") || type.AllInterfaces.Any(contract => contract.Name == "ITensorRow")) return true;
        }

        return false;
    }

    private static bool IsGenerated(ISymbol member)
        => member is not IMethodSymbol method
            || (method.Parameters.Length == 2 && method.Parameters[0].Type.Name == "TensorBatch" && method.Parameters[1].Type.SpecialType == SpecialType.System_Int32);

    private IEnumerable<INamedTypeSymbol> Containers()
    {
        for (var type = _type.ContainingType; type is not null; type = type.ContainingType) yield return type;
    }

    private string FileName()
    {
        var name = string.Join(".", Containers().Reverse().Append(_type).Select(type => type.Name));
        // A keyword in the namespace is written with an @, which no file name may have.
        return _type.ContainingNamespace.IsGlobalNamespace ? name : $"{_type.ContainingNamespace.ToDisplayString().Replace("@", "")}.{name}";
    }

    private void Report(DiagnosticDescriptor descriptor, params string[] arguments) => _problems.Add(RowProblem.Create(descriptor, _type.Locations[0], arguments));

    private static bool IsPartial(TypeDeclarationSyntax declaration) => declaration.Modifiers.Any(SyntaxKind.PartialKeyword);

    private static string Keyword(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Interface } => "interface",
        { IsRecord: true, IsValueType: true } => "record struct",
        { IsRecord: true } => "record",
        { IsValueType: true } => "struct",
        _ => "class",
    };
}
