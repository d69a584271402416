using System.Text;
using System.Text.RegularExpressions;
using Mlops.Data;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.Suites.Checks;

namespace Mlops.Core.Tests.Validation.Suites.Integrity;

public sealed partial class DataIntegritySuiteTests
{
    [Fact]
    public void DataIntegrity_Checks_HaveTheirDefaults()
    {
        Assert.Equal(
            [
                "columns_info", "single_value_columns", "missing_values", "mixed_nulls", "mixed_types", "special_characters", "string_variants", "string_length_outliers", "duplicate_rows",
                "conflicting_labels", "class_imbalance", "outlier_samples", "feature_label_correlation", "feature_feature_correlation", "identifier_label_correlation",
            ],
            ValidationSuite.DataIntegrity().Checks.Select(check => check.Name));
        Assert.Equal(0, new SingleValueColumnsCheck().MaximumCount);
        Assert.Equal(0.05, new MissingValuesCheck().MaximumRatio);
        Assert.Equal(1, new MixedNullsCheck().MaximumKinds);
        Assert.Equal((0.01, 0.1), (new MixedTypesCheck().NegligibleRatio, new MixedTypesCheck().IntendedRatio));
        Assert.Equal(0.001, new SpecialCharactersCheck().MaximumRatio);
        Assert.Equal(0, new StringVariantsCheck().MaximumCount);
        Assert.Equal(0, new StringLengthOutliersCheck().MaximumCount);
        Assert.Equal(0.05, new DuplicateRowsCheck().MaximumRatio);
        Assert.Equal(0, new ConflictingLabelsCheck().MaximumRatio);
        Assert.Equal(0.1, new ClassImbalanceCheck().MinimumRatio);
        Assert.Equal((0.005, 0.7), (new OutlierSamplesCheck().MaximumRatio, new OutlierSamplesCheck().MinimumProbability));
        Assert.Equal(0.8, new FeatureLabelCorrelationCheck().MaximumScore);
        Assert.Equal((0.9, 0), (new FeatureFeatureCorrelationCheck().MaximumCorrelation, new FeatureFeatureCorrelationCheck().MaximumPairs));
        Assert.Equal(0, new IdentifierLabelCorrelationCheck().MaximumScore);
        Assert.All(ValidationSuite.DataIntegrity(DatasetPart.Test).Checks, check => Assert.EndsWith("_test", check.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_RealData_FindsWhatIsKnownOfThem()
    {
        var churn = (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "churn.csv"), cancellationToken: Token)).WithRole("churn", ColumnRole.Label);
        var report = await ValidationSuite.DataIntegrity().RunAsync(churn, Token);

        Assert.DoesNotContain(report.Results, result => result.Status == CheckStatus.Error);
        // The charges are the minutes times a price: four pairs that say the same, and voice mail messages that there are only with a voice mail plan.
        var pairs = report["feature_feature_correlation"];
        Assert.Equal(CheckStatus.Fail, pairs.Status);
        Assert.Contains("total_day_minutes and total_day_charge", pairs.Conditions[0].Measured, StringComparison.Ordinal);
        Assert.Equal(0, report["missing_values"].Values["largest_missing_ratio"]);
        Assert.Equal(707.0 / 4293, report["class_imbalance"].Values["imbalance_ratio"]!.Value, 1e-12);
        Assert.Equal(0, report["duplicate_rows"].Values["duplicate_ratio"]);
    }

    [Fact]
    public async Task RunAsync_TwiceOrInOtherBatches_GivesTheSame()
    {
        var credit = (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token)).WithRole("Status", ColumnRole.Label);
        var batches = new List<DataBatch>();
        await foreach (var batch in credit.ReadAsync(new ReadOptions { BatchRows = 64 }, Token)) batches.Add(batch);
        var suite = ValidationSuite.DataIntegrity().Without("outlier_samples");

        var whole = await suite.RunAsync(credit, Token);
        var parts = await suite.RunAsync(new InMemoryDataset("credit", credit.Schema, batches), Token);

        Assert.Equal(Strip(whole), Strip(parts));
        Assert.Equal(CheckStatus.Fail, whole["missing_values"].Status); // Income: 381 of 4,454

        static string Strip(ValidationSuiteReport report) => Durations().Replace(Encoding.UTF8.GetString((report with { Datasets = [] }).ToJson()), "");
    }

