using System.Runtime.ExceptionServices;
using System.Text.Json;
using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>What a dataset looks like, column by column, in a few kilobytes: the reference of validation and drift tests.</summary>
/// <remarks>Profiles of parts of a dataset merge into the profile of the whole: exact figures as if it had been read at once, estimates within their bounds.</remarks>
/// <example><code>
/// var profile = await DatasetProfile.CreateAsync(rides, new DatasetProfileOptions { Correlations = true });
/// Console.WriteLine(profile["temperature"].Quantiles!.GetQuantile(0.99));
/// Console.WriteLine(profile.Correlations!["temperature", "riders"]);
/// </code></example>
public sealed class DatasetProfile
{
    private readonly ColumnProfile[] _columns;
    private readonly VectorProfile[] _vectors;
    private readonly int _parallelism = 1;

    /// <summary>Creates an empty profile.</summary>
    /// <param name="schema">The columns to describe.</param>
    /// <param name="options">What is described, and how exactly; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or correlations of too many columns are asked for.</exception>
    public DatasetProfile(DataSchema schema, DatasetProfileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        options ??= DatasetProfileOptions.Default;
        options.Check();
        _parallelism = options.Parallelism;
        _columns = [.. schema.Where(column => column.Width == 1).Select(column => new ColumnProfile(column.Name, column.Type, column.Role, options))];
        _vectors = [.. schema.Where(column => column.Width > 1).Select(column => new VectorProfile(column.Name, column.Type, column.Width, column.Role))];
        if (options.Correlations)
            Correlations = new CorrelationMatrix([.. _columns.Where(column => column.Type != ElementType.String).Select(column => column.Name)]);
        if (options.LabelInformation) LabelInformation = LabelInformation.Create(schema, options);
    }

    /// <summary>Creates a profile from profiles of columns.</summary>
    /// <param name="rowCount">The number of rows.</param>
    /// <param name="columns">The profiles.</param>
    public DatasetProfile(long rowCount, params IEnumerable<ColumnProfile> columns)
        : this(rowCount, columns, [], null, null)
    {
    }

    internal DatasetProfile(long rowCount, IEnumerable<ColumnProfile> columns, IEnumerable<VectorProfile> vectors, CorrelationMatrix? correlations, LabelInformation? labelInformation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        RowCount = rowCount;
        _columns = [.. columns];
        _vectors = [.. vectors];
        (Correlations, LabelInformation) = (correlations, labelInformation);
    }

    /// <summary>Gets the number of rows.</summary>
    public long RowCount { get; private set; }

    /// <summary>Gets the profiles of the columns of one element a row, in the schema's order.</summary>
    public IReadOnlyList<ColumnProfile> Columns => _columns;

    /// <summary>Gets the profiles of the columns of vectors, in the schema's order.</summary>
    public IReadOnlyList<VectorProfile> Vectors => _vectors;

    /// <summary>Gets the correlations of the columns that are not texts; <see langword="null"/> unless <see cref="DatasetProfileOptions.Correlations"/> asked for them.</summary>
    public CorrelationMatrix? Correlations { get; }

    /// <summary>Gets how much each column says about the label; <see langword="null"/> unless <see cref="DatasetProfileOptions.LabelInformation"/> asked for it, or without a label.</summary>
    public LabelInformation? LabelInformation { get; }

    /// <summary>Gets the profile of a column of one element a row.</summary>
    /// <param name="name">The name of the column.</param>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public ColumnProfile this[string name] => Find(name)
        ?? throw new EntityNotFoundException("column", name, $"The profile has no column '{name}'. Its columns are: {string.Join(", ", _columns.Take(60).Select(column => column.Name))}.");

    /// <summary>Describes a dataset in one pass.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The profile.</returns>
    public static Task<DatasetProfile> CreateAsync(IDataset dataset, CancellationToken cancellationToken = default) => CreateAsync(dataset, null, cancellationToken);

