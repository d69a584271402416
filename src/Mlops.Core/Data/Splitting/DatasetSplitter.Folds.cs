namespace Mlops.Data;

public static partial class DatasetSplitter
{
    /// <summary>Cuts into folds of equal size: each row judges once and is learned from otherwise.</summary>
    /// <remarks>
    /// Sizes as scikit-learn's KFold: rows / folds, and the first (rows mod folds) folds have one row more. Keeps nothing for a row; one pass counts the rows, none where the number is known.
    /// Reading a part takes time in proportion to rows × folds at the most.
    /// </remarks>
    /// <param name="dataset">The dataset, of at least as many rows as folds.</param>
    /// <param name="folds">The number of folds, at least 2; as many as rows leave one out at a time.</param>
    /// <param name="seed">The seed by which rows are drawn; <see langword="null"/> makes each fold of consecutive rows, which only rows in no particular order allow.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The folds, lazily filtered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 folds.</exception>
    /// <exception cref="ArgumentException">There are more folds than rows.</exception>
    /// <example><code>foreach (var fold in await DatasetSplitter.KFoldAsync(data, folds: 5, seed: 1)) await trainer.TrainAsync(new TrainingContext { Data = fold.Train }, ct);</code></example>
    public static async Task<IReadOnlyList<DatasetFold>> KFoldAsync(IDataset dataset, int folds = 5, ulong? seed = 0, CancellationToken cancellationToken = default)
    {
        RequireFolds(dataset, folds);
        var rows = await CountRowsAsync(dataset, cancellationToken).ConfigureAwait(false);
        RequireRows(dataset, rows, folds);
        return RowParts.Of(dataset, Apportionment.Deal([rows], folds)[0], seed).ToFolds(folds);
    }

    /// <summary>Cuts into folds of equal size such that each label is as frequent in every fold as in the whole.</summary>
    /// <remarks>
    /// <para>
    /// The rows of the labels, one label after another in the order of their first rows, are dealt to the folds in turn, as by scikit-learn's StratifiedKFold: every fold has its share of each
    /// label, and of all rows, within one row. Rows without a label, and NaN, are a stratum of their own. A label with fewer rows than folds is missing from some of them; when
    /// this is so of every label there is an error.
    /// </para>
    /// <para>One pass over the column, two with bins. Keeps the bits of a fold's number for each row: 4 for up to 16 folds.</para>
    /// </remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="seed">The seed by which the rows of a label are drawn; <see langword="null"/> puts consecutive rows of a label into a fold.</param>
    /// <param name="column">The column to stratify by, of width 1; that of the role Label when <see langword="null"/>.</param>
    /// <param name="bins">The number of quantiles by which a column of numbers or times is stratified, at least 2; its different values when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The folds, lazily filtered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 folds or bins.</exception>
    /// <exception cref="ArgumentException">No label has as many rows as there are folds; the column holds vectors, fractions without bins, or texts with bins.</exception>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="DataFormatException">No row has a label.</exception>
    public static async Task<IReadOnlyList<DatasetFold>> StratifiedKFoldAsync(
        IDataset dataset, int folds = 5, ulong? seed = 0, string? column = null, int? bins = null, CancellationToken cancellationToken = default)
    {
        RequireFolds(dataset, folds);
        var strata = await StrataCoderAsync(dataset, column, bins, cancellationToken).ConfigureAwait(false);
        await RowCoder.ReadAsync(dataset, [strata], cancellationToken).ConfigureAwait(false);
        RequireRows(dataset, strata.Codes.Count, folds);
        RequireMembers(dataset, strata, folds, $"{folds} stratified folds");
        return RowParts.Of(dataset, DealStrata(strata, Apportionment.Deal(strata.Counts, folds), seed)).ToFolds(folds);
    }

