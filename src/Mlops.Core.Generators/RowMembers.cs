using System.Globalization;
using Microsoft.CodeAnalysis;

namespace Mlops.Core.Generators;

/// <summary>Reads the types, names and shapes of properties.</summary>
internal sealed class RowMembers(INamedTypeSymbol type, List<RowProblem> problems)
{
    /// <summary>More elements than one array can hold in a row are a slip of the pen.</summary>
    private const long MaxWidth = 0x7FFFFFC7;

    public IReadOnlyList<Candidate> Parse(IReadOnlyList<RowProperty> properties, AttributeData row)
    {
        var candidates = new List<Candidate>();
        foreach (var property in properties)
        {
            if (property.Obstacle is { } obstacle) Report(Descriptors.UnusableProperty, property.Symbol, obstacle);
            if (property.IsMember && Parse(property, row) is { } candidate) candidates.Add(candidate);
        }

        return candidates;
    }

    private Candidate? Parse(RowProperty property, AttributeData row)
    {
        var symbol = property.Symbol;
        if (Classify(symbol.Type) is not var (shape, element, isNullable))
        {
            Report(Descriptors.UnsupportedType, symbol, symbol.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat), Remedy(symbol.Type));
            return null;
        }

        if (FindDimensions(property, shape) is not { } dimensions) return null;
        var column = property.Column?.ConstructorArguments.FirstOrDefault().Value as string ?? symbol.Name;
        var shared = (string?)property.Column.Named("Tensor") ?? (element.IsNumeric() ? (string?)row.Named("Tensor") : null);
        var isOfRow = shared is not null && property.Column.Named("Tensor") is null;
        var stated = (Element?)(int?)property.Column.Named("ElementType") ?? (isOfRow ? (Element?)(int?)row.Named("ElementType") : null);
        return new Candidate(symbol, shape, element, isNullable, dimensions, column, shared ?? column, shared is not null, stated);
    }

    private int[]? FindDimensions(RowProperty property, MemberShape shape)
    {
        if (property.Shape is null)
        {
            if (shape == MemberShape.Scalar) return [1];
            Report(Descriptors.InvalidShape, property.Symbol, "is a vector whose number of elements is not known; say it: [TensorShape(16)]");
            return null;
        }

        int[] dimensions = [.. property.Shape.ConstructorArguments.Where(given => given is { Kind: TypedConstantKind.Array, IsNull: false }).SelectMany(given => given.Values).Select(value => value.Value).OfType<int>()];
        var width = dimensions.Aggregate(1L, (product, size) => Math.Min(MaxWidth + 1, product * Math.Max(1, size)));
        var problem = 0 switch
        {
            _ when dimensions.Any(size => size < 1) => "has a dimension below 1; every dimension of [TensorShape] is the number of elements along it",
            _ when width > MaxWidth => "has more elements in each row than one tensor can hold; correct its [TensorShape]",
            _ when shape == MemberShape.Scalar && width != 1 => $"is a single value, but its [TensorShape] has {width.ToString(CultureInfo.InvariantCulture)} elements; make it an array, or remove the shape",
            _ => null,
        };
        if (problem is null) return dimensions;
        Report(Descriptors.InvalidShape, property.Symbol, problem);
        return null;
    }

    private static (MemberShape Shape, Element Element, bool IsNullable)? Classify(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol { Rank: 1 } array)
            return VectorElement(array.ElementType) is { } item ? (MemberShape.Array, item, type.NullableAnnotation == NullableAnnotation.Annotated) : null;
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            return FindElement(nullable.TypeArguments[0]) is { } inner ? (MemberShape.Scalar, inner, true) : null;
        if (FindElement(type) is { } scalar) return (MemberShape.Scalar, scalar, type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated);
        if (type is not INamedTypeSymbol { TypeArguments.Length: 1 } generic || VectorElement(generic.TypeArguments[0]) is not { } element) return null;
        return generic.OriginalDefinition.ToDisplayString() switch
        {
            "System.ReadOnlyMemory<T>" or "System.Memory<T>" => (MemberShape.Memory, element, false),
            "System.Collections.Immutable.ImmutableArray<T>" => (MemberShape.ImmutableArray, element, false),
            _ => null,
        };
    }

    /// <summary>Elements of vectors are copied as they are, so they must be those of tensors.</summary>
    private static Element? VectorElement(ITypeSymbol type) => FindElement(type) is { } element && element.IsTensor() ? element : null;

    private static Element? FindElement(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Boolean => Element.Boolean,
        SpecialType.System_SByte => Element.Int8,
        SpecialType.System_Int16 => Element.Int16,
        SpecialType.System_Int32 => Element.Int32,
        SpecialType.System_Int64 => Element.Int64,
        SpecialType.System_Byte => Element.UInt8,
        SpecialType.System_UInt16 => Element.UInt16,
        SpecialType.System_UInt32 => Element.UInt32,
        SpecialType.System_UInt64 => Element.UInt64,
        SpecialType.System_Single => Element.Float32,
        SpecialType.System_Double => Element.Float64,
        SpecialType.System_String => Element.String,
        SpecialType.System_DateTime => Element.Timestamp,
        _ => type.ToDisplayString() switch
        {
            "System.Half" => Element.Float16,
            "System.DateOnly" => Element.Date,
            "System.DateTimeOffset" => Element.OffsetTimestamp,
            _ => null,
        },
    };

    private static string Remedy(ITypeSymbol type)
    {
        var inner = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable ? nullable.TypeArguments[0] : type;
        return inner switch
        {
            { TypeKind: TypeKind.Enum } => "make it the number or the text that the model was trained with",
            { SpecialType: SpecialType.System_Decimal } => "make it a double",
            { SpecialType: SpecialType.System_Char } => "make it a string",
            IArrayTypeSymbol { Rank: > 1 } => "make it an array of one dimension, whose elements lie row-major, with a [TensorShape]",
            IArrayTypeSymbol { ElementType: INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } } => "make its elements non-nullable, NaN where one is missing",
            INamedTypeSymbol { TypeArguments.Length: 1 } generic when VectorElement(generic.TypeArguments[0]) is not null => "make it an array or a ReadOnlyMemory, non-nullable",
            { Name: "TimeSpan" or "TimeOnly" } => "make it a number of the unit that the model was trained with",
            _ => "make it a number, a bool, a string, a DateOnly, a DateTime or DateTimeOffset, or an array or ReadOnlyMemory of numbers, truth values or texts",
        };
    }

    private void Report(DiagnosticDescriptor descriptor, IPropertySymbol property, params string[] arguments)
    {
        problems.Add(RowProblem.Create(descriptor, LocationOf(property, type), [$"{property.ContainingType.Name}.{property.Name}", .. arguments]));
    }

    /// <summary>What a base type in another assembly has is told where the row is.</summary>
    internal static Location LocationOf(IPropertySymbol property, INamedTypeSymbol row) => property.Locations.FirstOrDefault(candidate => candidate.IsInSource) ?? row.Locations[0];
}
