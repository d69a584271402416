namespace Mlops.Data;

/// <summary>The parts that the rows of a dataset belong to, each of which is a dataset that is filtered as it is read.</summary>
/// <param name="source">The dataset.</param>
/// <param name="inputs">The columns that tell a row's part; none where its position does.</param>
/// <param name="begin">Begins one read.</param>
internal sealed class RowParts(IDataset source, IReadOnlyList<string> inputs, Func<RowPartReader> begin)
{
    /// <summary>Creates the parts of a dataset whose rows have a part each.</summary>
    public static RowParts Of(IDataset dataset, PackedCodes parts) => new(new FixedRowsOperator(dataset, parts.Count), [], () =>
    {
        long position = 0;
        return (_, target) =>
        {
            parts.CopyTo(position, target);
            position += target.Length;
        };
    });

    /// <summary>Creates parts of so many rows each, drawn at random or, without a seed, one after another.</summary>
    public static RowParts Of(IDataset dataset, long[] counts, ulong? seed)
    {
        var rows = counts.Sum();
        return new RowParts(new FixedRowsOperator(dataset, rows), [], () =>
        {
            var deck = new PartDeck(counts);
            var random = RandomOf(seed ?? 0, rows);
            return (_, target) =>
            {
                if (seed is null)
                {
                    for (var row = 0; row < target.Length; row++) target[row] = deck.DrawFirst();
                }
                else
                {
                    for (var row = 0; row < target.Length; row++) target[row] = deck.Draw(ref random);
                }
            };
        });
    }

    /// <summary>Makes the generator of a split: another one for the same seed and another number of rows, so that a part may be split again with the same seed.</summary>
    public static SplitMix64 RandomOf(ulong seed, long rows) => new(SplitMix64.At(seed, (ulong)rows));

    /// <summary>Names the parts 0, 1 and 2 training, validation and test.</summary>
    public DatasetSplit ToSplit(bool hasValidation)
        => new(Filter(0, true, "train"), hasValidation ? Filter(1, true, "validation") : null, Filter(2, true, "test"));

    /// <summary>Makes each part the test rows of one fold and the training rows of the others.</summary>
    public IReadOnlyList<DatasetFold> ToFolds(int folds) => [.. Enumerable.Range(0, folds).Select(fold => new DatasetFold(
        fold + 1, Filter(fold, false, $"fold {fold + 1} of {folds}, train"), Filter(fold, true, $"fold {fold + 1} of {folds}, test")))];

    private IDataset Filter(int part, bool isIn, string name) => new FilterOperator(source, inputs, () =>
    {
        var reader = begin();
        int[] parts = [];
        return (batch, kept) =>
        {
            if (parts.Length < kept.Length) parts = new int[kept.Length];
            var rows = parts.AsSpan(0, kept.Length);
            reader(batch, rows);
            for (var row = 0; row < rows.Length; row++) kept[row] = (rows[row] == part) == isIn;
        };
    }).WithName($"{source.Name} ({name})");
}

/// <summary>Tells the parts of rows, which it sees in their order.</summary>
/// <param name="inputs">The columns that the decision needs; it may have none.</param>
/// <param name="parts">Receives the part of each row.</param>
internal delegate void RowPartReader(DataBatch inputs, Span<int> parts);
