using FsCheck;
using FsCheck.Fluent;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class CsvRoundTripTests
{
    private static readonly DataSchema s_schema = new(
        new ColumnSchema("number", ElementType.Float64),
        new ColumnSchema("single", ElementType.Float32),
        new ColumnSchema("integer", ElementType.Int64),
        new ColumnSchema("flag", ElementType.Boolean),
        new ColumnSchema("a \"quoted\", name", ElementType.String),
        new ColumnSchema("day", ElementType.Date),
        new ColumnSchema("at", ElementType.Timestamp),
        new ColumnSchema("vector", ElementType.Float64) { Width = 2 });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    public void WriteCsvAsync_AnyDataset_IsReadBackAsItWas(char separator)
        => Prop.ForAll(Datasets(), dataset =>
        {
            using var stream = new MemoryStream();
            var written = dataset.WriteCsvAsync(stream, separator, Token).GetAwaiter().GetResult();
            var read = new CsvDataset("copy", _ => new ValueTask<Stream>(new MemoryStream(stream.ToArray())), s_schema, new CsvOptions { Separator = separator, NullTexts = [] });
            return written == dataset.RowCount && DigestOf(dataset, 4096) == DigestOf(read, 3);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Fingerprint_AnySlicing_IsStableAndAnyChangedCellChangesIt()
        => Prop.ForAll(Datasets(), Gen.Choose(1, 100).ToArbitrary(), (dataset, batchRows) =>
        {
            foreach (var order in Enum.GetValues<RowOrder>())
            {
                var expected = DigestOf(dataset, 4096, order);
                if (DigestOf(dataset, batchRows, order) != expected) return false;
                if (dataset.RowCount == 0) continue;
                for (var column = 0; column < s_schema.Count; column++)
                {
                    if (DigestOf(Change(dataset, (int)(batchRows % dataset.RowCount), column), 4096, order) == expected) return false;
                }
            }

            var reversed = Take(dataset, rows => rows.Reverse());
            return DigestOf(reversed, batchRows, RowOrder.Ignored) == DigestOf(dataset, 4096, RowOrder.Ignored);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Slice_OfAnyRows_EqualsTakingThem()
        => Prop.ForAll(Datasets(), Gen.Choose(0, 300).ToArbitrary(), (dataset, cut) =>
        {
            var batch = All(dataset);
            var start = Math.Min(cut, batch.RowCount) / 64 * 64;
            var length = (batch.RowCount - start) / 2;
            var (sliced, taken) = (batch.Slice(start, length), batch.Take(Enumerable.Range(start, length).ToArray()));
            return Enumerable.Range(0, length).All(row => s_schema.Index().All(column => Equal(sliced[column.Index].GetValue(row), taken[column.Index].GetValue(row))
                && Equal(sliced[column.Index].GetValue(row), batch[column.Index].GetValue(start + row))));
        }).QuickCheckThrowOnFailure();

    private static bool Equal(object? a, object? b) => a is double[] x && b is double[] y ? x.AsSpan().SequenceEqual(y) : Equals(a, b);

    private static Arbitrary<InMemoryDataset> Datasets()
    {
        var number = Gen.OneOf(ArbMap.Default.GeneratorFor<double>(), Gen.Elements(0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, 0.1));
        var text = Gen.OneOf(ArbMap.Default.GeneratorFor<NonEmptyString>().Select(value => value.Get), Gen.Elements("a", "\"", "\n", "\r\n", ",", ";", "\t", " x ", "NA", "😀", "'"))
            .Select(value => new string([.. value.Where(character => !char.IsSurrogate(character))]) is { Length: > 0 } valid ? valid : "x");
        var row = from values in Gen.Zip(number, number)
                  from whole in ArbMap.Default.GeneratorFor<long>()
                  from flag in ArbMap.Default.GeneratorFor<bool>()
                  from word in text
                  from day in Gen.Choose(0, DateOnly.MaxValue.DayNumber)
                  from second in Gen.Choose(0, int.MaxValue)
                  from missing in Gen.Choose(0, 511)
                  select (values.Item1, values.Item2, whole, flag, word, day, second, missing);
        return row.ArrayOf().Select(rows =>
        {
            bool Has(int i, int column) => (rows[i].missing >> column & 3) != 3;
            var builders = (new ColumnBuilder<double>(), new ColumnBuilder<float>(), new ColumnBuilder<long>(), new ColumnBuilder<bool>(), new TextColumnBuilder(), new ColumnBuilder<DateOnly>(), new ColumnBuilder<DateTime>(), new ColumnBuilder<double>(0, 2));
            for (var i = 0; i < rows.Length; i++)
            {
                var (a, b, whole, flag, word, day, second, _) = rows[i];
                builders.Item1.Append(Has(i, 0) ? a : null);
                builders.Item2.Append(Has(i, 1) ? (float)b : null);
                builders.Item3.Append(Has(i, 2) ? whole : null);
                builders.Item4.Append(Has(i, 3) ? flag : null);
                if (Has(i, 4)) builders.Item5.Append(word);
                else builders.Item5.AppendNull();
                builders.Item6.Append(Has(i, 5) ? DateOnly.FromDayNumber(day) : null);
                builders.Item7.Append(Has(i, 6) ? new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(second * 7919L) : null);
                if (Has(i, 7)) builders.Item8.Append([a, b]);
                else builders.Item8.AppendNull();
            }

            var batch = new DataBatch(
                s_schema, builders.Item1.Build(), builders.Item2.Build(), builders.Item3.Build(), builders.Item4.Build(), builders.Item5.Build(), builders.Item6.Build(), builders.Item7.Build(), builders.Item8.Build());
            return new InMemoryDataset("generated", s_schema, batch.RowCount == 0 ? [] : [batch]);
        }).ToArbitrary();
    }

    private static DataBatch All(InMemoryDataset dataset)
        => dataset.ReadAsync(new ReadOptions { BatchRows = int.MaxValue }, Token).ToBlockingEnumerable(Token).SingleOrDefault()
            ?? new DataBatch(
                s_schema, new Column<double>([]), new Column<float>([]), new Column<long>([]), new Column<bool>([]), TextColumn.FromStrings(), new Column<DateOnly>([]), new Column<DateTime>([]), new Column<double>([], null, 2));

    private static InMemoryDataset Take(InMemoryDataset dataset, Func<IEnumerable<int>, IEnumerable<int>> order)
    {
        var batch = All(dataset);
        var taken = batch.Take(order(Enumerable.Range(0, batch.RowCount)).ToArray());
        return new InMemoryDataset("taken", s_schema, taken.RowCount == 0 ? [] : [taken]);
    }

    /// <summary>Makes one missing cell present, or one present cell missing.</summary>
    private static InMemoryDataset Change(InMemoryDataset dataset, int row, int column)
    {
        var batch = All(dataset);
        var columns = Enumerable.Range(0, s_schema.Count).Select(i => i == column ? Flip(batch[i], row) : batch[i]);
        return new InMemoryDataset("changed", s_schema, new DataBatch(s_schema, columns));
    }

    private static Column Flip(Column column, int row)
    {
        var validity = new ulong[(column.Length + 63) / 64];
        for (var i = 0; i < column.Length; i++)
        {
            if (column.IsNull(i) == (i == row)) validity[i >> 6] |= 1UL << i;
        }

        return column switch
        {
            Column<double> typed => new Column<double>(typed.Values.ToArray(), validity, typed.Width),
            Column<float> typed => new Column<float>(typed.Values.ToArray(), validity),
            Column<long> typed => new Column<long>(typed.Values.ToArray(), validity),
            Column<bool> typed => new Column<bool>(typed.Values.ToArray(), validity),
            Column<DateOnly> typed => new Column<DateOnly>(typed.Values.ToArray(), validity),
            Column<DateTime> typed => new Column<DateTime>(typed.Values.ToArray(), validity),
            _ => TextColumn.FromStrings([.. Enumerable.Range(0, column.Length).Select(i => i == row ? (column.IsNull(i) ? "" : null) : ((TextColumn)column).GetString(i))]),
        };
    }

    private static string DigestOf(IDataset dataset, int batchRows, RowOrder order = RowOrder.Significant)
    {
        using var fingerprint = new DatasetFingerprint(dataset.Schema, order);
        foreach (var batch in dataset.ReadAsync(new ReadOptions { BatchRows = batchRows }, Token).ToBlockingEnumerable(Token)) fingerprint.Add(batch);
        return fingerprint.Finish();
    }
}
