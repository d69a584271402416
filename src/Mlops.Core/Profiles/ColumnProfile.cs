using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>What one column of a dataset looks like, in a few kilobytes.</summary>
/// <remarks>
/// Numbers, dates (days since 1970-01-01) and timestamps (seconds since then) have moments and quantiles; texts and booleans have value counts. Counts, moments, minimum
/// and maximum are exact, quantiles and the number of different values carry a bound of their error. Not safe for concurrent changes.
/// </remarks>
public sealed class ColumnProfile
{
    private long[] _ticks = [];

    /// <summary>Creates an empty profile.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="type">The type of its values.</param>
    /// <param name="role">What the column is for.</param>
    /// <param name="options">How exactly it is described; the defaults when <see langword="null"/>.</param>
    public ColumnProfile(string name, ElementType type, ColumnRole role = ColumnRole.Feature, DatasetProfileOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= DatasetProfileOptions.Default;
        Name = name;
        Type = type;
        Role = role;
        DistinctValues = new HyperLogLogSketch(options.DistinctLgK);
        if (type is ElementType.String or ElementType.Boolean)
        {
            Values = new ValueCounts(options.ExactValues);
            if (type == ElementType.String) Texts = new TextProfile(new MomentsSketch(), new FrequentItemsSketch(), default);
        }
        else
        {
            Moments = new MomentsSketch();
            Quantiles = new KllSketch(options.QuantileK);
        }
    }

    internal ColumnProfile(
        string name, ElementType type, ColumnRole role, long rowCount, long missingCount, HyperLogLogSketch distinct, MomentsSketch? moments, KllSketch? quantiles, ValueCounts? values, TextProfile? texts)
    {
        (Name, Type, Role, RowCount, MissingCount) = (name, type, role, rowCount, missingCount);
        (DistinctValues, Moments, Quantiles, Values, Texts) = (distinct, moments, quantiles, values, texts);
    }

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

    /// <summary>Gets the number of different values, estimated with bounds.</summary>
    public HyperLogLogSketch DistinctValues { get; }

    /// <summary>Gets count, mean, variance, minimum and maximum; <see langword="null"/> for texts and booleans.</summary>
    public MomentsSketch? Moments { get; }

    /// <summary>Gets quantiles; <see langword="null"/> for texts and booleans.</summary>
    public KllSketch? Quantiles { get; }

    /// <summary>Gets how often each value occurs; <see langword="null"/> for numbers, dates and timestamps. Booleans are <c>true</c> and <c>false</c>.</summary>
    public ValueCounts? Values { get; }

    /// <summary>Gets lengths, frequent values and possible types; <see langword="null"/> for all but texts.</summary>
    public TextProfile? Texts { get; }

    /// <summary>Makes a profile of the same values in the precision of a narrower type, to be compared with one whose values have no more: 0.1 of 64 bits is not 0.1 of 32.</summary>
    /// <param name="type"><see cref="ElementType.Float16"/> or <see cref="ElementType.Float32"/>.</param>
    /// <returns>The profile, whose quantiles are of rounded values; values beyond the range of the type stay as they are. The rest, to which rounding makes no difference that counts, is that of this profile, and so is its type.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Numbers are not rounded to such a type.</exception>
    public ColumnProfile RoundTo(ElementType type)
    {
        if (type is not (ElementType.Float16 or ElementType.Float32))
            throw new ArgumentOutOfRangeException(nameof(type), type, $"Values are rounded to {nameof(ElementType.Float16)} or {nameof(ElementType.Float32)}.");
        return Quantiles is null ? this : new ColumnProfile(
            Name, Type, Role, RowCount, MissingCount, DistinctValues, Moments, Quantiles.Map(value => NarrowNumbers.Round(value, type)), Values, Texts);
    }