    /// <summary>Describes a dataset in one pass.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">What is described, and how exactly; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The profile.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or correlations of too many columns are asked for.</exception>
    public static async Task<DatasetProfile> CreateAsync(IDataset dataset, DatasetProfileOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var profile = new DatasetProfile(dataset.Schema, options);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) profile.Add(batch);
        return profile;
    }

    /// <summary>Finds the profile of a column of one element a row.</summary>
    /// <param name="name">The name of the column.</param>
    /// <returns>The profile, or <see langword="null"/>.</returns>
    public ColumnProfile? Find(string name) => Array.Find(_columns, column => column.Name == name);

    /// <summary>Adds rows.</summary>
    /// <param name="batch">The rows, which must have every column of the profile.</param>
    /// <exception cref="EntityNotFoundException">A column is absent.</exception>
    public void Add(DataBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_parallelism == 1) foreach (var column in _columns) column.Add(batch[column.Name]);
        else AddInParallel(batch);
        foreach (var column in _vectors) column.Add(batch[column.Name]);
        Correlations?.Add(batch);
        LabelInformation?.Add(batch);
        RowCount += batch.RowCount;
    }

    private void AddInParallel(DataBatch batch)
    {
        try
        {
            Parallel.ForEach(_columns, new ParallelOptions { MaxDegreeOfParallelism = _parallelism }, column => column.Add(batch[column.Name]));
        }
        catch (AggregateException error) when (error.InnerExceptions is [var first, ..])
        {
            ExceptionDispatchInfo.Throw(first); // What one thread would have thrown.
        }
    }

    /// <summary>Makes this profile describe the other one's rows too.</summary>
    /// <param name="other">The profile of the same columns, which is left as it is.</param>
    /// <exception cref="ArgumentException">The other profile has other columns, or describes other things of them.</exception>
    public void Merge(DatasetProfile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._columns.Length != _columns.Length || other._vectors.Length != _vectors.Length)
            throw new ArgumentException($"A profile of {_columns.Length + _vectors.Length} columns cannot take in one of {other._columns.Length + other._vectors.Length}.", nameof(other));
        if (Correlations is null != other.Correlations is null || LabelInformation is null != other.LabelInformation is null)
            throw new ArgumentException("One of the profiles has correlations or label information, and the other has not; create both with the same options.", nameof(other));
        // All is looked at before anything is changed.
        for (var i = 0; i < _columns.Length; i++) _columns[i].CheckMerge(other._columns[i]);
        for (var i = 0; i < _vectors.Length; i++) _vectors[i].CheckMerge(other._vectors[i]);
        Correlations?.CheckMerge(other.Correlations!);
        LabelInformation?.CheckMerge(other.LabelInformation!);
        for (var i = 0; i < _columns.Length; i++) _columns[i].Merge(other._columns[i]);
        for (var i = 0; i < _vectors.Length; i++) _vectors[i].Merge(other._vectors[i]);
        Correlations?.Merge(other.Correlations!);
        LabelInformation?.Merge(other.LabelInformation!);
        RowCount += other.RowCount;
    }

    /// <summary>Writes the profile as JSON: figures for people, and the binary form for machines.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => DatasetProfileDocument.Write(this);

    /// <summary>Reads a profile from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The profile.</returns>
    /// <exception cref="JsonException">The JSON is not a profile.</exception>
    /// <exception cref="FormatException">A sketch in it is damaged.</exception>
    public static DatasetProfile FromJson(ReadOnlySpan<byte> json) => DatasetProfileDocument.Read(json);

    /// <summary>Writes the profile in its binary form.</summary>
    /// <returns>Bytes that <see cref="FromBytes"/> reads back.</returns>
    public byte[] ToBytes() => DatasetProfileBinary.Write(this);

    /// <summary>Reads a profile from its binary form.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <returns>The profile, which goes on as the one that was written would.</returns>
    /// <exception cref="FormatException">The bytes are not a profile, or are damaged.</exception>
    public static DatasetProfile FromBytes(ReadOnlySpan<byte> bytes) => DatasetProfileBinary.Read(bytes);
}
