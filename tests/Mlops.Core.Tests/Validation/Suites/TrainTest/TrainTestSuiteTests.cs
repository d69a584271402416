using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class TrainTestSuiteTests
{
    private static readonly string[] s_names =
    [
        "size_ratio", "new_labels", "new_categories", "new_string_variants", "date_duplicates", "date_overlap", "key_overlap", "group_overlap", "sample_mix", "contradicting_labels",
        "predictive_power_change", "feature_drift", "label_drift", "multivariate_drift",
    ];

    /// <summary>What <c>make_train_test.py</c> does as well.</summary>
    internal static TrainTestTable Change(string file, TrainTestTable test) => file == "churn.csv"
        ? test.Change("total_day_minutes", (_, value) => (double)value! + 30)
            .Change("voice_mail_plan", (row, value) => row % 3 == 0 ? "yes" : value)
            .Change("state", (row, value) => row % 5 == 0 ? "ZZ" : value)
            .Change("churn", (row, value) => row % 7 == 0 ? "maybe" : value)
        : test.Change("Income", (_, value) => value is double income ? income * 1.5 : null)
            .Change("Home", (row, value) => row % 3 == 0 ? "rent" : value)
            .Change("Job", (row, value) => row % 6 == 0 ? "Fixed" : value)
            .Change("Status", (row, value) => row % 4 == 0 ? "bad" : value);

    [Theory]
    [InlineData("churn.csv", "churn", 1)]
    [InlineData("churn.csv", "churn", 2)]
    [InlineData("churn.csv", "churn", 3)]
    [InlineData("credit.csv", "Status", 1)]
    [InlineData("credit.csv", "Status", 2)]
    [InlineData("credit.csv", "Status", 3)]
    public async Task RunAsync_RandomSplit_RaisesNoAlarm(string file, string label, int seed)
    {
        var all = await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", file), cancellationToken: Token);
        var data = all.WithRole(label, ColumnRole.Label);
        var batch = DataBatch.Concat(data.Schema, [.. await ReadAsync(data)]);
        bool IsTest(int row) => SplitMix64.At((ulong)seed, (ulong)row) % 4 == 0;
        var train = new InMemoryDataset("train", data.Schema, batch.Take([.. Enumerable.Range(0, batch.RowCount).Where(row => !IsTest(row))]));
        var test = new InMemoryDataset("test", data.Schema, batch.Take([.. Enumerable.Range(0, batch.RowCount).Where(IsTest)]));

        var report = await ValidationSuite.TrainTest().RunAsync(train, test, cancellationToken: Token);

        Assert.Equal(s_names, report.Results.Select(result => result.Check));
        // Two applicants of the credit data are equal in all but the label: no false alarm where the split has parted them.
        var contradicting = CountContradicting(batch, label, IsTest);
        Assert.Equal(contradicting, report["contradicting_labels"].Values["contradicting_rows"]);
        Assert.InRange(contradicting, 0, file == "credit.csv" ? 1 : 0);
        Assert.All(
            report.Results.Where(result => contradicting == 0 || result.Check != "contradicting_labels"),
            result => Assert.True(result.Status is CheckStatus.Pass or CheckStatus.NotApplicable, $"{result.Check}: {result.Summary} {string.Join("; ", result.Conditions)}"));
        Assert.Equal(["date_duplicates", "date_overlap", "key_overlap", "group_overlap"], report.Results.Where(result => result.Status == CheckStatus.NotApplicable).Select(result => result.Check));
    }

    [Fact]
    public async Task RunAsync_ChangedTestSet_FailsWhereItWasChanged()
    {
        var (train, test) = TrainTestTable.Read("churn.csv", "churn").Cut();
        var report = await ValidationSuite.TrainTest().RunAsync(train.ToDataset(1000), Change("churn.csv", test).ToDataset(1000), cancellationToken: Token);

        Assert.Equal(
            ["new_labels", "new_categories", "feature_drift", "label_drift", "multivariate_drift"],
            report.Results.Where(result => result.Status is CheckStatus.Warn or CheckStatus.Fail).Select(result => result.Check));
        Assert.Equal(CheckStatus.Fail, report.Status);
    }

    [Fact]
    public async Task RunAsync_OneDatasetOrEmptyOnes_IsNotApplicableThroughout()
    {
        var table = new TrainTestTable().Add("x", ElementType.Float64, 1.0).Add("y", ElementType.String, ColumnRole.Label, "a");
        foreach (var (train, test) in ((TrainTestTable, TrainTestTable?)[])[(table, null), (table.Take(_ => false), table), (table.Take(_ => false), table.Take(_ => false))])
        {
            var report = await ValidationSuite.TrainTest().RunAsync(new ValidationSubject(train.ToDataset()) { Test = test?.ToDataset() }, Token);
            Assert.All(report.Results, result => Assert.Equal(CheckStatus.NotApplicable, result.Status));
            Assert.All(report.Results, result => Assert.EndsWith(".", result.Summary, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task RunAsync_OneRowOrNothingInCommon_HasDefinedOutcomes()
    {
        var table = new TrainTestTable().Add("x", ElementType.Float64, double.NaN).Add("s", ElementType.String, [null]).Add("y", ElementType.String, ColumnRole.Label, "a");
        var other = new TrainTestTable().Add("z", ElementType.Float64, 1.0);
        foreach (var test in (TrainTestTable[])[table, other])
        {
            var report = await ValidationSuite.TrainTest().With(new NearDuplicatesCheck()).RunAsync(table.ToDataset(), test.ToDataset(), cancellationToken: Token);
            Assert.DoesNotContain(report.Results, result => result.Status is CheckStatus.Error or CheckStatus.Fail);
        }
    }

    [Fact]
    public async Task RunAsync_UnknownColumn_IsAnErrorOfThatCheckOnly()
    {
        var table = new TrainTestTable().Add("x", ElementType.String, "a", "b");
        var report = await new ValidationSuite("two", new NewCategoriesCheck { Columns = ["q"] }, new SampleMixCheck { MaximumRatio = 1 }).RunAsync(table.ToDataset(), table.ToDataset(), cancellationToken: Token);

        Assert.Equal((CheckStatus.Error, CheckStatus.Pass), (report["new_categories"].Status, report["sample_mix"].Status));
        Assert.Contains("'q'", report["new_categories"].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void TrainTest_EachCheck_DescribesItself()
    {
        var suite = ValidationSuite.TrainTest().With(new NearDuplicatesCheck());

        Assert.Equal([.. s_names, "near_duplicates"], suite.Checks.Select(check => check.Name));
        Assert.All(suite.Checks, check => Assert.EndsWith("?", check.Description, StringComparison.Ordinal));
        Assert.Equal(
            ["new_labels", "date_duplicates", "date_overlap", "key_overlap", "group_overlap", "sample_mix", "near_duplicates"],
            suite.Checks.Where(check => check.Severity == ValidationSeverity.Error).Select(check => check.Name));
    }

    [Fact]
    public void HashIndex_ManyHashes_AreNumberedInOrder()
    {
        var index = new HashIndex();
        UInt128[] keys = [0, .. Enumerable.Range(1, 5000).Select(i => new UInt128(SplitMix64.Mix((ulong)i), (ulong)i % 7))];
        foreach (var key in keys) index.GetOrAdd(key);
        foreach (var key in keys) index.GetOrAdd(key);

        Assert.Equal(keys.Length, index.Count);
        for (var i = 0; i < keys.Length; i++) Assert.Equal(i, index.Find(keys[i]));
        Assert.Equal(-1, index.Find(new UInt128(1, 1)));
    }

    [Fact]
    public void ComputeAuc_TiesAndOrder_CountAsPairsDo()
    {
        var random = new SplitMix64(1);
        (double Score, bool IsTest)[] rows = [.. Enumerable.Range(0, 60).Select(i => ((double)random.Next(10), i % 3 == 0))];
        var pairs = from test in rows.Where(row => row.IsTest) from train in rows.Where(row => !row.IsTest) select test.Score > train.Score ? 1 : test.Score == train.Score ? 0.5 : 0;

        Assert.Equal(pairs.Average(), DomainClassifier.ComputeAuc([.. rows]), 1e-12);
    }

    private static int CountContradicting(DataBatch rows, string label, Func<int, bool> isTest)
    {
        string[] features = [.. Enumerable.Range(0, rows.RowCount).Select(row => string.Join('|', rows.Schema.Where(column => column.Name != label).Select(column => rows[column.Name].GetValue(row) ?? "?")))];
        var train = Enumerable.Range(0, rows.RowCount).Where(row => !isTest(row)).ToLookup(row => features[row], row => rows[label].GetValue(row));
        return Enumerable.Range(0, rows.RowCount).Count(row => isTest(row) && train[features[row]].Any(other => !Equals(other, rows[label].GetValue(row))));
    }

    private static async Task<List<DataBatch>> ReadAsync(IDataset dataset)
    {
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.ReadAsync(null, Token)) batches.Add(batch);
        return batches;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