    /// <summary>Adds rows.</summary>
    /// <param name="column">The rows, of the profile's type.</param>
    /// <exception cref="ArgumentException">The column is of another type or wider than 1.</exception>
    public void Add(Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.Type != Type || column.Width != 1)
            throw new ArgumentException($"The profile of '{Name}' takes {Type}, one element a row; {column.Type} × {column.Width} was given.", nameof(column));
        RowCount += column.Length;
        if (column is TextColumn texts)
        {
            MissingCount += column.NullCount;
            Texts!.Add(texts, Values!, DistinctValues);
        }
        else if (column is Column<bool> flags)
        {
            MissingCount += column.NullCount;
            AddBooleans(flags);
        }
        else
        {
            AddNumbers(column);
        }
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
        DistinctValues.Add(values);
    }

    /// <summary>Makes this profile describe the other one's rows too.</summary>
    /// <param name="other">The profile of the same column, which is left as it is.</param>
    /// <exception cref="ArgumentException">The other profile is of another column or type.</exception>
    public void Merge(ColumnProfile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        CheckMerge(other);
        RowCount += other.RowCount;
        MissingCount += other.MissingCount;
        DistinctValues.Merge(other.DistinctValues);
        Moments?.Merge(other.Moments!);
        Quantiles?.Merge(other.Quantiles!);
        Values?.Merge(other.Values!);
        Texts?.Merge(other.Texts!);
    }

    internal void CheckMerge(ColumnProfile other)
    {
        if (other.Name != Name || other.Type != Type)
            throw new ArgumentException($"The profile of '{Name}' ({Type}) cannot take in that of '{other.Name}' ({other.Type}).", nameof(other));
    }

    private void AddBooleans(Column<bool> column)
    {
        var (present, trues) = (column.Length - column.NullCount, column.Values.Count(true));
        Count("true", trues);
        Count("false", present - trues);

        void Count(string value, int times)
        {
            if (times == 0) return;
            Values!.Add(value, times);
            DistinctValues.Add(value);
        }
    }

    private void AddNumbers(Column column)
    {
        // Rented, so that the profiles of many parts of a dataset stay small.
        var numbers = ArrayPool<double>.Shared.Rent(ReadOptions.DefaultBatchRows);
        for (var start = 0; start < column.Length; start += ReadOptions.DefaultBatchRows)
        {
            var length = Math.Min(ReadOptions.DefaultBatchRows, column.Length - start);
            var values = numbers.AsSpan(0, length);
            ColumnNumbers.CopyTo(column, start, values);
            AddPresent(values);
            // As doubles, integers beyond 2^53 would fall together, and moments that are less than a microsecond apart.
            if (ToIntegers(column, start, length) is var integers && integers.IsEmpty) DistinctValues.Add(values);
            else AddDistinct(column, start, integers);
        }

        ArrayPool<double>.Shared.Return(numbers);
    }

    private ReadOnlySpan<long> ToIntegers(Column column, int start, int length)
    {
        switch (column)
        {
            case Column<long> typed:
                return typed.Values.Slice(start, length);
            case Column<ulong> typed:
                return MemoryMarshal.Cast<ulong, long>(typed.Values.Slice(start, length));
            case Column<DateTime> typed:
                if (_ticks.Length < length) _ticks = new long[ReadOptions.DefaultBatchRows];
                for (var i = 0; i < length; i++) _ticks[i] = typed.Values[start + i].Ticks;
                return _ticks.AsSpan(0, length);
            default:
                return default;
        }
    }

    private void AddDistinct(Column column, int start, ReadOnlySpan<long> values)
    {
        if (column.NullCount == 0)
        {
            DistinctValues.Add(values);
            return;
        }

        var from = 0;
        for (var i = 0; i <= values.Length; i++)
        {
            if (i < values.Length && !column.IsNull(start + i)) continue;
            DistinctValues.Add(values[from..i]);
            from = i + 1;
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
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}: {Type}, {RowCount} rows, {MissingCount} missing, {DistinctValues.Estimate:0} different values")
        : string.Create(CultureInfo.InvariantCulture, $"{Name}: {Type}, {RowCount} rows, {MissingCount} missing, mean {Moments.Mean:g4}, from {Moments.Minimum:g4} to {Moments.Maximum:g4}");
}
