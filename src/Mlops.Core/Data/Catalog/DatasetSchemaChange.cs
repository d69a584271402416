namespace Mlops.Data;

/// <summary>A column that differs between two versions in its type, role, width or nullability, or that only one of them has.</summary>
/// <param name="Name">The column.</param>
/// <param name="Before">The column in the earlier version; <see langword="null"/> when it was added.</param>
/// <param name="After">The column in the later version; <see langword="null"/> when it was removed.</param>
public sealed record DatasetSchemaChange(string Name, ColumnSchema? Before, ColumnSchema? After);
