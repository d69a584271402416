using System.Runtime.InteropServices;
using System.Text;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Looks for texts that are far longer or shorter than the others of their column.</summary>
/// <remarks>
/// <para>
/// One pass; counts how often each length, in characters, occurs. With q the lengths at the shares <see cref="InnerRatio"/> and 1 − <see cref="InnerRatio"/>, a length is an outlier when it
/// is off the median by more than <see cref="OutlierFactor"/> times half the distance of q, and off all other lengths by at least <see cref="MinimumDifference"/> characters and
/// <see cref="MinimumDifferenceRatio"/> times the middle of them.
/// </para>
/// <para>Columns with at most <see cref="MaximumCategories"/> different texts are names of categories, whose lengths mean nothing, and are passed over. Source: the check of this name of deepchecks.</para>
/// </remarks>
public sealed class StringLengthOutliersCheck() : DataIntegrityCheck("string_length_outliers", ValidationSeverity.Error)
{
    /// <inheritdoc/>
    public override string Description => "Are texts far longer or shorter than the others?";

    /// <summary>Gets the largest number of outliers in a column.</summary>
    /// <value>The default value is 0 texts.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long MaximumCount { get; init => field = CheckLimit.AtLeast(value, 0L); }

    /// <summary>Gets the share, 0.5..1, of the upper quantile of the inner lengths.</summary>
    /// <value>The default value is 0.94: the lengths from 6 % to 94 %.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double InnerRatio { get; init => field = CheckLimit.Ratio(value); } = 0.94;

    /// <summary>Gets by how many halves of the inner range a length is off the median to be an outlier.</summary>
    /// <value>The default value is 4.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double OutlierFactor { get; init => field = CheckLimit.NotNegative(value); } = 4;

    /// <summary>Gets the smallest number of characters by which an outlier is off the other lengths.</summary>
    /// <value>The default value is 5 characters.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MinimumDifference { get; init => field = CheckLimit.AtLeast(value, 0); } = 5;

    /// <summary>Gets the smallest difference of an outlier to the other lengths, as a share of the middle of those.</summary>
    /// <value>The default value is 0.5.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumDifferenceRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.5;

    /// <summary>Gets the number of different texts up to which a column holds categories.</summary>
    /// <value>The default value is 30.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumCategories { get; init => field = CheckLimit.AtLeast(value, 0); } = 30;

    private protected override string? FindObstacle(DataSchema schema) => ColumnsOf(schema, IsText).Length == 0 ? "There is no column of texts." : null;

    private protected override DataIntegrityScan Begin(CheckContext context, DataSchema schema) => new Scan(this, schema);

    /// <summary>Finds the lengths of a column that are outliers.</summary>
    internal (long Outliers, int NormalFrom, int NormalTo) Find(SortedDictionary<int, long> lengths)
    {
        var total = lengths.Values.Sum();
        if (total == 0) return (0, 0, 0);
        double median = At(lengths, total, 0.5), range = Math.Abs(At(lengths, total, InnerRatio) - At(lengths, total, 1 - InnerRatio));
        int[] normal = [.. lengths.Keys.Where(length => Math.Abs(length - median) <= OutlierFactor * range / 2)];
        var (from, to) = (normal[0], normal[^1]); // The median is among them.
        var difference = Math.Max(MinimumDifference, MinimumDifferenceRatio * (from + to) / 2);
        return (lengths.Where(pair => pair.Key >= to + difference || pair.Key <= from - difference).Sum(pair => pair.Value), from, to);
    }

    private static int At(SortedDictionary<int, long> lengths, long total, double share)
    {
        // The rank whose share of all ranks is nearest.
        var rank = Math.Clamp((long)Math.Round(share * total, MidpointRounding.AwayFromZero), 1, total);
        long seen = 0;
        foreach (var (length, count) in lengths)
        {
            seen += count;
            if (seen >= rank) return length;
        }

        throw new InvalidOperationException("The counts are no counts of the total.");
    }

    private sealed class Scan(StringLengthOutliersCheck check, DataSchema schema) : DataIntegrityScan(check)
    {
        private readonly (string Name, int Index, SortedDictionary<int, long> Lengths, HashSet<ulong> Texts)[] _columns
            = [.. check.ColumnsOf(schema, IsText).Select(index => (schema[index].Name, index, new SortedDictionary<int, long>(), new HashSet<ulong>()))];

        protected override void Add(DataBatch rows, long firstRow)
        {
            foreach (var (_, index, lengths, texts) in _columns)
            {
                var counts = new Dictionary<int, long>();
                TextEntries.Visit((TextColumn)rows[index], (utf8, times) =>
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, CountCharacters(utf8), out _) += times;
                    if (texts.Count <= check.MaximumCategories) texts.Add(MurmurHash3.Hash(utf8).First);
                });
                foreach (var (length, count) in counts) lengths[length] = lengths.GetValueOrDefault(length) + count;
            }
        }

        protected override CheckResult Finish(CancellationToken cancellationToken)
        {
            var judged = _columns.Where(column => column.Texts.Count > check.MaximumCategories).Select(column => (column.Name, Found: check.Find(column.Lengths), column.Lengths)).ToArray();
            if (judged.Length == 0) return NotApplicable($"No column has more than {Wording.Count(check.MaximumCategories, "different text")}.");
            string[] above = [.. judged.Where(column => column.Found.Outliers > check.MaximumCount).Select(column => column.Name)];
            var total = judged.Sum(column => column.Found.Outliers);
            return Result(
                $"{Wording.Count(total, "text")} of {Wording.Count(judged.Length, "column")} are far longer or shorter than the others of their column.",
                $"in each column at most {Wording.Count(check.MaximumCount, "text")} of an outlying length",
                above.Length == 0,
                above.Length == 0 ? $"at most {Wording.Count(judged.Max(column => column.Found.Outliers))}" : Wording.Names(above)) with
            {
                Values = new Dictionary<string, double?> { ["length_outliers"] = total, ["columns_above_limit"] = above.Length },
                Tables = total == 0 ? [] : [new CheckTable("Columns with outliers", ["Column", "Outliers", "Usual length", "Shortest", "Longest"], [.. judged.Where(column => column.Found.Outliers > 0).Select(column =>
                    (IReadOnlyList<string>)[column.Name, Wording.Count(column.Found.Outliers), $"{column.Found.NormalFrom} to {column.Found.NormalTo}", Wording.Count(column.Lengths.Keys.First()), Wording.Count(column.Lengths.Keys.Last())])])],
            };
        }

        private static int CountCharacters(ReadOnlySpan<byte> utf8)
        {
            if (Ascii.IsValid(utf8)) return utf8.Length;
            var count = 0;
            foreach (var unit in utf8) count += (unit & 0xC0) != 0x80 ? 1 : 0;
            return count;
        }
    }
}
