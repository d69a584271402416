namespace Mlops.Data;

/// <summary>Cuts datasets so that nothing a model is judged by was known when it learned.</summary>
/// <remarks>
/// <para>
/// Every part is a dataset that filters the source as it is read: with its schema, its order and its columns, as often as wanted, and larger than memory. A split reads only the columns
/// that it needs, once, and keeps little: nothing for each row where rows are drawn at random, by key or by time; the fewest bits that hold the number of a part otherwise
/// (2 for three parts, 4 for ten folds), and 1 to 4 bytes for each row while it is made.
/// </para>
/// <para>
/// The same seed makes the same split of the same rows in the same order: on every platform, from every kind of source and for batches of any size. The generator is
/// SplitMix64. A part whose source has another number of rows than when it was split fails with an <see cref="EntityConflictException"/> as it is read.
/// </para>
/// <para>Parts are named after their dataset: <c>churn (train)</c>, <c>churn (fold 2 of 5, test)</c>.</para>
/// </remarks>
public static partial class DatasetSplitter
{
    /// <summary>Draws rows at random, each as likely as any other.</summary>
    /// <remarks>
    /// <para>Exact: each part has its share of the rows within one row, by the largest remainder; a part with a share has at least one row.</para>
    /// <para>
    /// Keeps nothing for a row, for the same draws are repeated as the parts are read. One pass counts the rows; none where the number is known (rows in memory, versions of a catalog).
    /// Source: selection sampling, algorithm S of D. E. Knuth, TAOCP 2, 3.4.2, for several parts.
    /// </para>
    /// </remarks>
    /// <param name="dataset">The dataset, of at least as many rows as parts.</param>
    /// <param name="options">The sizes of the parts and the seed; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The parts, lazily filtered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">There are fewer rows than parts.</exception>
    /// <example><code>var split = await DatasetSplitter.RandomAsync(data, new SplitOptions { TestRatio = 0.2, ValidationRatio = 0.1, Seed = 1 });</code></example>
    public static async Task<DatasetSplit> RandomAsync(IDataset dataset, SplitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options = (options ?? SplitOptions.Default).Check();
        var rows = await CountRowsAsync(dataset, cancellationToken).ConfigureAwait(false);
        return RowParts.Of(dataset, Share(dataset, rows, options), options.Seed).ToSplit(options.HasValidation);
    }

    /// <summary>Draws rows at random such that each label is as frequent in every part as in the whole.</summary>
    /// <remarks>
    /// <para>
    /// Each part has its share of the rows of each label within one row, and of all rows within one row too (controlled rounding). Rows without a label, and NaN, are a stratum of
    /// their own. A label with a single row goes to the part where it does least harm to the sizes, mostly to training.
    /// </para>
    /// <para>One pass over the column, two with bins. Keeps 1 or 2 bits for each row and some numbers for each label.</para>
    /// </remarks>
    /// <param name="dataset">The dataset, of at least as many rows as parts.</param>
    /// <param name="options">The sizes of the parts and the seed; the defaults when <see langword="null"/>.</param>
    /// <param name="column">The column to stratify by, of width 1; that of the role Label when <see langword="null"/>.</param>
    /// <param name="bins">The number of quantiles by which a column of numbers or times is stratified, at least 2; its different values when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The parts, lazily filtered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">There are fewer rows than parts; no label occurs twice; the column holds vectors, fractions without bins, or texts with bins.</exception>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="DataFormatException">No row has a label.</exception>
    public static async Task<DatasetSplit> StratifiedAsync(
        IDataset dataset, SplitOptions? options = null, string? column = null, int? bins = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options = (options ?? SplitOptions.Default).Check();
        var strata = await StrataCoderAsync(dataset, column, bins, cancellationToken).ConfigureAwait(false);
        await RowCoder.ReadAsync(dataset, [strata], cancellationToken).ConfigureAwait(false);
        var totals = Share(dataset, strata.Codes.Count, options);
        RequireMembers(dataset, strata, 2, "a stratified split");
        return RowParts.Of(dataset, DealStrata(strata, Apportionment.Share(strata.Counts, options.Ratios, totals), options.Seed)).ToSplit(options.HasValidation);
    }

