namespace Mlops.Data;

public static partial class DatasetExtensions
{
    /// <summary>Keeps some columns.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="columns">The columns to keep, in their new order.</param>
    /// <returns>All rows with these columns.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public static IDataset Select(this IDataset dataset, params IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(columns);
        return Project(dataset, dataset.Schema.Select(columns));
    }

    /// <summary>Leaves out some columns.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="columns">The columns to leave out.</param>
    /// <returns>All rows with the other columns.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public static IDataset Drop(this IDataset dataset, params IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(columns);
        var dropped = dataset.Schema.Select(columns.Distinct(StringComparer.Ordinal));
        return Project(dataset, new DataSchema(dataset.Schema.Where(column => !dropped.TryIndexOf(column.Name, out _))));
    }

    /// <summary>Gives a column another name.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="column">The column.</param>
    /// <param name="name">Its new name.</param>
    /// <returns>The same rows, with the name in the schema.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">Another column has the name.</exception>
    public static IDataset Rename(this IDataset dataset, string column, string name) => dataset.Rename((column, name));

    /// <summary>Gives columns other names, all at once, so that two may swap theirs.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="columns">The columns and their new names.</param>
    /// <returns>The same rows, with the names in the schema.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    /// <exception cref="ArgumentException">A column is named twice, or two columns would have one name.</exception>
    public static IDataset Rename(this IDataset dataset, params IReadOnlyList<(string Column, string Name)> columns)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(columns);
        var schema = dataset.Schema.ToArray();
        foreach (var (column, name) in columns)
        {
            var index = dataset.Schema.IndexOf(column);
            if (!ReferenceEquals(schema[index], dataset.Schema[index]))
                throw new ArgumentException($"Column '{column}' is given two names; give it one.", nameof(columns));
            schema[index] = schema[index] with { Name = name };
        }

        return new ProjectOperator(dataset, dataset.Name, new DataSchema(schema), [.. dataset.Schema.Select(column => column.Name)]);
    }

    /// <summary>Says what a column is for.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="column">The column.</param>
    /// <param name="role">Its role.</param>
    /// <returns>The same rows, with the role in the schema.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public static IDataset WithRole(this IDataset dataset, string column, ColumnRole role)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return Project(dataset, dataset.Schema.WithRole(column, role));
    }

    /// <summary>Gives the dataset another name, for reports and lineage.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="name">The name.</param>
    /// <returns>The same rows.</returns>
    public static IDataset WithName(this IDataset dataset, string name)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ProjectOperator(dataset, name, dataset.Schema, [.. dataset.Schema.Select(column => column.Name)]);
    }

    /// <summary>Casts a column to another type.</summary>
    /// <remarks>
    /// <para>A value keeps its meaning, or the cast of it fails: integers and whole seconds stay exact, no number leaves the range of its type, and only floating point may be
    /// rounded, to narrower floating point. Shorten on purpose with <c>Derive</c>.</para>
    /// <para>As numbers booleans are 0 and 1, dates days and timestamps seconds since 1970-01-01 UTC; a timestamp is a date at midnight only. Texts are read as
    /// those of files are, invariant of culture, and written so: <c>true</c>, <c>1.5</c>, <c>2024-05-01</c>, <c>2024-05-01T12:00:00Z</c>.</para>
    /// </remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="column">The column.</param>
    /// <param name="type">Its new type.</param>
    /// <param name="onFailure">What becomes of a value whose cast fails.</param>
    /// <returns>The same rows, with the column cast; its role is kept.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">No value of the column's type has a meaning in the new one.</exception>
    public static IDataset Cast(this IDataset dataset, string column, ElementType type, CastFailure onFailure = CastFailure.Refuse)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var old = dataset.Schema[column];
        if (!Enum.IsDefined(type)) throw new ArgumentOutOfRangeException(nameof(type), type, "There is no such type.");
        if (old.Type == type) return dataset;
        if (!ColumnCast.CanCast(old.Type, type, old.Width))
            throw new ArgumentException($"Column '{column}' is {old.Type} × {old.Width} and cannot be cast to {type}; cast it to another type first, or derive a column from it.", nameof(type));
        var name = dataset.Name;
        var target = old with { Type = type, IsNullable = old.IsNullable || onFailure == CastFailure.Null };
        return new DeriveOperator(dataset, target, [column], (batch, firstRow) =>
        {
            var (cast, failure) = ColumnCast.Convert(batch[0], type);
            return failure < 0 || onFailure == CastFailure.Null ? cast : throw new DataFormatException(
                name, 0, column, $"The value of row {firstRow + failure + 1} (counted from 1) cannot be cast from {old.Type} to {type} without loss. Correct it, choose another type, or let such values be missing with CastFailure.Null.");
        });
    }

    internal static ProjectOperator Project(IDataset dataset, DataSchema schema) => new(dataset, dataset.Name, schema, [.. schema.Select(column => column.Name)]);
}
