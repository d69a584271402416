using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class DriftChecksTests
{
    [Theory]
    [InlineData("churn.csv", "churn", "clean")]
    [InlineData("churn.csv", "churn", "changed")]
    [InlineData("credit.csv", "Status", "clean")]
    [InlineData("credit.csv", "Status", "changed")]
    public async Task RunAsync_RealPairs_AreAsScipyMeasuresThem(string file, string label, string pair)
    {
        var (train, test) = TrainTestTable.Read(file, label).Cut();
        if (pair == "changed") test = TrainTestSuiteTests.Change(file, test);
        var golden = TrainTestTable.ReadGolden(file[..^4], pair);
        Assert.Equal((golden.GetProperty("trainRows").GetInt32(), golden.GetProperty("testRows").GetInt32()), (train.RowCount, test.RowCount));

        var result = await TrainTestTable.RunAsync(new FeatureDriftCheck(), train, test);
        var expected = golden.GetProperty("drift").EnumerateObject().ToDictionary(column => column.Name, column => column.Value.GetDouble());
        Assert.Equal(expected.Count - 1, result.Tables[0].Rows.Count);
        foreach (var row in result.Tables[0].Rows) Assert.Equal(CheckText.Number(expected[row[0]]), row[2]);
        var numbers = result.Tables[0].Rows.Where(row => row[1] == "Kolmogorov–Smirnov").Max(row => expected[row[0]]);
        Assert.Equal(numbers, result.Values["maximum_numeric_drift"]!.Value, 1e-12);
        Assert.Equal(expected.Where(column => column.Key != label).Count(column => column.Value >= 0.2), result.Values["drifting_columns"]);
        Assert.Equal(pair == "clean" ? CheckStatus.Pass : CheckStatus.Warn, result.Status);

        var labels = await TrainTestTable.RunAsync(new LabelDriftCheck(), train, test);
        Assert.Equal(expected[label], labels.Values["label_drift"]!.Value, 1e-12);
        Assert.Equal(pair == "clean" ? CheckStatus.Pass : CheckStatus.Warn, labels.Status);
    }

    [Fact]
    public async Task FeatureDrift_OtherLimits_AreKept()
    {
        var (train, test) = TrainTestTable.Read("credit.csv", "Status").Cut();
        test = TrainTestSuiteTests.Change("credit.csv", test);

        var apart = await TrainTestTable.RunAsync(new FeatureDriftCheck { MaximumNumericDrift = 0.4, Severity = ValidationSeverity.Error }, train, test);
        Assert.Equal([CheckStatus.Pass, CheckStatus.Fail], apart.Conditions.Select(condition => condition.Status));
        Assert.Equal("0.3026 ('Job'); 0.2908 ('Home')", apart.Conditions[1].Measured);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new FeatureDriftCheck { AllowedColumns = 2 }, train, test)).Status);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new FeatureDriftCheck { Columns = ["Age", "Marital"] }, train, test)).Status);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new LabelDriftCheck { MaximumDrift = 0.2 }, train, test)).Status);
    }

    [Theory]
    [InlineData(0.2, CheckStatus.Warn)] // A limit that is reached is not kept.
    [InlineData(0.2001, CheckStatus.Pass)]
    public async Task FeatureDrift_ExactlyTheLimit_IsBeyondIt(double limit, CheckStatus expected)
    {
        // 200 of 1,000 test values are above all others.
        var train = Numbers([.. Enumerable.Range(0, 1000).Select(i => (double)i)]);
        var test = Numbers([.. Enumerable.Range(0, 1000).Select(i => i < 800 ? (double)(i + (i / 4)) : 10_000)]);
        var result = await TrainTestTable.RunAsync(new FeatureDriftCheck { MaximumNumericDrift = limit }, train, test);

        Assert.Equal(0.2, result.Values["maximum_numeric_drift"]!.Value, 1e-12);
        Assert.Equal(expected, result.Status);
    }

    [Fact]
    public async Task FeatureDrift_MoreRowsThanTheSample_StaysWithinItsErrorAndNamesIt()
    {
        const int Rows = 60_000;
        double[] a = new double[Rows], b = new double[Rows];
        var random = new SplitMix64(3);
        for (var i = 0; i < Rows; i++) (a[i], b[i]) = (random.Next(1_000_000), random.Next(1_000_000) * 0.8);

        var exact = await TrainTestTable.RunAsync(new FeatureDriftCheck(), Numbers(a), Numbers(b), subject => subject with { SampleRows = Rows });
        var sketched = await TrainTestTable.RunAsync(new FeatureDriftCheck(), Numbers(a), Numbers(b), subject => subject with { SampleRows = 1000 });

        var statistic = exact.Values["maximum_numeric_drift"]!.Value;
        Assert.InRange(statistic, 0.19, 0.21);
        Assert.DoesNotContain("±", exact.Conditions[0].Measured, StringComparison.Ordinal);
        Assert.InRange(sketched.Values["maximum_numeric_drift"]!.Value, statistic - 0.0015, statistic + 0.0015);
        Assert.Contains("± 0.0014", sketched.Conditions[0].Measured, StringComparison.Ordinal);

        // Right at the measured figure the sketch cannot tell; a little away it can.
        foreach (var (limit, expected) in ((double, CheckStatus)[])[(statistic, CheckStatus.Warn), (statistic - 0.005, CheckStatus.Fail), (statistic + 0.005, CheckStatus.Pass)])
        {
            var result = await TrainTestTable.RunAsync(
                new FeatureDriftCheck { MaximumNumericDrift = limit, Severity = ValidationSeverity.Error }, Numbers(a), Numbers(b), subject => subject with { SampleRows = 1000 });
            Assert.Equal(expected, result.Status);
        }
    }

    [Fact]
    public async Task FeatureDrift_NoCategoryInCommon_IsOneAndTheSameShares_AreZero()
    {
        TrainTestTable Texts(int rows, params string[] values) => new TrainTestTable().Add("kind", ElementType.String, [.. Enumerable.Range(0, rows).Select(i => values[i % values.Length])]);

        Assert.Equal(1, (await TrainTestTable.RunAsync(new FeatureDriftCheck(), Texts(1000, "a"), Texts(20, "c"))).Values["maximum_categorical_drift"]!.Value, 1e-9);
        // What chance alone gives is subtracted, which is more for more categories.
        Assert.InRange((await TrainTestTable.RunAsync(new FeatureDriftCheck(), Texts(1000, "a", "b"), Texts(20, "c", "d"))).Values["maximum_categorical_drift"]!.Value, 0.98, 1);
        Assert.Equal(0, (await TrainTestTable.RunAsync(new FeatureDriftCheck(), Texts(1000, "a", "b"), Texts(20, "a", "b"))).Values["maximum_categorical_drift"]);
        Assert.Equal(0, (await TrainTestTable.RunAsync(new FeatureDriftCheck(), Texts(50, "a"), Texts(20, "a"))).Values["maximum_categorical_drift"]);
    }

    [Fact]
    public async Task FeatureDrift_MissingNotFiniteAndConstantValues_HaveDefinedOutcomes()
    {
        object?[] Fill(int count, params object?[] values) => [.. Enumerable.Range(0, count).Select(i => values[i % values.Length])];
        var train = new TrainTestTable()
            .Add("constant", ElementType.Float64, Fill(20, 5.0))
            .Add("infinite", ElementType.Float64, Fill(20, double.NegativeInfinity, 0.0, double.PositiveInfinity, double.NaN))
            .Add("empty", ElementType.Float64, Fill(20, [null]))
            .Add("time", ElementType.Date, Fill(20, new DateOnly(2024, 1, 1)))
            .Add("typed", ElementType.Int32, Fill(20, 1, 2))
            .Add("flag", ElementType.Boolean, Fill(20, true, false))
            .Add("mixed", ElementType.String, Fill(20, "a"));
        var test = new TrainTestTable()
            .Add("constant", ElementType.Float64, Fill(20, 5.0))
            .Add("infinite", ElementType.Float64, Fill(20, double.NegativeInfinity, double.PositiveInfinity, double.PositiveInfinity, null))
            .Add("empty", ElementType.Float64, Fill(20, 1.0))
            .Add("time", ElementType.Timestamp, Fill(20, new DateTime(2024, 1, 1, 23, 0, 0, DateTimeKind.Utc), new DateTime(2024, 1, 2, 1, 0, 0, DateTimeKind.Utc)))
            .Add("typed", ElementType.Float64, Fill(20, 1.0, 2.0))
            .Add("flag", ElementType.Boolean, Fill(20, true, false))
            .Add("mixed", ElementType.Int64, Fill(20, 1L));

        var result = await TrainTestTable.RunAsync(new FeatureDriftCheck { CategoricalColumns = ["typed"] }, train, test);

        var drifts = result.Tables[0].Rows.ToDictionary(row => row[0], row => row[2]);
        Assert.Equal(["time", "infinite"], result.Tables[0].Rows.Take(2).Select(row => row[0]));
        Assert.Equal(("0.5", "0.3333", "0", "0", "0"), (drifts["time"], drifts["infinite"], drifts["constant"], drifts["typed"], drifts["flag"]));
        Assert.Equal([["mixed", "String in the training set, Int64 in the test set"], ["empty", "0 and 20 values; 10 are needed"]], result.Tables[1].Rows);
    }

    [Fact]
    public async Task FeatureDrift_NoMoreThanChanceMakesOfFewRows_Passes()
    {
        var (train, test) = (Numbers([.. Enumerable.Range(0, 20).Select(i => (double)i)]), Numbers([.. Enumerable.Range(0, 10).Select(i => i + 8.0)]));
        var result = await TrainTestTable.RunAsync(new FeatureDriftCheck(), train, test);
        Assert.Equal((CheckStatus.Pass, 0.0), (result.Status, result.Values["drifting_columns"]));
        Assert.Contains("no more than chance", result.Conditions[0].Measured, StringComparison.Ordinal);
        Assert.Equal(CheckStatus.Warn, (await TrainTestTable.RunAsync(new FeatureDriftCheck(), train, Numbers([.. Enumerable.Range(0, 10).Select(i => i + 18.0)]))).Status);
    }

    [Fact]
    public async Task DriftChecks_TooFewRows_AreNotApplicable()
    {
        var one = Numbers([1.0]).Add("y", ElementType.String, ColumnRole.Label, "a");
        Assert.Equal("No feature has 10 values in each dataset that can be compared.", (await TrainTestTable.RunAsync(new FeatureDriftCheck(), one, one)).Summary);
        Assert.Equal("1 training row and 1 test row have a label; 10 are needed.", (await TrainTestTable.RunAsync(new LabelDriftCheck(), one, one)).Summary);
        Assert.Equal(CheckStatus.NotApplicable, (await TrainTestTable.RunAsync(new MultivariateDriftCheck(), one, one)).Status);
        Assert.Equal(CheckStatus.NotApplicable, (await TrainTestTable.RunAsync(new PredictivePowerChangeCheck(), one, one)).Status);
        Assert.Equal("The test set has no rows.", (await TrainTestTable.RunAsync(new FeatureDriftCheck(), one, one.Take(_ => false))).Summary);
    }

    [Fact]
    public async Task LabelDrift_Amounts_AreComparedAsNumbers()
    {
        TrainTestTable Labels(Func<int, double> value) => new TrainTestTable().Add("y", ElementType.Float64, ColumnRole.Label, [.. Enumerable.Range(0, 1000).Select(i => (object)value(i))]);

        var result = await TrainTestTable.RunAsync(new LabelDriftCheck(), Labels(i => i), Labels(i => i + 150));
        Assert.Equal(0.15, result.Values["label_drift"]!.Value, 1e-12);
        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.Equal("Kolmogorov–Smirnov", result.Tables[0].Rows[0][1]);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new LabelDriftCheck(), Labels(i => i), Labels(i => i + 149))).Status);
    }

    [Fact]
    public async Task MultivariateDrift_RealPairs_AreToldApartAsByScikitLearn()
    {
        foreach (var (file, label) in ((string, string)[])[("churn.csv", "churn"), ("credit.csv", "Status")])
        {
            var (train, test) = TrainTestTable.Read(file, label).Cut();
            var clean = await TrainTestTable.RunAsync(new MultivariateDriftCheck(), train, test);
            Assert.Equal(CheckStatus.Pass, clean.Status);
            // Trees that differ in detail differ on noise by about the standard deviation of the AUC, 0.01.
            Assert.Equal(TrainTestTable.ReadGolden(file[..^4], "clean").GetProperty("auc").GetDouble(), clean.Values["auc"]!.Value, 0.03);

            var changed = await TrainTestTable.RunAsync(new MultivariateDriftCheck(), train, TrainTestSuiteTests.Change(file, test));
            Assert.Equal(CheckStatus.Warn, changed.Status);
            Assert.Equal(TrainTestTable.ReadGolden(file[..^4], "changed").GetProperty("auc").GetDouble(), changed.Values["auc"]!.Value, 0.02);
            Assert.Equal(2 * (changed.Values["auc"]!.Value - 0.5), changed.Values["multivariate_drift"]!.Value, 1e-12);
            string[] drifting = file == "churn.csv" ? ["total_day_minutes", "total_day_charge", "state", "voice_mail_plan"] : ["Income", "Home", "Job"];
            Assert.Contains(changed.Tables[0].Rows[0][0], drifting);
            Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new MultivariateDriftCheck { MaximumDrift = 1.01 }, train, TrainTestSuiteTests.Change(file, test))).Status);
        }
    }

    [Fact]
    public async Task MultivariateDrift_OnlyTogetherDifferent_IsSeenWhereSingleColumnsAreNot()
    {
        // The training set is one quarter-turned cross, the test set the other: each column by itself is the same.
        static TrainTestTable Cross(bool isTest) => new TrainTestTable()
            .Add("a", ElementType.Float64, [.. Enumerable.Range(0, 600).Select(i => (object)(double)((i * 37) % 600))])
            .Add("b", ElementType.Float64, [.. Enumerable.Range(0, 600).Select(i => (object)(double)(((i * 37) % 600) < 300 == (i % 10 < 9) == isTest ? (i * 7) % 300 : 300 + ((i * 7) % 300)))]);

        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new FeatureDriftCheck(), Cross(false), Cross(true))).Status);
        var result = await TrainTestTable.RunAsync(new MultivariateDriftCheck(), Cross(false), Cross(true));
        Assert.Equal(CheckStatus.Warn, result.Status);
        Assert.InRange(result.Values["multivariate_drift"]!.Value, 0.6, 0.9);
    }

    [Fact]
    public async Task MultivariateDrift_MissingValuesOfOneSide_TellThemApart()
    {
        static TrainTestTable Random(ulong seed) => Numbers([.. Enumerable.Range(0, 1000).Select(i => (double)SplitMix64.At(seed, (ulong)i))]);
        var (train, test) = (Random(1), Random(2).Change("x", (row, value) => row % 2 == 0 ? null : value));

        // Missing rows are certain, the others a guess: an AUC of 0.75.
        Assert.InRange((await TrainTestTable.RunAsync(new MultivariateDriftCheck(), train, test)).Values["auc"]!.Value, 0.70, 0.80);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new FeatureDriftCheck(), train, test)).Status);
    }

    [Fact]
    public async Task MultivariateDrift_SameSeed_GivesTheSameFigureAndConstantColumnsGiveNone()
    {
        var (train, test) = TrainTestTable.Read("credit.csv", "Status").Cut();
        var check = new MultivariateDriftCheck { MaximumRows = 500 };
        var first = await TrainTestTable.RunAsync(check, train, test, subject => subject with { Seed = 5 });
        var again = await TrainTestTable.RunAsync(check, train, test, subject => subject with { Seed = 5 });
        var other = await TrainTestTable.RunAsync(check, train, test, subject => subject with { Seed = 6 });

        Assert.Equal(500, first.Values["train_rows"]);
        Assert.Equal(first.Values["auc"], again.Values["auc"]);
        Assert.NotEqual(first.Values["auc"], other.Values["auc"]);

        var constant = Numbers([.. Enumerable.Repeat(1.0, 200)]);
        var nothing = await TrainTestTable.RunAsync(new MultivariateDriftCheck(), constant, constant);
        Assert.Equal((CheckStatus.Pass, 0.0), (nothing.Status, nothing.Values["multivariate_drift"]));
    }

    [Fact]
    public async Task PredictivePowerChange_RealPair_HasNoLeak()
    {
        foreach (var (file, label) in ((string, string)[])[("churn.csv", "churn"), ("credit.csv", "Status")])
        {
            var (train, test) = TrainTestTable.Read(file, label).Cut();
            var result = await TrainTestTable.RunAsync(new PredictivePowerChangeCheck(), train, test);
            Assert.Equal(CheckStatus.Pass, result.Status);
            Assert.Equal(2, result.Conditions.Count);
        }
    }

    [Fact]
    public async Task PredictivePowerChange_FeatureThatIsTheLabel_IsFound()
    {
        var (train, test) = TrainTestTable.Read("churn.csv", "churn").Cut();
        TrainTestTable Leak(TrainTestTable table) => table.Add("closed", ElementType.Float64, [.. Enumerable.Range(0, table.RowCount).Select(row => (object)((string)table.Get("churn", row)! == "yes" ? 1.0 : 0.0))]);

        var both = await TrainTestTable.RunAsync(new PredictivePowerChangeCheck(), Leak(train), Leak(test));
        Assert.Equal([CheckStatus.Warn, CheckStatus.Pass], both.Conditions.Select(condition => condition.Status));
        Assert.Equal("1 by 'closed'", both.Conditions[0].Measured);

        // Where the column says nothing in the test set, its power changes as well.
        var train2 = TrainTestTable.Read("churn.csv", "churn").Cut().Train;
        var (leaking, silent) = (Leak(train2), TrainTestTable.Read("churn.csv", "churn").Cut().Test);
        silent.Add("closed", ElementType.Float64, [.. Enumerable.Range(0, silent.RowCount).Select(row => (object)(double)(row % 2))]);
        var one = await TrainTestTable.RunAsync(new PredictivePowerChangeCheck { Severity = ValidationSeverity.Error }, leaking, silent);
        Assert.Equal([CheckStatus.Fail, CheckStatus.Fail], one.Conditions.Select(condition => condition.Status));
        Assert.Equal(1, one.Values["maximum_change"]!.Value, 1e-3);
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new PredictivePowerChangeCheck { MaximumTrainScore = 1.1, MaximumChange = 1.1 }, leaking, silent)).Status);

        // Too few test rows: only the training set is judged.
        var few = await TrainTestTable.RunAsync(new PredictivePowerChangeCheck(), leaking, silent.Take(row => row < 50));
        Assert.Single(few.Conditions);
        Assert.Null(few.Values["maximum_change"]);
        Assert.Contains("too few", few.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task DriftChecks_NoiseOfTheSmallestSize_RaisesNoAlarm(int seed)
    {
        static TrainTestTable Noise(int rows, ulong seed)
        {
            var table = new TrainTestTable();
            for (var column = 0; column < 20; column++)
            {
                var from = SplitMix64.At(seed, (ulong)column);
                table.Add($"x{column}", ElementType.Float64, [.. Enumerable.Range(0, rows).Select(row => (object)(double)SplitMix64.At(from, (ulong)row))]);
            }

            return table.Add("y", ElementType.String, ColumnRole.Label, [.. Enumerable.Range(0, rows).Select(row => SplitMix64.At(~seed, (ulong)row) % 2 == 0 ? "a" : "b")]);
        }

        var (train, test) = (Noise(800, (ulong)seed), Noise(400, 100 + (ulong)seed));
        var power = await TrainTestTable.RunAsync(new PredictivePowerChangeCheck(), train, test);
        Assert.Equal((CheckStatus.Pass, 2), (power.Status, power.Conditions.Count));
        bool IsFirst(int row) => row < 100;
        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new MultivariateDriftCheck(), train.Take(IsFirst), test.Take(IsFirst))).Status);
    }

    private static TrainTestTable Numbers(double[] values) => new TrainTestTable().Add("x", ElementType.Float64, [.. values.Select(value => (object)value)]);
}