    /// <summary>Draws whole groups at random: the rows of a customer, a patient, a session stay together.</summary>
    /// <remarks>
    /// <para>
    /// The largest groups come first, each into one of the parts that still have room for it, drawn in proportion to their room; groups of one size in random order. The parts have
    /// their shares of the <em>rows</em> as nearly as the groups allow; with many small groups exactly. No part is empty.
    /// </para>
    /// <para>One pass over the column. Keeps 1 or 2 bits for each row; while it is made 1 to 4 bytes for each row and the different groups.</para>
    /// </remarks>
    /// <param name="dataset">The dataset, of at least as many groups as parts.</param>
    /// <param name="options">The sizes of the parts and the seed; the defaults when <see langword="null"/>.</param>
    /// <param name="column">The column that tells the groups, of width 1; that of the role Group when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The parts, lazily filtered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">There are fewer groups than parts; the column holds vectors.</exception>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="DataFormatException">A row has no group, or NaN.</exception>
    public static async Task<DatasetSplit> GroupAsync(IDataset dataset, SplitOptions? options = null, string? column = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options = (options ?? SplitOptions.Default).Check();
        var groups = GroupCoder(dataset, column);
        await RowCoder.ReadAsync(dataset, [groups], cancellationToken).ConfigureAwait(false);
        var totals = Share(dataset, groups.Codes.Count, options);
        var parts = options.HasValidation ? 3 : 2;
        RequireGroups(dataset, groups, parts, $"a split into {parts} parts", nameof(dataset));
        var partOf = GroupDealer.Deal(groups.Counts, totals, RowParts.RandomOf(options.Seed, groups.Codes.Count));
        return RowParts.Of(dataset, MapCodes(groups, partOf)).ToSplit(options.HasValidation);
    }

    /// <summary>Puts each row on the side that its key tells: for ever the same one, however many rows come or go.</summary>
    /// <remarks>
    /// <para>
    /// bucket = hash(key, seed) mod 10,000. The lowest buckets are the test rows, the highest the validation rows, the others the training rows; so a larger share takes rows from training only.
    /// The shares are met as well as chance allows: of n keys a share r gets n·r ± √(n·r·(1−r)). Rows with the same key are on the same side, also in other datasets.
    /// </para>
    /// <para>
    /// The hash is the first half of MurmurHash3 x64 128 (A. Appleby, 2011) of the key's text in UTF-8, with the seed as its seed: numbers in the shortest form that reads back, dates and timestamps in
    /// ISO 8601, booleans as 0 and 1, several columns with the byte 0x1F between. So a key is the same whether a source delivers it as a number or as a text.
    /// </para>
    /// <para>Nothing is read before the parts are, and nothing is kept.</para>
    /// </remarks>
    /// <param name="dataset">The dataset. A row without a key, or with NaN, makes the reading of a part fail with a <see cref="DataFormatException"/>.</param>
    /// <param name="options">The sizes of the parts, in steps of 0.0001, and the salt of the hash as the seed; the defaults when <see langword="null"/>.</param>
    /// <param name="columns">The columns that make up the key, of width 1; those of the role Key when <see langword="null"/>.</param>
    /// <returns>The parts, lazily filtered; any of them may be empty when there are few keys.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    /// <exception cref="ArgumentException">A column holds vectors.</exception>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public static DatasetSplit ByKey(IDataset dataset, SplitOptions? options = null, IReadOnlyList<string>? columns = null)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options = (options ?? SplitOptions.Default).Check();
        var keys = KeyColumns(dataset, columns);
        var test = BucketsOf(options.TestRatio, nameof(SplitOptions.TestRatio));
        var validation = options.HasValidation ? BucketsOf(options.ValidationRatio, nameof(SplitOptions.ValidationRatio)) : 0;
        if (test + validation >= KeyBuckets.Count)
            throw new ArgumentOutOfRangeException(nameof(options), options.TestRatio + options.ValidationRatio, "The shares leave no bucket of 10,000 to learn from; make them smaller.");
        return new RowParts(dataset, [.. keys.Select(column => column.Name)], () =>
        {
            var buckets = new KeyBuckets(dataset.Name, keys, options.Seed);
            return (batch, parts) =>
            {
                buckets.Read(batch, parts);
                foreach (ref var part in parts) part = part < test ? 2 : part >= KeyBuckets.Count - validation ? 1 : 0;
            };
        }).ToSplit(options.HasValidation);
    }

    private static int BucketsOf(double ratio, string option)
    {
        var buckets = (int)Math.Round(ratio * KeyBuckets.Count);
        return buckets > 0 ? buckets : throw new ArgumentOutOfRangeException(option, ratio, "A share is less than one bucket of 10,000; a split by key needs at least 0.0001.");
    }

    private static long[] Share(IDataset dataset, long rows, SplitOptions options)
    {
        RequireRows(dataset, rows);
        var parts = options.HasValidation ? 3 : 2;
        if (rows < parts)
            throw new ArgumentException($"Dataset '{dataset.Name}' has {rows} rows; a split into {parts} parts needs at least {parts}. Add rows, or learn and judge by folds.", nameof(dataset));
        return Apportionment.Share(rows, options.Ratios);
    }
}
