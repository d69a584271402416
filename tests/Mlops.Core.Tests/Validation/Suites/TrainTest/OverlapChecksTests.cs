using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class OverlapChecksTests
{
    private static readonly DateOnly s_day = new(2024, 3, 1);

    [Fact]
    public async Task KeyOverlap_SharedKeys_AreCounted()
    {
        var train = Column("id", ElementType.Int64, ColumnRole.Key, 1L, 2L, 3L, null);
        var result = await TrainTestTable.RunAsync(new KeyOverlapCheck(), train, Column("id", ElementType.Int64, ColumnRole.Key, 3L, 3L, 4L, null));

        Assert.Equal(CheckStatus.Fail, result.Status);
        Assert.Equal((1.0, 2.0, 0.5), (result.Values["shared_keys"], result.Values["shared_key_rows"], result.Values["shared_key_ratio"]));
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new KeyOverlapCheck(), train, Column("id", ElementType.Int64, ColumnRole.Key, 4L, null))).Status);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new KeyOverlapCheck { MaximumRatio = 0.5 }, train, Column("id", ElementType.Int64, ColumnRole.Key, 3L, 4L))).Status);
    }

    [Fact]
    public async Task KeyOverlap_SeveralKeyColumns_AreOneKey()
    {
        var train = Column("shop", ElementType.String, ColumnRole.Key, "a", "a", "b").Add("order", ElementType.Int64, ColumnRole.Key, 1L, 2L, 1L);
        var test = Column("shop", ElementType.String, ColumnRole.Key, "b", "b", null).Add("order", ElementType.Int64, ColumnRole.Key, 2L, 1L, 1L);

        Assert.Equal(1, (await TrainTestTable.RunAsync(new KeyOverlapCheck(), train, test)).Values["shared_key_rows"]);
    }

    [Theory]
    [InlineData(ElementType.Int32, 7, ElementType.Int64, 7L, true)]
    [InlineData(ElementType.Int32, -7, ElementType.UInt8, (byte)7, false)]
    [InlineData(ElementType.Int32, 7, ElementType.UInt8, (byte)7, true)]
    [InlineData(ElementType.UInt8, (byte)7, ElementType.Float64, 7.0, true)]
    [InlineData(ElementType.Float32, 0.5f, ElementType.Float64, 0.5, true)]
    [InlineData(ElementType.Float64, 0.0, ElementType.Float64, -0.0, true)]
    [InlineData(ElementType.Boolean, true, ElementType.Int32, 1, true)]
    [InlineData(ElementType.Int64, long.MaxValue, ElementType.Int64, long.MaxValue - 1, false)]
    public async Task KeyOverlap_TypesThatDiffer_AreComparedByValue(ElementType trainType, object trainKey, ElementType testType, object testKey, bool isShared)
    {
        var result = await TrainTestTable.RunAsync(new KeyOverlapCheck(), Column("id", trainType, ColumnRole.Key, trainKey), Column("id", testType, ColumnRole.Key, testKey));
        Assert.Equal(isShared ? 1 : 0, result.Values["shared_keys"]);
    }

    [Fact]
    public async Task KeyOverlap_NoKeys_IsNotApplicable()
    {
        var keys = Column("id", ElementType.Int64, ColumnRole.Key, 1L);
        Assert.Equal("No row of the test set has a key.", (await TrainTestTable.RunAsync(new KeyOverlapCheck(), keys, Column("id", ElementType.Int64, ColumnRole.Key, null, null))).Summary);
        Assert.Equal("No row of the training set has a key.", (await TrainTestTable.RunAsync(new KeyOverlapCheck(), Column("id", ElementType.Int64, ColumnRole.Key, [null]), keys)).Summary);
        var features = Column("id", ElementType.Int64, ColumnRole.Feature, 1L);
        Assert.Equal("No column of the training set has the role Key.", (await TrainTestTable.RunAsync(new KeyOverlapCheck(), features, features)).Summary);
    }

    [Fact]
    public async Task GroupOverlap_GroupOnBothSides_IsFound()
    {
        var train = Column("patient", ElementType.String, ColumnRole.Group, "p1", "p1", "p2", null).Add("site", ElementType.Int64, ColumnRole.Group, 1L, 1L, 1L, 1L);
        var test = Column("patient", ElementType.String, ColumnRole.Group, "p2", "p3", "p2", null).Add("site", ElementType.Int64, ColumnRole.Group, 2L, 2L, 2L, 2L);

        var result = await TrainTestTable.RunAsync(new GroupOverlapCheck(), train, test);

        Assert.Equal([CheckStatus.Fail, CheckStatus.Pass], result.Conditions.Select(condition => condition.Status));
        Assert.Equal((1.0, 2.0, 0.5), (result.Values["shared_groups"], result.Values["shared_group_rows"], result.Values["shared_group_ratio"]));
        Assert.Equal(["patient", "2", "1", "50 % (2 of 4 rows)"], result.Tables[0].Rows[0]);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new GroupOverlapCheck { MaximumRatio = 0.5 }, train, test)).Status);
    }

    [Fact]
    public async Task DateChecks_TestAfterTraining_Pass()
    {
        var (train, test) = (Days(0, 1, 2, null), Days(3, 4, null));
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new DateDuplicatesCheck(), train, test)).Status);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new DateOverlapCheck(), train, test)).Status);
    }

    [Fact]
    public async Task DateChecks_OverlappingDates_AreCounted()
    {
        var (train, test) = (Days(0, 5, 2), Days(1, 2, 2, 5, 6, null));

        var duplicates = await TrainTestTable.RunAsync(new DateDuplicatesCheck(), train, test);
        Assert.Equal((CheckStatus.Fail, 2.0, 3.0, 0.5), (duplicates.Status, duplicates.Values["shared_times"], duplicates.Values["shared_time_rows"], duplicates.Values["shared_time_ratio"]));
        var overlap = await TrainTestTable.RunAsync(new DateOverlapCheck(), train, test);
        Assert.Equal((CheckStatus.Fail, 4.0, 4.0 / 6), (overlap.Status, overlap.Values["overlapping_rows"], overlap.Values["overlap_ratio"]));
        Assert.Equal("66.67 % (4 of 6 test rows)", Assert.Single(overlap.Conditions).Measured);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new DateOverlapCheck { MaximumRatio = 0.7 }, train, test)).Status);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new DateDuplicatesCheck { MaximumRatio = 0.5 }, train, test)).Status);
    }

    [Fact]
    public async Task DateChecks_DatesBesideTimestamps_AreComparedByDays()
    {
        var noon = s_day.AddDays(1).ToDateTime(new TimeOnly(12, 0), DateTimeKind.Utc);
        var test = Column("t", ElementType.Timestamp, ColumnRole.Time, noon, noon.AddDays(1));

        var overlap = await TrainTestTable.RunAsync(new DateOverlapCheck(), Days(0, 1), test);
        Assert.Equal(1, overlap.Values["overlapping_rows"]);
        Assert.Contains("compared by days", overlap.Summary, StringComparison.Ordinal);
        Assert.Equal(1, (await TrainTestTable.RunAsync(new DateDuplicatesCheck(), Days(0, 1), test)).Values["shared_time_rows"]);
        // Two timestamps of one day are different moments.
        Assert.Equal(0, (await TrainTestTable.RunAsync(new DateDuplicatesCheck(), Column("t", ElementType.Timestamp, ColumnRole.Time, noon.AddHours(1)), test)).Values["shared_time_rows"]);
        Assert.Equal(1, (await TrainTestTable.RunAsync(new DateOverlapCheck(), Column("t", ElementType.Timestamp, ColumnRole.Time, noon.AddHours(1)), test)).Values["overlapping_rows"]);
    }

    [Fact]
    public async Task DateChecks_NumbersAsTime_AreOrderedWithNegativeAndInfiniteOnes()
    {
        var train = Column("t", ElementType.Float64, ColumnRole.Time, -5.0, double.NegativeInfinity, double.NaN, -2.0);
        var test = Column("t", ElementType.Float64, ColumnRole.Time, -3.0, -1.0, double.PositiveInfinity, double.NaN, -2.0);

        Assert.Equal(2, (await TrainTestTable.RunAsync(new DateOverlapCheck(), train, test)).Values["overlapping_rows"]);
        Assert.Equal(1, (await TrainTestTable.RunAsync(new DateDuplicatesCheck(), train, test)).Values["shared_time_rows"]);
    }

    [Fact]
    public async Task DateChecks_NothingToCompare_AreNotApplicable()
    {
        foreach (IValidationCheck check in (IValidationCheck[])[new DateOverlapCheck(), new DateDuplicatesCheck()])
        {
            Assert.Equal("No column of the training set has the role Time.", (await TrainTestTable.RunAsync(check, Column("t", ElementType.Date, ColumnRole.Feature, s_day), Days(1))).Summary);
            Assert.Equal("No row of the test set has a time in 't'.", (await TrainTestTable.RunAsync(check, Days(0), Days(null, null))).Summary);
            Assert.Equal("No row of the training set has a time in 't'.", (await TrainTestTable.RunAsync(check, Days(null, null), Days(1))).Summary);
            var texts = Column("t", ElementType.String, ColumnRole.Time, "2024-03-01");
            Assert.Equal("Column 't' has the role Time, but is String; it must be a date, a timestamp or a number.", (await TrainTestTable.RunAsync(check, texts, texts)).Summary);
            Assert.Equal(CheckStatus.NotApplicable, (await TrainTestTable.RunAsync(check, Days(0), texts)).Status);
        }
    }

    [Fact]
    public async Task SampleMix_CopiedRows_AreCounted()
    {
        var (train, test) = TrainTestTable.Read("credit.csv", "Status").Cut();
        Assert.Equal(TrainTestTable.ReadGolden("credit", "clean").GetProperty("mixedRows").GetInt32(), (await TrainTestTable.RunAsync(new SampleMixCheck(), train, test)).Values["mixed_rows"]);

        var leaking = test.Append(train.Take(row => row < 100));
        var result = await TrainTestTable.RunAsync(new SampleMixCheck(), train, leaking);

        Assert.Equal((CheckStatus.Fail, 100.0, 100.0 / (test.RowCount + 100)), (result.Status, result.Values["mixed_rows"], result.Values["mix_ratio"]));
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new SampleMixCheck { MaximumRatio = 0.1 }, train, leaking)).Status);
        // Another label makes another row; without the label it is the same.
        var relabelled = leaking.Change("Status", (row, value) => row >= test.RowCount ? ((string)value! == "good" ? "bad" : "good") : value);
        Assert.Equal(0, (await TrainTestTable.RunAsync(new SampleMixCheck(), train, relabelled)).Values["mixed_rows"]);
        Assert.Equal(100, (await TrainTestTable.RunAsync(new ContradictingLabelsCheck(), train, relabelled)).Values["contradicting_rows"]);
    }

    [Fact]
    public async Task SampleMix_AtTheLimit_Passes()
    {
        var train = Column("x", ElementType.Int64, ColumnRole.Feature, [.. Enumerable.Range(0, 100).Select(i => (object)(long)i)]);
        TrainTestTable Test(int copies) => Column("x", ElementType.Int64, ColumnRole.Feature, [.. Enumerable.Range(0, 100).Select(i => (object)(long)(i < copies ? i : i + 1000))]);

        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new SampleMixCheck(), train, Test(5))).Status);
        Assert.Equal(CheckStatus.Fail, (await TrainTestTable.RunAsync(new SampleMixCheck(), train, Test(6))).Status);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new SampleMixCheck { MaximumRatio = 0.29 }, train, Test(29))).Status);
    }

    [Fact]
    public async Task SampleMix_MissingValuesAndColumns_AreComparedAsTheyAre()
    {
        var train = Column("x", ElementType.Float64, ColumnRole.Feature, 1.0, double.NaN).Add("s", ElementType.String, "", null).Add("old", ElementType.Int64, 1L, 2L);
        var test = Column("x", ElementType.Float64, ColumnRole.Feature, 1.0, 1.0, null).Add("s", ElementType.String, "", null, null);

        var result = await TrainTestTable.RunAsync(new SampleMixCheck(), train, test);

        // Row 0 is the same; an empty text is not a missing one; a row without any value is not compared.
        Assert.Equal(1, result.Values["mixed_rows"]);
        Assert.EndsWith("compared in 2 columns of 3.", result.Summary, StringComparison.Ordinal);
        Assert.Equal(["old", "not in the test set"], Assert.Single(Assert.Single(result.Tables).Rows));
    }

    [Fact]
    public async Task ContradictingLabels_OtherClassAcrossTheParts_IsFound()
    {
        var train = Column("x", ElementType.Int64, ColumnRole.Feature, 1L, 2L, 3L, 3L, 4L).Add("y", ElementType.String, ColumnRole.Label, "a", "a", "a", "b", null);
        var test = Column("x", ElementType.Int64, ColumnRole.Feature, 1L, 2L, 3L, 4L, 5L, 2L).Add("y", ElementType.String, ColumnRole.Label, "a", "b", "a", "a", "a", null);

        var result = await TrainTestTable.RunAsync(new ContradictingLabelsCheck(), train, test);

        Assert.Equal((CheckStatus.Warn, 2.0, 3.0), (result.Status, result.Values["contradicting_rows"], result.Values["repeated_rows"]));
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new ContradictingLabelsCheck { MaximumRatio = 0.5 }, train, test)).Status);
        var amounts = await TrainTestTable.RunAsync(new ContradictingLabelsCheck(), Amounts(1.5, 2.5), Amounts(7.5, 8.5));
        Assert.StartsWith("The label 'y' is a number", amounts.Summary, StringComparison.Ordinal);

        static TrainTestTable Amounts(double a, double b) => Column("x", ElementType.Int64, ColumnRole.Feature, 1L, 2L).Add("y", ElementType.Float64, ColumnRole.Label, a, b);
    }

    private static TrainTestTable Column(string name, ElementType type, ColumnRole role, params object?[] values) => new TrainTestTable().Add(name, type, role, values);

    private static TrainTestTable Days(params int?[] days) => Column("t", ElementType.Date, ColumnRole.Time, [.. days.Select(day => day is { } number ? (object)s_day.AddDays(number) : null)]);
}
