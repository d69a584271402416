namespace Mlops.Data;

public static partial class DatasetExtensions
{
    /// <summary>The most rows that a sort holds in memory unless it is told another number: ten million.</summary>
    public const int DefaultMaximumSortRows = 10_000_000;

    /// <summary>Keeps some rows, by a test that may look at all columns. Where it looks at few, the forms that name columns read less.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="predicate">Tells for a row of a batch whether it is kept.</param>
    /// <returns>The rows that are kept, in their order.</returns>
    /// <example><code>data.Where((batch, row) => !batch["age"].IsNull(row))</code></example>
    public static IDataset Where(this IDataset dataset, Func<DataBatch, int, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return dataset.Where([.. dataset.Schema.Select(column => column.Name)], predicate);
    }

    /// <summary>Keeps some rows, by a test that looks at some columns.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="columns">The columns that the test looks at.</param>
    /// <param name="predicate">Tells for a row of a batch of these columns, in their order, whether it is kept.</param>
    /// <returns>The rows that are kept, in their order.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public static IDataset Where(this IDataset dataset, IReadOnlyList<string> columns, Func<DataBatch, int, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(predicate);
        return Filter(dataset, columns, (inputs, kept) =>
        {
            for (var row = 0; row < kept.Length; row++) kept[row] = predicate(inputs, row);
        });
    }

    /// <summary>Keeps some rows, by a test of the values of one column, row by row.</summary>
    /// <typeparam name="T">
    /// The type of the values: the column's own, <see cref="double"/> for everything but texts, <see cref="string"/> for texts. A nullable type lets the test see
    /// missing values; otherwise rows without a value are left out.
    /// </typeparam>
    /// <param name="dataset">The dataset.</param>
    /// <param name="column">The column, of width 1.</param>
    /// <param name="predicate">Tells for a value whether its row is kept.</param>
    /// <returns>The rows that are kept, in their order.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">The column cannot be read as <typeparamref name="T"/>.</exception>
    /// <example><code>data.Where("age", (double age) => age >= 18).Where("city", (string city) => city != "Rome")</code></example>
    public static IDataset Where<T>(this IDataset dataset, string column, Func<T, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(predicate);
        var reader = ColumnReader<T>.Create(dataset.Schema[column]);
        return Filter(dataset, [column], (inputs, kept) =>
        {
            var values = reader.Read(inputs[0]);
            for (var row = 0; row < kept.Length; row++) kept[row] = (reader.ReadsNulls || !inputs[0].IsNull(row)) && predicate(values[row]);
        });
    }

    /// <summary>Keeps some rows, by a test over the values of one column, a batch at a time: the fastest form.</summary>
    /// <typeparam name="T">The type of the values: the column's own, or <see cref="double"/> for everything but texts.</typeparam>
    /// <param name="dataset">The dataset.</param>
    /// <param name="column">The column.</param>
    /// <param name="filter">Decides which rows are kept; rows without a value never are.</param>
    /// <returns>The rows that are kept, in their order.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="ArgumentException">The column cannot be read as <typeparamref name="T"/>.</exception>
    public static IDataset Where<T>(this IDataset dataset, string column, ColumnFilter<T> filter)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(filter);
        var reader = ColumnReader<T>.Create(dataset.Schema[column], isAnyWidth: true);
        return Filter(dataset, [column], (inputs, kept) =>
        {
            filter(reader.Read(inputs[0]), kept);
            for (var row = 0; inputs[0].NullCount > 0 && row < kept.Length; row++) kept[row] &= !inputs[0].IsNull(row);
        });
    }

    /// <summary>Keeps the rows that have a value in each of some columns.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="columns">The columns; all when there are none.</param>
    /// <returns>The rows that are kept, in their order; the columns are not nullable any longer.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public static IDataset WhereNotNull(this IDataset dataset, params IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(columns);
        string[] names = [.. columns.Count == 0 ? dataset.Schema.Select(column => column.Name) : columns.Distinct(StringComparer.Ordinal)];
        var filtered = Filter(dataset, names, (inputs, kept) =>
        {
            kept.Fill(true);
            for (var i = 0; i < names.Length; i++)
            {
                for (var row = 0; inputs[i].NullCount > 0 && row < kept.Length; row++) kept[row] &= !inputs[i].IsNull(row);
            }
        });
        return Project(filtered, new DataSchema(dataset.Schema.Select(column => names.Contains(column.Name) ? column with { IsNullable = false } : column)));
    }

    /// <summary>Keeps the first row of each key.</summary>
    /// <remarks>Every read holds the different keys in memory. A missing value is a key like any other, and NaN equals NaN.</remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="keys">The columns that make up the key; all when there are none.</param>
    /// <returns>The rows that are kept, in their order.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public static IDataset Distinct(this IDataset dataset, params IReadOnlyList<string> keys)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(keys);
        string[] names = [.. keys.Count == 0 ? dataset.Schema.Select(column => column.Name) : keys.Distinct(StringComparer.Ordinal)];
        return new FilterOperator(dataset, names, () =>
        {
            var seen = new RowKeys([.. names.Select(name => dataset.Schema[name])], areNullsValues: true);
            return (inputs, kept) =>
            {
                var numbers = new int[kept.Length];
                var next = seen.Count;
                seen.Add(inputs, numbers);
                // New keys get the next numbers, in the order of their first rows.
                for (var row = 0; row < numbers.Length; row++)
                {
                    kept[row] = numbers[row] == next;
                    if (kept[row]) next++;
                }
            };
        });
    }

    /// <summary>Keeps the first rows. The dataset is read no further.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="count">The most rows, at least 0.</param>
    /// <returns>The rows.</returns>
    public static IDataset Take(this IDataset dataset, long count)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new SliceOperator(dataset, 0, count);
    }

    /// <summary>Leaves out the first rows.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="count">The number of rows to leave out, at least 0.</param>
    /// <returns>The other rows.</returns>
    public static IDataset Skip(this IDataset dataset, long count)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new SliceOperator(dataset, count, long.MaxValue);
    }

    /// <summary>Draws so many rows at random, without replacement, each as likely as any other.</summary>
    /// <remarks>
    /// <para>The same seed draws the same rows of the same dataset, on every platform and in batches of any size. Memory O(<paramref name="count"/>), one pass.</para>
    /// <para>Source: algorithm R of J. S. Vitter, "Random sampling with a reservoir", ACM TOMS 11(1), 1985, with the generator SplitMix64.</para>
    /// </remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="count">The number of rows, at least 1; all rows are drawn when there are fewer.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The rows drawn, in the order of the dataset.</returns>
    public static IDataset Sample(this IDataset dataset, int count, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new ReservoirOperator(dataset, count, seed);
    }

    /// <summary>Draws each row with the same probability, whatever happens to the others.</summary>
    /// <remarks>The same seed draws the same row numbers, on every platform and in batches of any size; a larger fraction draws those of a smaller one, and more. Streams.</remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="fraction">The probability, 0 to 1: about so large a part of the rows is drawn.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The rows drawn, in the order of the dataset.</returns>
    public static IDataset SampleFraction(this IDataset dataset, double fraction, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (!(fraction is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction is between 0 and 1.");
        // Row numbers and nearby seeds differ in few bits: the seed goes through the generator once before it is used.
        var start = SplitMix64.At(seed, 0);
        var bound = (UInt128)(fraction * Math.ScaleB(1, 64));
        return new FilterOperator(dataset, [], () =>
        {
            ulong number = 0;
            return (_, kept) =>
            {
                for (var row = 0; row < kept.Length; row++) kept[row] = SplitMix64.At(start, number++) < bound;
            };
        });
    }

    /// <summary>Sorts the rows by columns, the smallest values first.</summary>
    /// <remarks>See <see cref="Sort(IDataset, IReadOnlyList{SortKey}, int)"/>; at most <see cref="DefaultMaximumSortRows"/> rows.</remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="columns">The columns to sort by, the most significant first, at least one.</param>
    /// <returns>The sorted rows.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public static IDataset Sort(this IDataset dataset, params IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return dataset.Sort([.. columns.Select(SortKey.Ascending)]);
    }

    /// <summary>Sorts the rows by columns, in memory.</summary>
    /// <remarks>
    /// Rows that are equal in all keys keep their order. Rows without a value come last, whatever the direction. Texts are ordered by code points, NaN is larger than every
    /// number. Every read holds the wanted columns of all rows in memory and fails with an <see cref="InvalidOperationException"/> when there are more rows than allowed.
    /// </remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="keys">The columns to sort by, the most significant first, at least one.</param>
    /// <param name="maximumRows">The most rows that may be held in memory.</param>
    /// <returns>The sorted rows.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    /// <exception cref="ArgumentException">There is no key, or rows of a key column have several elements.</exception>
    public static IDataset Sort(this IDataset dataset, IReadOnlyList<SortKey> keys, int maximumRows = DefaultMaximumSortRows)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumRows, 1);
        if (keys.Count == 0) throw new ArgumentException("Name at least one column to sort by.", nameof(keys));
        foreach (var key in keys) RequireScalar(dataset, key.Column, "sorted by", nameof(keys));
        return new SortOperator(dataset, [.. keys], maximumRows);
    }

    private static FilterOperator Filter(IDataset dataset, IReadOnlyList<string> columns, RowMask mask) => new(dataset, columns, () => mask);

    private static void RequireScalar(IDataset dataset, string column, string use, string parameter)
    {
        if (dataset.Schema[column].Width > 1)
            throw new ArgumentException($"Rows of column '{column}' have {dataset.Schema[column].Width} elements and cannot be {use}; name a column of single values.", parameter);
    }
}
