using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class DatasetProfileTests
{
    private static readonly DatasetProfileOptions s_everything = new() { Correlations = true, LabelInformation = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("credit.csv", "tests", "TestData")]
    [InlineData("chicago.csv", "samples", "data")]
    public async Task CreateAsync_RealData_EqualsNumPy(string file, params string[] folder)
    {
        var golden = JsonDocument.Parse(await File.ReadAllBytesAsync(TestFiles.PathOf("tests", "TestData", "profiles", "profile_golden.json"), Token)).RootElement.GetProperty(file);
        var profile = await DatasetProfile.CreateAsync(await CsvDataset.OpenAsync(TestFiles.PathOf([.. folder, file]), cancellationToken: Token), s_everything, Token);
        Assert.Equal(golden.GetProperty("rows").GetInt64(), profile.RowCount);
        foreach (var expected in golden.GetProperty("columns").EnumerateObject())
        {
            var column = profile[expected.Name];
            if (column.Type == ElementType.Date) continue;
            Assert.Equal(expected.Value.GetProperty("missing").GetInt64(), column.MissingCount);
            var distinct = expected.Value.GetProperty("distinct").GetDouble();
            Assert.InRange(distinct, column.DistinctValues.GetLowerBound(3), column.DistinctValues.GetUpperBound(3));
            if (column.Texts is { } texts) AssertTexts(expected.Value, column, texts);
            else AssertNumbers(expected.Value, column);
        }

        foreach (var pair in golden.GetProperty("correlations").EnumerateArray())
        {
            var (a, b) = (pair[0].GetString()!, pair[1].GetString()!);
            Assert.Equal(pair[2].GetDouble(), profile.Correlations![a, b], 1e-9);
            Assert.Equal(profile.Correlations[a, b], profile.Correlations[b, a]);
            Assert.Equal(pair[3].GetInt64(), profile.Correlations.GetCount(a, b));
        }
    }

    [Fact]
    public async Task Merge_Halves_EqualsTheWhole()
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("samples", "data", "chicago.csv"), cancellationToken: Token)).WithRole("date", ColumnRole.Time).WithRole("ridership", ColumnRole.Label);
        var options = s_everything with { SampleRows = 1000 };
        var whole = await DatasetProfile.CreateAsync(dataset, options, Token);
        var split = DatasetSplitter.ByTime(dataset, new DateOnly(2008, 7, 1));
        var merged = await DatasetProfile.CreateAsync(split.Train, options, Token);
        var second = await DatasetProfile.CreateAsync(split.Test, options, Token);
        var bytes = second.ToBytes();
        merged.Merge(second);
        Assert.Equal(bytes, second.ToBytes());
        AssertEqual(whole, merged);
        Assert.InRange(merged.LabelInformation!["Clark_Lake"], whole.LabelInformation!["Clark_Lake"] * 0.8, whole.LabelInformation["Clark_Lake"] * 1.2);
    }

    [Fact]
    public void Merge_AnyPartsInAnyOrder_EqualsTheWhole()
    {
        var values = Gen.OneOf(ArbMap.Default.GeneratorFor<double>().Where(value => Math.Abs(value) < 1e100 || !double.IsFinite(value)), Gen.Choose(-5, 5).Select(value => (double)value));
        var texts = Gen.Elements("a", "b", "Köln", "12", "1.5", "true", "2020-01-01", null);
        var rows = Gen.Zip(values, texts).ArrayOf();
        Prop.ForAll(rows.ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (all, share) =>
        {
            var cut = all.Length * share / 100;
            var (first, second, whole) = (Profile(all[..cut]), Profile(all[cut..]), Profile(all));
            first.Merge(second);
            AssertEqual(whole, first);
            var reversed = Profile(all[cut..]);
            reversed.Merge(Profile(all[..cut]));
            AssertEqual(whole, reversed);
        }).QuickCheckThrowOnFailure();

        static DatasetProfile Profile((double Number, string? Text)[] rows)
        {
            var schema = new DataSchema(new ColumnSchema("number", ElementType.Float64), new ColumnSchema("text", ElementType.String));
            var profile = new DatasetProfile(schema, new DatasetProfileOptions { Correlations = true });
            profile.Add(new DataBatch(schema, new Column<double>([.. rows.Select(row => row.Number)]), TextColumn.FromStrings([.. rows.Select(row => row.Text)])));
            return profile;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task CreateAsync_AnyBatchSizeAndParallelism_GivesTheSameBytes(int batchRows)
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token)).WithRole("Status", ColumnRole.Label);
        var options = new DatasetProfileOptions { LabelInformation = true, SampleRows = 500 };
        var expected = (await DatasetProfile.CreateAsync(dataset, options, Token)).ToBytes();
        var profile = new DatasetProfile(dataset.Schema, options with { Parallelism = 3 });
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { BatchRows = batchRows }, Token)) profile.Add(batch);
        Assert.Equal(expected, profile.ToBytes());
    }

    [Fact]
    public async Task FromBytesAndFromJson_Written_GoOnAsTheProfileItself()
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token)).WithRole("Status", ColumnRole.Label)
            .Derive(new ColumnSchema("pair", ElementType.Float32) { Width = 2 }, ["Age", "Income"], batch => new Column<float>(
                [.. Enumerable.Range(0, batch.RowCount * 2).Select(i => (float)ColumnNumbers.ToDoubles(batch[i % 2])[i / 2])], null, 2));
        var profile = await DatasetProfile.CreateAsync(dataset, s_everything, Token);
        var (fromBytes, fromJson) = (DatasetProfile.FromBytes(profile.ToBytes()), DatasetProfile.FromJson(profile.ToJson()));
        Assert.Equal(profile.ToJson(), fromBytes.ToJson());
        Assert.Equal(profile.ToBytes(), fromJson.ToBytes());
        await foreach (var batch in dataset.ReadAsync(cancellationToken: Token))
        {
            profile.Add(batch);
            fromBytes.Add(batch);
        }

        Assert.Equal(profile.ToBytes(), fromBytes.ToBytes());
        var figures = JsonDocument.Parse(profile.ToJson()).RootElement.GetProperty("columns").EnumerateArray().Single(column => column.GetProperty("name").GetString() == "Age");
        Assert.InRange(figures.GetProperty("quantiles").GetProperty("50%").GetProperty("value").GetDouble(), figures.GetProperty("quantiles").GetProperty("50%").GetProperty("lowerBound").GetDouble(), 80);
        Assert.InRange(figures.GetProperty("distinctCount").GetProperty("value").GetDouble(), 40, 60);
    }

    [Fact]
    public async Task FromBytes_Damaged_IsRefusedOrStaysAProfile()
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token)).Take(50).WithRole("Status", ColumnRole.Label);
        var bytes = (await DatasetProfile.CreateAsync(dataset, s_everything with { SampleRows = 100 }, Token)).ToBytes();
        for (var length = 0; length < bytes.Length; length += 7) Assert.Throws<FormatException>(() => DatasetProfile.FromBytes(bytes.AsSpan(0, length)));
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var copy = bytes.ToArray();
            copy[random.Next(copy.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                DatasetProfile.FromBytes(copy);
            }
            catch (FormatException)
            {
                // Refused: as good as read.
            }
        }
    }

    [Fact]
    public void FromJson_OfAnotherVersion_SaysSo()
        => Assert.Throws<JsonException>(() => DatasetProfile.FromJson("{\"rowCount\":1,\"columns\":[]}"u8));

    [Fact]
    public async Task LabelInformation_KnownDependence_IsMeasured()
    {
        var random = new Random(4);
        const int Rows = 20_000;
        var (label, strong, noise, sign) = (new double[Rows], new double[Rows], new double[Rows], new string[Rows]);
        const double Correlation = 0.8;
        for (var i = 0; i < Rows; i++)
        {
            label[i] = Normal();
            strong[i] = (Correlation * label[i]) + (Math.Sqrt(1 - (Correlation * Correlation)) * Normal());
            noise[i] = Normal();
            sign[i] = label[i] > 0 ? "positive" : "negative";
        }

        var dataset = InMemoryDataset.FromColumns(
            "d",
            (new ColumnSchema("label", ElementType.Float64, ColumnRole.Label), new Column<double>(label)),
            (new ColumnSchema("strong", ElementType.Float64), new Column<double>(strong)),
            (new ColumnSchema("noise", ElementType.Float64), new Column<double>(noise)),
            (new ColumnSchema("sign", ElementType.String), TextColumn.FromStrings(sign)));
        var information = (await DatasetProfile.CreateAsync(dataset, s_everything, Token)).LabelInformation!;
        // Of two normal variables the information is −½ ln(1 − ρ²); bins lose some of it. Of the sign of one it is ln 2.
        Assert.InRange(information["strong"], 0.85 * -0.5 * Math.Log(1 - (Correlation * Correlation)), 1.05 * -0.5 * Math.Log(1 - (Correlation * Correlation)));
        Assert.InRange(information["noise"], 0, 0.005);
        Assert.InRange(information["sign"], 0.95 * Math.Log(2), 1.01 * Math.Log(2));
        Assert.Throws<EntityNotFoundException>(() => information["label"]);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    [Fact]
    public void Add_Vectors_HaveNormsCentresAndVariances()
    {
        var schema = new DataSchema(new ColumnSchema("v", ElementType.Float32) { Width = 2 });
        var profile = new DatasetProfile(schema);
        profile.Add(new DataBatch(schema, new Column<float>([3, 4, 0, 0, 1, 0, float.NaN, 1], [0b1101], 2)));
        var other = new DatasetProfile(schema);
        other.Add(new DataBatch(schema, new Column<float>([6, 8], null, 2)));
        profile.Merge(other);
        var vectors = Assert.Single(profile.Vectors);
        Assert.Equal((5L, 2L), (vectors.RowCount, vectors.MissingCount));
        Assert.Equal(10 / 3.0, vectors.Means[0], 1e-12);
        Assert.Equal(4, vectors.Means[1], 1e-12);
        Assert.Equal(new[] { 3.0, 1, 6 }.Select(x => (x - (10 / 3.0)) * (x - (10 / 3.0))).Average(), vectors.GetVariance(0), 1e-12);
        Assert.Equal((1.0, 10.0), (vectors.Norms.Minimum, vectors.Norms.Maximum));
        Assert.Empty(profile.Columns);
    }

    [Fact]
    public void FromBytes_Vectors_KeepTheirRolesAndOfEarlierVersionsAreFeatures()
    {
        var profile = new DatasetProfile(new DataSchema(new ColumnSchema("v", ElementType.Float32, ColumnRole.Label) { Width = 2 }));
        var bytes = profile.ToBytes();
        Assert.Equal(ColumnRole.Label, Assert.Single(DatasetProfile.FromBytes(bytes).Vectors).Role);
        // Version 2 has no role.
        var role = bytes.AsSpan().IndexOf("Label"u8);
        byte[] earlier = [.. bytes.AsSpan(0, role - sizeof(long)), .. bytes.AsSpan(role + "Label".Length)];
        earlier[7] = (byte)'2';
        Assert.Equal(("v", 2, ColumnRole.Feature), Assert.Single(DatasetProfile.FromBytes(earlier).Vectors) is var old ? (old.Name, old.Width, old.Role) : default);
    }

    [Fact]
    public void Merge_ValueCountsThatRanFull_TellWhichCountsAreBounds()
    {
        ValueCounts first = new(2), second = new(2);
        first.Add(["a", "b", "a", "c"]);
        second.Add(["a", "c", "b"]);
        first.Merge(second);
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        first.WriteTo(writer);
        foreach (var counts in new[] { first, ValueCounts.ReadFrom(writer.WrittenSpan) })
        {
            Assert.Equal((7L, 3L, 2), (counts.Count, counts.OtherCount, counts.FullPartCount));
            // Each part has counted "a"; the second has counted "b" among its others, as the first has "c".
            Assert.Equal((3L, 3L), (counts.GetCount("a"), counts.GetUpperBound("a")));
            Assert.Equal((1L, 4L), (counts.GetCount("b"), counts.GetUpperBound("b")));
            Assert.Equal((0L, 3L), (counts.GetCount("c"), counts.GetUpperBound("c")));
        }

        var exact = new ValueCounts(2);
        exact.Add(["a"]);
        Assert.Equal((0, 1L, 0L), (exact.FullPartCount, exact.GetUpperBound("a"), exact.GetUpperBound("b")));
    }

    [Fact]
    public void Add_LargeIntegers_AreToldApart()
    {
        var profile = new ColumnProfile("id", ElementType.Int64);
        profile.Add(new Column<long>([.. Enumerable.Range(0, 100).Select(i => (1L << 60) + i)], [ulong.MaxValue, ulong.MaxValue >> 28]));
        Assert.Equal(100, profile.DistinctValues.Estimate, 1);
    }

    [Fact]
    public void Add_UnsignedIntegersAndMoments_AreToldApart()
    {
        var numbers = new ColumnProfile("id", ElementType.UInt64);
        numbers.Add(new Column<ulong>([.. Enumerable.Range(0, 100).Select(i => (1UL << 60) + (ulong)i)]));
        Assert.Equal(100, numbers.DistinctValues.Estimate, 1);
        var moments = new ColumnProfile("at", ElementType.Timestamp);
        moments.Add(new Column<DateTime>([.. Enumerable.Range(0, 1000).Select(i => new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(i))]));
        Assert.InRange(moments.DistinctValues.Estimate, 950, 1050);
    }

    [Fact]
    public void Correlations_ConstantsThatRound_AreNaN()
    {
        var schema = new DataSchema(new ColumnSchema("a", ElementType.Float64), new ColumnSchema("b", ElementType.Float64), new ColumnSchema("c", ElementType.Float64));
        var matrix = new CorrelationMatrix("a", "b", "c");
        for (var batch = 0; batch < 7; batch++)
            matrix.Add(new DataBatch(schema, new Column<double>(Enumerable.Repeat(0.1, 1000 + batch).ToArray()), new Column<double>(Enumerable.Repeat(1e9 + 0.1, 1000 + batch).ToArray()), new Column<double>([.. Enumerable.Range(0, 1000 + batch).Select(i => (double)i)])));
        Assert.True(double.IsNaN(matrix["a", "b"]));
        Assert.True(double.IsNaN(matrix["a", "a"]));
        Assert.True(double.IsNaN(matrix["b", "c"]));
        Assert.Equal(1, matrix["c", "c"], 1e-12);
    }

    [Fact]
    public void Merge_OfOtherColumnsOrSamples_IsRefusedAndChangesNothing()
    {
        var schema = new DataSchema(new ColumnSchema("a", ElementType.Float64), new ColumnSchema("b", ElementType.Float64, ColumnRole.Label));
        var profile = new DatasetProfile(schema, s_everything);
        var before = profile.ToBytes();
        var other = new DatasetProfile(new DataSchema(new ColumnSchema("a", ElementType.Float64), new ColumnSchema("c", ElementType.Float64, ColumnRole.Label)), s_everything);
        other.Add(new DataBatch(new DataSchema(new ColumnSchema("a", ElementType.Float64), new ColumnSchema("c", ElementType.Float64)), new Column<double>([1]), new Column<double>([2])));
        Assert.Throws<ArgumentException>(() => profile.Merge(other));
        Assert.Throws<ArgumentException>(() => profile.Merge(new DatasetProfile(schema, s_everything with { Seed = 1 })));
        Assert.Equal(before, profile.ToBytes());
        Assert.Throws<EntityNotFoundException>(() => new DatasetProfile(schema, new DatasetProfileOptions { Parallelism = 2 }).Add(new DataBatch(new DataSchema(new ColumnSchema("x", ElementType.Float64)), new Column<double>([1]))));
    }

    [Fact]
    public void Correlations_ConstantOrAbsentPairs_AreNaNAndInfinitiesAreLeftOut()
    {
        var schema = new DataSchema(new ColumnSchema("a", ElementType.Float64), new ColumnSchema("b", ElementType.Float64), new ColumnSchema("c", ElementType.Float64));
        var matrix = new CorrelationMatrix("a", "b", "c");
        matrix.Add(new DataBatch(schema, new Column<double>([1, 2, 3, double.PositiveInfinity, 5]), new Column<double>([2, 4, 6, 1, double.NaN]), new Column<double>([7, 7, 7, 7, 7])));
        Assert.Equal(1, matrix["a", "b"], 1e-12);
        Assert.Equal(3, matrix.GetCount("b", "a"));
        Assert.True(double.IsNaN(matrix["a", "c"]));
        Assert.Throws<EntityNotFoundException>(() => matrix["a", "x"]);
    }

    private static void AssertNumbers(JsonElement expected, ColumnProfile column)
    {
        var moments = column.Moments!;
        AssertClose(expected, "mean", moments.Mean);
        AssertClose(expected, "std", moments.StandardDeviation);
        AssertClose(expected, "sum", moments.Sum);
        AssertClose(expected, "skewness", moments.Skewness);
        AssertClose(expected, "kurtosis", moments.ExcessKurtosis);
        Assert.Equal((expected.GetProperty("min").GetDouble(), expected.GetProperty("max").GetDouble()), (moments.Minimum, moments.Maximum));
        Assert.Equal((expected.GetProperty("zeros").GetInt64(), expected.GetProperty("negatives").GetInt64()), (moments.ZeroCount, moments.NegativeCount));
        var (lower, upper) = column.Quantiles!.GetQuantileBounds(0.5);
        Assert.InRange(expected.GetProperty("median").GetDouble(), lower, upper);
    }

    private static void AssertTexts(JsonElement expected, ColumnProfile column, TextProfile texts)
    {
        Assert.Equal((expected.GetProperty("length_min").GetDouble(), expected.GetProperty("length_max").GetDouble()), (texts.Lengths.Minimum, texts.Lengths.Maximum));
        AssertClose(expected, "length_mean", texts.Lengths.Mean);
        Assert.Equal(column.RowCount - column.MissingCount, texts.Types.Others);
        foreach (var top in expected.GetProperty("top").EnumerateArray())
        {
            Assert.Equal(top[1].GetInt64(), column.Values!.GetCount(top[0].GetString()!));
            Assert.InRange(top[1].GetInt64(), texts.FrequentValues.GetLowerBound(top[0].GetString()!), texts.FrequentValues.GetUpperBound(top[0].GetString()!));
        }
    }

    private static void AssertClose(JsonElement expected, string name, double actual)
    {
        var value = expected.GetProperty(name).GetDouble();
        Assert.Equal(value, actual, 1e-9 * Math.Max(1, Math.Abs(value)));
    }

    private static void AssertEqual(DatasetProfile expected, DatasetProfile actual)
    {
        Assert.Equal(expected.RowCount, actual.RowCount);
        foreach (var (a, b) in expected.Columns.Zip(actual.Columns))
        {
            Assert.Equal((a.RowCount, a.MissingCount), (b.RowCount, b.MissingCount));
            Assert.Equal(a.DistinctValues.CompositeEstimate, b.DistinctValues.CompositeEstimate, 1e-9);
            Assert.Equal(a.Texts?.Types, b.Texts?.Types);
            Assert.Equal(a.Values?.GetOrdered(), b.Values?.GetOrdered());
            if (a.Moments is null) continue;
            AssertNear(a.Moments.Mean, b.Moments!.Mean, a.Moments);
            AssertNear(a.Moments.Variance, b.Moments.Variance, a.Moments);
            Assert.Equal((a.Moments.Count, a.Moments.NaNCount, a.Moments.ZeroCount), (b.Moments.Count, b.Moments.NaNCount, b.Moments.ZeroCount));
            Assert.Equal((a.Moments.Minimum, a.Moments.Maximum), (b.Moments.Minimum, b.Moments.Maximum));
            Assert.Equal(a.Quantiles!.Count, b.Quantiles!.Count);
        }

        if (expected.Correlations is not { } correlations) return;
        foreach (var a in correlations.Columns)
        {
            foreach (var b in correlations.Columns)
            {
                Assert.Equal(correlations.GetCount(a, b), actual.Correlations!.GetCount(a, b));
                Assert.Equal(correlations[a, b], actual.Correlations[a, b], 1e-9);
            }
        }
    }

    private static void AssertNear(double expected, double actual, MomentsSketch moments)
    {
        if (double.IsNaN(expected)) Assert.True(double.IsNaN(actual));
        else Assert.InRange(Math.Abs(expected - actual), 0, 1e-9 * Math.Max(1, Math.Max(Math.Abs(expected), moments.StandardDeviation)));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(50_000)]
    public void RoundTo_NarrowerType_RoundsQuantilesAndKeepsTheRest(int rows)
    {
        double[] values = [.. Enumerable.Range(0, rows).Select(i => (i * 7919 % rows) / 10.0), 1e300];
        ColumnProfile wide = new("x", ElementType.Float64), narrow = new("x", ElementType.Float64);
        wide.Add(values);
        narrow.Add(Array.ConvertAll(values, value => value > 1e38 ? value : (float)value));
        var rounded = wide.RoundTo(ElementType.Float32);
        Assert.Equal(narrow.Quantiles!.GetSortedItems().Sum(item => item.Weight), rounded.Quantiles!.GetSortedItems().Sum(item => item.Weight));
        Assert.All(rounded.Quantiles.GetSortedItems(), item => Assert.True(item.Value == (float)item.Value || item.Value == 1e300, item.ToString()));
        Assert.Equal((narrow.Quantiles.Minimum, narrow.Quantiles.Maximum, wide.RowCount, wide.Moments!.Mean), (rounded.Quantiles.Minimum, rounded.Quantiles.Maximum, rounded.RowCount, rounded.Moments!.Mean));
        // The profile itself stays as it was.
        Assert.Contains(wide.Quantiles!.GetSortedItems(), item => item.Value != (float)item.Value);
        Assert.Throws<ArgumentOutOfRangeException>("type", () => wide.RoundTo(ElementType.Int32));
    }
}