    [Fact]
    public async Task RunAsync_NoRowsOrOneRow_IsNoError()
    {
        foreach (var rows in new[] { 0, 1 })
        {
            var data = Dataset(Numbers("x", new double[rows]), Texts("t", new string?[rows]), Integers("id", new long[rows]).As(ColumnRole.Key), Texts("y", Make(rows, _ => "a")).As(ColumnRole.Label));
            var report = await ValidationSuite.DataIntegrity().RunAsync(data, Token);
            Assert.DoesNotContain(report.Results, result => result.Status == CheckStatus.Error);
        }
    }

    [Fact]
    public async Task RunAsync_SecretValues_AreNowhereInTheReport()
    {
        // Every value but the texts that mean nothing holds the word; all checks have something to find.
        string?[] secrets = Make(300, i => i % 3 == 0 ? $"Secret-{i % 40}" : i % 7 == 0 ? null : i % 11 == 0 ? "NA" : i % 13 == 0 ? "77001" : i % 17 == 0 ? new string('s', 300) + "secret" : $"secret {i % 40}");
        var data = Dataset(
            Texts("t", secrets), Texts("c", Make(300, _ => "secret")), Numbers("n", Make(300, i => i % 2 == 0 ? 77001.5 : double.NaN)),
            Integers("id", Make(300, i => 77001000L + i)).As(ColumnRole.Key), Texts("y", Make(300, i => i < 290 ? "secret one" : "secret two")).As(ColumnRole.Label));

        var report = await ValidationSuite.DataIntegrity().RunAsync(data, Token);

        Assert.True(report.Results.Count(result => result.Status > CheckStatus.Pass) > 6, report.ToString());
        foreach (var text in new[] { report.ToString(), Encoding.UTF8.GetString(report.ToJson()), report.ToJUnitXml(), report.ToHtml() })
        {
            Assert.DoesNotContain("secret", text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("77001", text.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task SchemaCheck_Findings_AreConditions()
    {
        var schema = new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Float64)), [new RowCountConstraint(2) { Severity = ValidationSeverity.Warning }]).Column("x").Between(0, 10).Schema;
        var good = Dataset(Numbers("x", 1, 2));
        var suite = new ValidationSuite("s", new SchemaCheck(schema), new SchemaCheck(schema) { Name = "train_schema", Part = DatasetPart.Train }, new SchemaCheck(schema) { Name = "soft", Severity = ValidationSeverity.Warning });

        var passed = await suite.RunAsync(good, Token);
        var failed = await suite.RunAsync(good, Dataset(Numbers("x", 11)), cancellationToken: Token);

        Assert.Equal((CheckStatus.Pass, "3 constraints of the schema hold"), (passed["schema"].Status, passed["schema"].Conditions[0].Expected));
        Assert.Equal([(CheckStatus.Fail, "Test, x: no finding AboveRange"), (CheckStatus.Warn, "Test, dataset: no finding TooFewRows")], failed["schema"].Conditions.Select(condition => (condition.Status, condition.Expected)));
        Assert.Contains("above the range", failed["schema"].Conditions[0].Measured, StringComparison.Ordinal);
        Assert.Equal((CheckStatus.Pass, CheckStatus.Warn), (failed["train_schema"].Status, failed["soft"].Status));
        Assert.Equal(2, failed["schema"].Values["findings"]);
        Assert.Equal("There is no test set.", new SchemaCheck(schema) { Part = DatasetPart.Test }.FindObstacle(new ValidationSubject(good)));
    }

    [GeneratedRegex("\"durationSeconds\": [^,]+")]
    private static partial Regex Durations();
}