    /// <summary>Cuts into folds of about equal size such that all rows of a group are in the same fold.</summary>
    /// <remarks>
    /// Each group, the largest first, goes to the fold with the fewest rows, as by scikit-learn's GroupKFold (longest processing time first, R. L. Graham, 1969); among equal ones the seed decides.
    /// One pass over the column. Keeps the bits of a fold's number for each row; while it is made 1 to 4 bytes for each row and the different groups.
    /// </remarks>
    /// <param name="dataset">The dataset, of at least as many groups as folds.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="seed">The seed that shuffles groups of the same size; <see langword="null"/> takes them in the order of their first rows.</param>
    /// <param name="column">The column that tells the groups, of width 1; that of the role Group when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The folds, lazily filtered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 folds.</exception>
    /// <exception cref="ArgumentException">There are more folds than groups; the column holds vectors.</exception>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="DataFormatException">A row has no group, or NaN.</exception>
    public static async Task<IReadOnlyList<DatasetFold>> GroupKFoldAsync(
        IDataset dataset, int folds = 5, ulong? seed = 0, string? column = null, CancellationToken cancellationToken = default)
    {
        RequireFolds(dataset, folds);
        var groups = GroupCoder(dataset, column);
        await RowCoder.ReadAsync(dataset, [groups], cancellationToken).ConfigureAwait(false);
        RequireRows(dataset, groups.Codes.Count);
        RequireGroups(dataset, groups, folds, $"{folds} folds", nameof(folds));
        return RowParts.Of(dataset, MapCodes(groups, GroupDealer.DealToFolds(groups.Counts, folds, seed))).ToFolds(folds);
    }

    /// <summary>Cuts into folds such that all rows of a group are in the same fold, and each label is about as frequent in every fold as in the whole.</summary>
    /// <remarks>
    /// The groups with the most uneven labels come first, and each goes to the fold that makes the labels' frequencies most equal over folds, as by scikit-learn's StratifiedGroupKFold. Equality is best
    /// with many small groups; no fold is empty. Labels as in <see cref="StratifiedKFoldAsync"/>, groups and memory as in <see cref="GroupKFoldAsync"/>; while it is made also the
    /// different pairs of group and label.
    /// </remarks>
    /// <param name="dataset">The dataset, of at least as many groups as folds.</param>
    /// <param name="folds">The number of folds, at least 2.</param>
    /// <param name="seed">The seed that shuffles groups that are as uneven as each other; <see langword="null"/> takes them in the order of their first rows.</param>
    /// <param name="labelColumn">The column to stratify by, of width 1; that of the role Label when <see langword="null"/>.</param>
    /// <param name="groupColumn">The column that tells the groups, of width 1; that of the role Group when <see langword="null"/>.</param>
    /// <param name="bins">The number of quantiles by which a column of numbers or times is stratified, at least 2; its different values when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The folds, lazily filtered.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 2 folds or bins.</exception>
    /// <exception cref="ArgumentException">There are more folds than groups; no label has as many rows as there are folds; a column holds vectors, fractions without bins, or texts with bins.</exception>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    /// <exception cref="DataFormatException">No row has a label, or a row has no group.</exception>
    public static async Task<IReadOnlyList<DatasetFold>> StratifiedGroupKFoldAsync(
        IDataset dataset, int folds = 5, ulong? seed = 0, string? labelColumn = null, string? groupColumn = null, int? bins = null, CancellationToken cancellationToken = default)
    {
        RequireFolds(dataset, folds);
        var groups = GroupCoder(dataset, groupColumn);
        var strata = await StrataCoderAsync(dataset, labelColumn, bins, cancellationToken).ConfigureAwait(false);
        await RowCoder.ReadAsync(dataset, [groups, strata], cancellationToken).ConfigureAwait(false);
        RequireRows(dataset, groups.Codes.Count);
        RequireGroups(dataset, groups, folds, $"{folds} folds", nameof(folds));
        RequireMembers(dataset, strata, folds, $"{folds} stratified folds");
        var foldOf = StratifiedGroupDealer.Deal(groups, strata, folds, seed);
        return RowParts.Of(dataset, MapCodes(groups, foldOf)).ToFolds(folds);
    }

    private static void RequireFolds(IDataset dataset, int folds)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
    }
}
