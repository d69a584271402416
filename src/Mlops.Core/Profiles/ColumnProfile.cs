using System.Globalization;
using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>What one column of a dataset looks like, in a few kilobytes.</summary>
/// <remarks>Numbers, dates (days since 1970-01-01) and timestamps (seconds since then) have moments and quantiles; texts and booleans have value counts. Not safe for concurrent changes.</remarks>
public sealed class ColumnProfile
{
    private readonly double[] _numbers = new double[ReadOptions.DefaultBatchRows];

    /// <summary>Creates an empty profile.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="type">The type of its values.</param>
    /// <param name="role">What the column is for.</param>
    public ColumnProfile(string name, ElementType type, ColumnRole role = ColumnRole.Feature)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Type = type;
        Role = role;
        if (type is ElementType.String or ElementType.Boolean)
        {
            Values = new ValueCounts();
        }
        else
        {
            Moments = new MomentsSketch();
            Quantiles = new KllSketch();
        }
    }

    internal ColumnProfile(string name, ElementType type, ColumnRole role, long rowCount, long missingCount, MomentsSketch? moments, KllSketch? quantiles, ValueCounts? values)
        => (Name, Type, Role, RowCount, MissingCount, Moments, Quantiles, Values) = (name, type, role, rowCount, missingCount, moments, quantiles, values);

    /// <summary>Gets the name of the column.</summary>
    public string Name { get; }

    /// <summary>Gets the type of its values.</summary>
    public ElementType Type { get; }

    /// <summary>Gets what the column is for.</summary>
    public ColumnRole Role { get; }

    /// <summary>Gets the number of rows, missing values included.</summary>
    public long RowCount { get; private set; }

    /// <summary>Gets the number of missing values; NaN counts as missing.</summary>
    public long MissingCount { get; private set; }

    /// <summary>Gets the share of rows with a value, 0..1; NaN when there is no row.</summary>
    public double CompletenessRatio => 1 - ((double)MissingCount / RowCount);

    /// <summary>Gets count, mean, variance, minimum and maximum; <see langword="null"/> for texts and booleans.</summary>
    public MomentsSketch? Moments { get; }

    /// <summary>Gets quantiles; <see langword="null"/> for texts and booleans.</summary>
    public KllSketch? Quantiles { get; }

    /// <summary>Gets how often each value occurs; <see langword="null"/> for numbers, dates and timestamps. Booleans are <c>true</c> and <c>false</c>.</summary>
    public ValueCounts? Values { get; }

    /// <summary>Adds rows.</summary>
    /// <param name="column">The rows, of the profile's type.</param>
    /// <exception cref="ArgumentException">The column is of another type or wider than 1.</exception>
    public void Add(Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.Type != Type || column.Width != 1)
            throw new ArgumentException($"The profile of '{Name}' takes {Type}, one element a row; {column.Type} × {column.Width} was given.", nameof(column));
        RowCount += column.Length;
        if (Values is not null) AddValues(column);
        else AddNumbers(column);
    }

    /// <summary>Adds numbers that are not in a column: predictions, single observations.</summary>
    /// <param name="values">The numbers, shape (n); NaN counts as missing.</param>
    /// <exception cref="InvalidOperationException">The profile is of texts or booleans.</exception>
    public void Add(ReadOnlySpan<double> values)
    {
        if (Moments is null || Quantiles is null)
            throw new InvalidOperationException($"'{Name}' is {Type}; numbers cannot be added to it.");
        RowCount += values.Length;
        AddPresent(values);
    }

    /// <summary>Makes this profile describe the other one's rows too.</summary>
    /// <param name="other">The profile of the same column, which is left as it is.</param>
    /// <exception cref="ArgumentException">The other profile is of another column or type.</exception>
    public void Merge(ColumnProfile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Name != Name || other.Type != Type)
            throw new ArgumentException($"The profile of '{Name}' ({Type}) cannot take in that of '{other.Name}' ({other.Type}).", nameof(other));
        RowCount += other.RowCount;
        MissingCount += other.MissingCount;
        Moments?.Merge(other.Moments!);
        Quantiles?.Merge(other.Quantiles!);
        Values?.Merge(other.Values!);
    }

    private void AddValues(Column column)
    {
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row)) MissingCount++;
            else Values!.Add(column is TextColumn text ? text.GetString(row)! : ((Column<bool>)column).Values[row] ? "true" : "false", 1);
        }
    }

    private void AddNumbers(Column column)
    {
        for (var start = 0; start < column.Length; start += _numbers.Length)
        {
            var length = Math.Min(_numbers.Length, column.Length - start);
            ColumnNumbers.CopyTo(column, start, _numbers.AsSpan(0, length));
            AddPresent(_numbers.AsSpan(0, length));
        }
    }

    private void AddPresent(ReadOnlySpan<double> values)
    {
        var before = Moments!.Count;
        Moments.Add(values);
        Quantiles!.Add(values);
        MissingCount += values.Length - (Moments.Count - before);
    }

    /// <summary>Describes the profile in one line.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => Moments is null
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}: {Type}, {RowCount} rows, {MissingCount} missing, {Values!.DistinctCount} different values")
        : string.Create(CultureInfo.InvariantCulture, $"{Name}: {Type}, {RowCount} rows, {MissingCount} missing, mean {Moments.Mean:g4}, from {Moments.Minimum:g4} to {Moments.Maximum:g4}");
}
