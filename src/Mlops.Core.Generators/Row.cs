namespace Mlops.Core.Generators;

/// <summary>All that is written for one type; compared by value, and holding nothing of the compilation.</summary>
internal sealed record Row(
    string FileName,
    string? Namespace,
    EquatableArray<string> Containers,
    string Keyword,
    string Name,
    bool HidesBase,
    EquatableArray<RowTensor> Tensors,
    EquatableArray<RowArgument> Arguments,
    EquatableArray<RowArgument> Initializers);

/// <summary>One slot.</summary>
/// <param name="Name">The name of the tensor.</param>
/// <param name="Element">The type of its elements.</param>
/// <param name="Dimensions">The dimensions after the first.</param>
/// <param name="Columns">The columns that feed it; empty where it is named after its only one.</param>
/// <param name="Members">The properties that are its elements.</param>
internal sealed record RowTensor(string Name, Element Element, EquatableArray<int> Dimensions, EquatableArray<string> Columns, EquatableArray<RowMember> Members)
{
    public int Width => Members.Sum(member => member.Width);
}

/// <summary>One property.</summary>
internal sealed record RowMember(string Property, string Column, MemberShape Shape, Element Element, bool IsNullable, int Offset, int Width);

/// <summary>What a constructor or an initializer gives a value.</summary>
/// <param name="Name">The parameter, or the property.</param>
/// <param name="Property">The property whose value it is; <see langword="null"/> where it gets its default.</param>
internal sealed record RowArgument(string Name, string? Property);

/// <summary>How a property holds its elements.</summary>
internal enum MemberShape
{
    Scalar,
    Array,
    Memory,
    ImmutableArray,
}
