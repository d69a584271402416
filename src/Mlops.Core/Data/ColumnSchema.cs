namespace Mlops.Data;

/// <summary>The name, type and role of one column.</summary>
/// <param name="Name">The name, unique within its schema, compared ordinally.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Role">What the column is for.</param>
public sealed record ColumnSchema(string Name, ElementType Type, ColumnRole Role = ColumnRole.Feature)
{
    /// <summary>Gets whether a row may have no value.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool IsNullable { get; init; } = true;

    /// <summary>Gets the number of elements in each row; more than 1 for embeddings.</summary>
    /// <value>The default value is 1.</value>
    public int Width { get; init; } = 1;
}
