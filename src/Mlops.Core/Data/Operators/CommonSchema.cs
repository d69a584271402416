namespace Mlops.Data;

/// <summary>Brings datasets to the schema that holds the values of all of them.</summary>
internal static class CommonSchema
{
    /// <summary>Brings datasets to a common schema: the first one's names, order and roles.</summary>
    /// <exception cref="ArgumentException">There is none; the column that differs is named.</exception>
    public static (DataSchema Schema, IReadOnlyList<IDataset> Datasets) Bring(IReadOnlyList<IDataset> datasets)
    {
        var first = datasets[0];
        var schema = datasets.Skip(1).Aggregate(first.Schema, (common, other) => Combine(common, other, first.Name));
        return (schema, [.. datasets.Select(dataset => Bring(dataset, schema))]);
    }

    private static DataSchema Combine(DataSchema common, IDataset other, string firstName)
    {
        if (other.Schema.FirstOrDefault(column => !common.TryIndexOf(column.Name, out _)) is { } extra)
            throw new ArgumentException($"Column '{extra.Name}' of '{other.Name}' does not exist in '{firstName}'. Drop it there, or derive it here.", nameof(other));
        return new DataSchema(common.Select(column =>
        {
            if (!other.Schema.TryIndexOf(column.Name, out var index))
                throw new ArgumentException($"Column '{column.Name}' of '{firstName}' does not exist in '{other.Name}'. Derive it there, or drop it here.", nameof(other));
            var its = other.Schema[index];
            if (column.Width != its.Width || Widen(column.Type, its.Type) is not { } type)
            {
                throw new ArgumentException(
                    $"Column '{column.Name}' is {column.Type} × {column.Width} in '{firstName}' but {its.Type} × {its.Width} in '{other.Name}', and no type holds the values of both. Cast one of them.", nameof(other));
            }

            return column with { Type = type, IsNullable = column.IsNullable || its.IsNullable };
        }));
    }

    // The numeric type that holds the values of both; booleans, texts, dates and timestamps mix with their own kind only.
    private static ElementType? Widen(ElementType one, ElementType other)
    {
        if (one == other) return one;
        if (one == ElementType.Boolean || other == ElementType.Boolean || !one.IsNumeric() || !other.IsNumeric()) return null;
        if (one.IsFloatingPoint() && other.IsFloatingPoint()) return one > other ? one : other;
        if (one.IsFloatingPoint() || other.IsFloatingPoint()) return ElementType.Float64;
        var (isOneUnsigned, isOtherUnsigned) = (one >= ElementType.UInt8, other >= ElementType.UInt8);
        if (isOneUnsigned == isOtherUnsigned) return one > other ? one : other;
        return one == ElementType.UInt64 || other == ElementType.UInt64 ? null : ElementType.Int64;
    }

    private static ProjectOperator Bring(IDataset dataset, DataSchema schema)
    {
        var brought = schema.Aggregate(dataset, (current, column) => current.Schema[column.Name].Type == column.Type ? current : current.Cast(column.Name, column.Type));
        return new ProjectOperator(brought, dataset.Name, schema, [.. schema.Select(column => column.Name)]);
    }
}
