using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

public sealed class ContingencyTableTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(300)]
    [InlineData(20_000)]
    public void FromCodes_AnyNumberOfCategories_CountsEach(int categories)
    {
        var random = new Random(categories);
        foreach (var rows in new[] { 0, 1, 3, 17, 1000, 100_003 })
        {
            var codes = Enumerable.Range(0, rows).Select(_ => random.Next(-1, categories)).ToArray();
            var expected = Enumerable.Range(0, categories).Select(_ => 0L).ToArray();
            foreach (var code in codes.Where(code => code >= 0)) expected[code]++;
            var table = ContingencyTable.FromCodes(codes, codes.AsSpan(rows / 2), categories);
            Assert.Equal(expected, table.Reference.ToArray());
            Assert.Equal(codes.Skip(rows / 2).Count(code => code >= 0), table.Current.ToArray().Sum());
            Assert.Empty(table.Categories);
        }
    }

    [Fact]
    public void FromCodes_AnyNegativeCode_IsMissing()
    {
        var codes = new int[20_000];
        for (var i = 0; i < codes.Length; i++) codes[i] = (i % 4) switch { 0 => int.MinValue, 1 => -1, 2 => -63, _ => 1 };
        var table = ContingencyTable.FromCodes(codes, codes.AsSpan(0, 10_000), 2);
        Assert.Equal([0, 5000], table.Reference.ToArray());
        Assert.Equal([0, 2500], table.Current.ToArray());
    }

    [Theory]
    [InlineData(2, 100)]
    [InlineData(2, 10_000)]
    [InlineData(63, 10_000)]
    [InlineData(100, 100)]
    [InlineData(20_000, 100)]
    public void FromCodes_CodeBeyondTheCategories_Throws(int categories, int rows)
    {
        foreach (var position in new[] { 0, rows / 2, rows - 1 })
        {
            var codes = new int[rows];
            codes[position] = categories;
            Assert.Throws<ArgumentOutOfRangeException>(() => ContingencyTable.FromCodes(codes, [], categories));
            codes[position] = int.MaxValue;
            Assert.Throws<ArgumentOutOfRangeException>(() => ContingencyTable.FromCodes([], codes, categories));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => ContingencyTable.FromCodes([], [], -1));
    }

    [Fact]
    public void FromColumns_DictionariesInOtherOrders_AreMatchedByText()
    {
        var reference = TextColumn.FromCodes([0, 1, 1, 2], ["b", "a", "never"], [0b0111]);
        var current = TextColumn.FromStrings("a", null, "c", "b");
        var table = ContingencyTable.FromColumns(reference, current);
        Assert.Equal(["a", "b", "c"], table.Categories);
        Assert.Equal([2, 1, 0], table.Reference.ToArray());
        Assert.Equal([1, 1, 1], table.Current.ToArray());
    }

    [Fact]
    public void FromColumns_SameRowsAsProfile_GiveTheSameTestResult()
    {
        var random = new Random(3);
        var columns = Enumerable.Range(0, 2).Select(_ => TextColumn.FromStrings([.. Enumerable.Range(0, 5000).Select(_ => random.Next(20) == 0 ? null : $"v{random.Next(30)}")])).ToArray();
        var table = ContingencyTable.FromColumns(columns[0], columns[1]);
        var profiles = columns.Select(column =>
        {
            var profile = new ColumnProfile("column", ElementType.String);
            profile.Add(column);
            return profile;
        }).ToArray();
        Assert.Equal(new ChiSquared().Test(profiles[0], profiles[1]), new ChiSquared().Test(table.Reference, table.Current));
    }

    [Fact]
    public void Test_NumbersInstead_IsNotComputable()
    {
        var numbers = new ColumnProfile("column", ElementType.Float64);
        numbers.Add([1, 2, 3]);
        Assert.Equal(DriftVerdict.NotComputable, new GTest().Test(numbers, numbers).Verdict);
    }
}
