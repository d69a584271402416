using FsCheck;
using FsCheck.Fluent;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>A dataset to split: skewed groups, rare labels, missing labels and times, many rows at the same time, in no order.</summary>
internal sealed record SplitCase(int Rows, int GroupKinds, int LabelKinds, int Times, int Nulls, int Seed)
{
    private static readonly DateTime s_start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly Lazy<(int[] Groups, string?[] Labels, DateTime?[] Times, double?[] Amounts)> _columns = new(() => Create(Rows, GroupKinds, LabelKinds, Times, Nulls, Seed));

    /// <summary>Cases of 0 to 2000 rows, of which many are small.</summary>
    public static Arbitrary<SplitCase> Any { get; } = (
        from rows in Gen.Frequency((3, Gen.Choose(0, 30)), (3, Gen.Choose(31, 300)), (1, Gen.Choose(301, 2000)))
        from groups in Gen.Choose(1, Math.Max(1, rows))
        from labels in Gen.Frequency((4, Gen.Choose(1, 6)), (1, Gen.Choose(7, 60)))
        from times in Gen.Choose(1, Math.Max(1, rows * 2))
        from nulls in Gen.Elements(0, 0, 10, 40)
        from seed in Gen.Choose(0, int.MaxValue)
        select new SplitCase(rows, groups, labels, times, nulls, seed)).ToArbitrary();

    /// <summary>A few splits with and without validation.</summary>
    public static Arbitrary<SplitOptions> AnyOptions { get; } = (
        from test in Gen.Choose(1, 60)
        from validation in Gen.Frequency((1, Gen.Constant(0)), (2, Gen.Choose(1, 39)))
        from seed in Gen.Choose(0, int.MaxValue)
        select new SplitOptions { TestRatio = test / 100.0, ValidationRatio = validation / 100.0, Seed = (ulong)seed }).ToArbitrary();

    public int[] Groups => _columns.Value.Groups;

    public string?[] Labels => _columns.Value.Labels;

    public DateTime?[] Moments => _columns.Value.Times;

    public double?[] Amounts => _columns.Value.Amounts;

    public InMemoryDataset Dataset
    {
        get
        {
            var (amounts, times) = (new ColumnBuilder<double>(), new ColumnBuilder<DateTime>());
            foreach (var amount in Amounts) amounts.Append(amount);
            foreach (var time in Moments) times.Append(time);
            return InMemoryDataset.FromColumns(
                "case",
                (new ColumnSchema("id", ElementType.Int64, ColumnRole.Key), new Column<long>([.. Enumerable.Range(0, Rows).Select(row => (long)row)])),
                (new ColumnSchema("group", ElementType.Int64, ColumnRole.Group), new Column<long>([.. Groups.Select(group => (long)group)])),
                (new ColumnSchema("label", ElementType.String, ColumnRole.Label), TextColumn.FromStrings(Labels)),
                (new ColumnSchema("time", ElementType.Timestamp, ColumnRole.Time), times.Build()),
                (new ColumnSchema("amount", ElementType.Float64), amounts.Build()));
        }
    }

    private static (int[] Groups, string?[] Labels, DateTime?[] Times, double?[] Amounts) Create(int rows, int groups, int labels, int times, int nulls, int seed)
    {
        var random = new Random(seed);
        // Powers of a number between 0 and 1: the first groups and labels are frequent, the last rare.
        return (
            [.. Enumerable.Range(0, rows).Select(_ => Skewed(groups) - (groups / 2))],
            [.. Enumerable.Range(0, rows).Select(_ => IsNull() ? null : $"label {Skewed(labels)}")],
            [.. Enumerable.Range(0, rows).Select(_ => IsNull() ? null : (DateTime?)s_start.AddMinutes(10 * random.Next(times)))],
            [.. Enumerable.Range(0, rows).Select(_ => IsNull() ? null : random.Next(20) == 0 ? double.NaN : (double?)random.Next(rows) / 4)]);

        int Skewed(int count) => (int)(count * Math.Pow(random.NextDouble(), 2.5));
        bool IsNull() => random.Next(100) < nulls;
    }
}
