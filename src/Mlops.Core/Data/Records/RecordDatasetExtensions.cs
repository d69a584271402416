using System.Diagnostics.CodeAnalysis;

namespace Mlops.Data;

/// <summary>Makes datasets of records.</summary>
public static class RecordDatasetExtensions
{
    private const string NeedsReflection = "The properties of the record are found by reflection. Name the columns with the overload that takes a map.";

    /// <summary>Makes a dataset of records with the columns that a map names.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="records">The records, which are gone through for every read.</param>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="map">Names the columns.</param>
    /// <param name="schema">The columns to read, with their types; those of the map, with the types of their values, when <see langword="null"/>.</param>
    /// <param name="badRowHandling">What is done with records that do not fit the schema.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="EntityNotFoundException">The schema has a column that the map does not name.</exception>
    /// <example><code>
    /// var rides = records.ToDataset("rides", map => map
    ///     .Column("day", ride => ride.Day, ColumnRole.Time)
    ///     .Column("riders", ride => ride.Riders, ColumnRole.Label)
    ///     .Vector("embedding", 384, ride => ride.Embedding));
    /// </code></example>
    public static RecordDataset<T> ToDataset<T>(
        this IAsyncEnumerable<T> records, string name, Action<RecordMap<T>> map, DataSchema? schema = null, BadRowHandling badRowHandling = BadRowHandling.Refuse)
    {
        ArgumentNullException.ThrowIfNull(map);
        var columns = new RecordMap<T>();
        map(columns);
        return RecordDataset<T>.Create(name, records, columns, schema, badRowHandling);
    }

    /// <inheritdoc cref="ToDataset{T}(IAsyncEnumerable{T}, string, Action{RecordMap{T}}, DataSchema?, BadRowHandling)"/>
    public static RecordDataset<T> ToDataset<T>(
        this IEnumerable<T> records, string name, Action<RecordMap<T>> map, DataSchema? schema = null, BadRowHandling badRowHandling = BadRowHandling.Refuse)
        => records.ToAsyncEnumerable().ToDataset(name, map, schema, badRowHandling);

    /// <summary>Makes a dataset of records with a column for each readable public property whose type a column can hold.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="records">The records, which are gone through for every read.</param>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="schema">The columns to read, with their types; all of them, with the types of the properties, when <see langword="null"/>. Vectors need a schema, which tells their width.</param>
    /// <param name="badRowHandling">What is done with records that do not fit the schema.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="EntityNotFoundException">The schema has a column without a property.</exception>
    /// <exception cref="NotSupportedException">The record has no such property, or one of vectors and no schema is given.</exception>
    [RequiresDynamicCode(NeedsReflection)]
    public static RecordDataset<T> ToDataset<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(
        this IAsyncEnumerable<T> records, string name, DataSchema? schema = null, BadRowHandling badRowHandling = BadRowHandling.Refuse)
        => RecordDataset<T>.Create(name, records, PropertyMap.Create<T>(schema), schema, badRowHandling);

    /// <inheritdoc cref="ToDataset{T}(IAsyncEnumerable{T}, string, DataSchema?, BadRowHandling)"/>
    [RequiresDynamicCode(NeedsReflection)]
    public static RecordDataset<T> ToDataset<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(
        this IEnumerable<T> records, string name, DataSchema? schema = null, BadRowHandling badRowHandling = BadRowHandling.Refuse)
        => records.ToAsyncEnumerable().ToDataset(name, schema, badRowHandling);
}
