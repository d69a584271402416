namespace Mlops.Data;

public static partial class DatasetExtensions
{
    /// <summary>Puts each row beside the rows of another dataset with equal keys.</summary>
    /// <remarks>
    /// <para>A hash join: every read holds the wanted columns of the right side in memory and streams the left side. Cache the right side when it is expensive to read.</para>
    /// <para>The rows come in the order of the left side, and those of one left row in the order of the right side; a left row with several matches occurs several times. A missing key
    /// matches nothing, not even another missing one; NaN equals NaN.</para>
    /// </remarks>
    /// <param name="dataset">The left side.</param>
    /// <param name="right">The right side.</param>
    /// <param name="on">The key columns, at least one, of the same names and types on both sides. Rename or cast a column where they differ.</param>
    /// <param name="kind">What becomes of left rows without a match.</param>
    /// <param name="suffix">What is appended to the name of a right column that the left side has too; <see langword="null"/> to refuse such a column.</param>
    /// <returns>The columns of the left side, and those of the right side but its keys, with their roles.</returns>
    /// <exception cref="EntityNotFoundException">A key column does not exist on one side.</exception>
    /// <exception cref="ArgumentException">There is no key, a key has other types on both sides, or two columns would have one name.</exception>
    public static IDataset Join(this IDataset dataset, IDataset right, IReadOnlyList<string> on, JoinKind kind = JoinKind.Inner, string? suffix = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(right);
        ArgumentNullException.ThrowIfNull(on);
        if (on.Count == 0) throw new ArgumentException("Name at least one key column.", nameof(on));
        if (!Enum.IsDefined(kind)) throw new ArgumentOutOfRangeException(nameof(kind), kind, "There is no such kind of join.");
        string[] keys = [.. on.Distinct(StringComparer.Ordinal)];
        return new JoinOperator(dataset, right, keys, kind, new JoinSchema(dataset, right, keys, suffix, isRightOptional: kind == JoinKind.Left));
    }

    /// <summary>Puts each row beside the row of another dataset that is nearest to it in time: what was known then.</summary>
    /// <remarks>
    /// <para>In the direction <see cref="AsOfDirection.Backward"/>, the default, a row never sees a right row later than itself, so that features joined so hold nothing that was not known
    /// at that time. Each left row occurs once, in the order of the left side, with or without a match; neither side need be sorted.</para>
    /// <para>Of several right rows of the same time the last one in the right side's order is taken, looking ahead the first one. Rows without a time or a key have no match. Every read holds the
    /// wanted columns of the right side in memory and streams the left side.</para>
    /// </remarks>
    /// <param name="dataset">The left side.</param>
    /// <param name="right">The right side.</param>
    /// <param name="on">The column of both sides that tells the time: both dates or both timestamps.</param>
    /// <param name="options">The entity's columns, direction, tolerance and names; the defaults of <see cref="AsOfJoinOptions"/> when <see langword="null"/>.</param>
    /// <returns>The columns of the left side, and those of the right side but time and entity, with their roles.</returns>
    /// <exception cref="EntityNotFoundException">A column does not exist on one side.</exception>
    /// <exception cref="ArgumentException">The time is no time, a column has other types on both sides, the tolerance is negative, or two columns would have one name.</exception>
    /// <example><code>orders.JoinAsOf(prices, "time", new AsOfJoinOptions { By = ["product"], Tolerance = TimeSpan.FromDays(7) })</code></example>
    public static IDataset JoinAsOf(this IDataset dataset, IDataset right, string on, AsOfJoinOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(right);
        options ??= new AsOfJoinOptions();
        if (dataset.Schema[on] is not { Type: ElementType.Date or ElementType.Timestamp, Width: 1 } time)
            throw new ArgumentException($"Column '{on}' of '{dataset.Name}' is {dataset.Schema[on].Type}; rows are joined by a date or a timestamp. Cast it.", nameof(on));
        if (options.By.Contains(on, StringComparer.Ordinal)) throw new ArgumentException($"Column '{on}' tells the time and cannot tell the entity, too.", nameof(options));
        if (options.Tolerance < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(options), options.Tolerance, "The tolerance of an as-of join is at least zero.");
        if (!Enum.IsDefined(options.Direction)) throw new ArgumentOutOfRangeException(nameof(options), options.Direction, "There is no such direction.");
        var matched = options.MatchedTime is null ? ((string, string)?)null : (time.Name, options.MatchedTime);
        return new AsOfJoinOperator(dataset, right, on, options, new JoinSchema(dataset, right, [.. options.By, on], options.Suffix, isRightOptional: true, matched));
    }

    /// <summary>Appends the rows of other datasets, all of them.</summary>
    /// <remarks>
    /// Columns are matched by name, and come in the order of the first dataset, with its roles. Numbers of different types become the type that holds both: the wider integer or floating point,
    /// or <see cref="ElementType.Float64"/> for integers with floating point, where an integer beyond 2^53 that it cannot hold fails the read.
    /// </remarks>
    /// <param name="dataset">The first dataset.</param>
    /// <param name="others">The other ones.</param>
    /// <returns>The rows of each, one dataset after another.</returns>
    /// <exception cref="ArgumentException">A column is missing in a dataset, or its types have none in common.</exception>
    public static IDataset Concat(this IDataset dataset, params IReadOnlyList<IDataset> others)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(others);
        var (schema, parts) = CommonSchema.Bring([dataset, .. others]);
        return new PartitionedDataset(dataset.Name, schema, parts);
    }

    /// <summary>Appends the rows of another dataset that do not occur yet; rows that are equal in all columns occur once.</summary>
    /// <remarks>See <see cref="Concat"/>, which keeps all rows, and <see cref="Distinct"/>.</remarks>
    /// <param name="dataset">The first dataset.</param>
    /// <param name="other">The other one.</param>
    /// <returns>The different rows of both.</returns>
    /// <exception cref="ArgumentException">A column is missing in a dataset, or its types have none in common.</exception>
    public static IDataset Union(this IDataset dataset, IDataset other) => dataset.Concat(other).Distinct();
}
