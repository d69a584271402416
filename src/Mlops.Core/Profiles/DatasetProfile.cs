using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>What a dataset looks like, column by column, in a few kilobytes: the reference of validation and drift tests.</summary>
public sealed class DatasetProfile
{
    private readonly ColumnProfile[] _columns;

    /// <summary>Creates an empty profile.</summary>
    /// <param name="schema">The columns to describe; those wider than 1 are left out.</param>
    public DatasetProfile(DataSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _columns = [.. schema.Where(column => column.Width == 1).Select(column => new ColumnProfile(column.Name, column.Type, column.Role))];
    }

    /// <summary>Creates a profile from profiles of columns.</summary>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="columns">The profiles.</param>
    public DatasetProfile(long rowCount, params IEnumerable<ColumnProfile> columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        RowCount = rowCount;
        _columns = [.. columns];
    }

    /// <summary>Gets the number of rows.</summary>
    public long RowCount { get; private set; }

    /// <summary>Gets the profiles of the columns, in the schema's order.</summary>
    public IReadOnlyList<ColumnProfile> Columns => _columns;

    /// <summary>Describes a dataset in one pass.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The profile.</returns>
    public static async Task<DatasetProfile> CreateAsync(IDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var profile = new DatasetProfile(dataset.Schema);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) profile.Add(batch);
        return profile;
    }

    /// <summary>Finds the profile of a column.</summary>
    /// <param name="name">The name of the column.</param>
    /// <returns>The profile, or <see langword="null"/>.</returns>
    public ColumnProfile? Find(string name) => Array.Find(_columns, column => column.Name == name);

    /// <summary>Adds rows.</summary>
    /// <param name="batch">The rows, which must have every column of the profile.</param>
    /// <exception cref="EntityNotFoundException">A column is absent.</exception>
    public void Add(DataBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        foreach (var column in _columns) column.Add(batch[column.Name]);
        RowCount += batch.RowCount;
    }

    /// <summary>Makes this profile describe the other one's rows too.</summary>
    /// <param name="other">The profile of the same columns, which is left as it is.</param>
    /// <exception cref="ArgumentException">The other profile has other columns.</exception>
    public void Merge(DatasetProfile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._columns.Length != _columns.Length)
            throw new ArgumentException($"A profile of {_columns.Length} columns cannot take in one of {other._columns.Length}.", nameof(other));
        for (var i = 0; i < _columns.Length; i++) _columns[i].Merge(other._columns[i]);
        RowCount += other.RowCount;
    }

    /// <summary>Writes the profile as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new DatasetProfileDocument(RowCount, [.. _columns.Select(DatasetProfileDocument.Column.Of)]),
        DatasetProfileJson.Default.DatasetProfileDocument);

    /// <summary>Reads a profile from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The profile.</returns>
    /// <exception cref="JsonException">The JSON is not a profile.</exception>
    /// <exception cref="FormatException">A sketch in it is damaged.</exception>
    public static DatasetProfile FromJson(ReadOnlySpan<byte> json)
    {
        var document = JsonSerializer.Deserialize(json, DatasetProfileJson.Default.DatasetProfileDocument)
            ?? throw new JsonException("The JSON holds no profile.");
        return new DatasetProfile(document.RowCount, document.Columns.Select(column => column.ToProfile()));
    }
}

/// <summary>The JSON form of a <see cref="DatasetProfile"/>: figures for people, sketches in base 64 for machines.</summary>
internal sealed record DatasetProfileDocument(long RowCount, DatasetProfileDocument.Column[] Columns)
{
    internal sealed record Column(
        string Name,
        ElementType Type,
        ColumnRole Role,
        long RowCount,
        long MissingCount,
        double? Mean,
        double? StandardDeviation,
        double? Minimum,
        double? Maximum,
        byte[]? Moments,
        byte[]? Quantiles,
        byte[]? Values)
    {
        public static Column Of(ColumnProfile profile)
        {
            var moments = profile.Moments is { Count: > 0 } present ? present : null;
            return new Column(
                profile.Name, profile.Type, profile.Role, profile.RowCount, profile.MissingCount,
                moments?.Mean, moments?.StandardDeviation, moments?.Minimum, moments?.Maximum,
                ToBytes(profile.Moments), ToBytes(profile.Quantiles), ToBytes(profile.Values));
        }

        public ColumnProfile ToProfile() => new(
            Name, Type, Role, RowCount, MissingCount,
            Moments is null ? null : MomentsSketch.ReadFrom(Moments),
            Quantiles is null ? null : KllSketch.ReadFrom(Quantiles),
            Values is null ? null : ValueCounts.ReadFrom(Values));

        private static byte[]? ToBytes<T>(T? sketch)
            where T : class, ISketch<T>
        {
            if (sketch is null) return null;
            var writer = new ArrayBufferWriter<byte>();
            sketch.WriteTo(writer);
            return writer.WrittenSpan.ToArray();
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(DatasetProfileDocument))]
internal sealed partial class DatasetProfileJson : JsonSerializerContext;
