using Mlops.Data;
using Mlops.Models;
using Mlops.Validation;
using Xunit.Sdk;

namespace Mlops.Testing.Tests;

public sealed class DataAssertTests
{
    private static readonly ValidationSuite s_suite = new("s", new MissingValuesCheck(), new SpecialCharactersCheck());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PassesAsync_GoodData_GivesTheReport()
    {
        Assert.Equal(CheckStatus.Pass, (await DataAssert.PassesAsync(s_suite, Data("a", "b"), cancellationToken: Token)).Status);
        Assert.Equal(2, (await DataAssert.PassesAsync(s_suite, Data("a"), Data("b"), cancellationToken: Token)).Datasets.Count);
    }

    [Fact]
    public async Task PassesAsync_FailedCondition_ShowsIt()
    {
        var error = await Assert.ThrowsAsync<XunitException>(() => DataAssert.PassesAsync(s_suite, Data("a", null), cancellationToken: Token));
        Assert.StartsWith("DataAssert.Passes() failure:\ns: FAIL", error.Message, StringComparison.Ordinal);
        Assert.Contains("fail: missing values in at most 5 % of the rows of each column – above the limit: t", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<XunitException>(() => DataAssert.PassesAsync(s_suite, Data("a", null), Data("a"), cancellationToken: Token));
    }

    [Fact]
    public async Task PassesAsync_Warning_CountsWhenItIsToldTo()
    {
        var report = await DataAssert.PassesAsync(s_suite, Data("a", "?"), cancellationToken: Token);
        Assert.Equal(CheckStatus.Warn, report.Status);
        var error = await Assert.ThrowsAsync<XunitException>(() => DataAssert.PassesAsync(s_suite, Data("a", "?"), allowsWarnings: false, Token));
        Assert.Contains("special_characters", error.Message, StringComparison.Ordinal);
        Assert.Throws<XunitException>(() => DataAssert.Passes(report, allowsWarnings: false));
    }

    [Fact]
    public async Task PassesAsync_CheckThatCannotBeCarriedOut_Fails()
        => await Assert.ThrowsAsync<XunitException>(() => DataAssert.PassesAsync(new ValidationSuite("s", new MissingValuesCheck { IgnoredColumns = ["mistyped"] }), Data("a"), cancellationToken: Token));

    [Fact]
    public async Task PassesAsync_Predictor_IsShownToTheChecks()
    {
        await using var predictor = new BrokenPredictor();
        var suite = new ValidationSuite("s", new NeedsModel());
        // A model that was forgotten is no success.
        var forgotten = await Assert.ThrowsAsync<XunitException>(() => DataAssert.PassesAsync(suite, Data("a"), Data("a"), cancellationToken: Token));
        Assert.Contains("not applicable", forgotten.Message, StringComparison.OrdinalIgnoreCase);
        var error = await Assert.ThrowsAsync<XunitException>(() => DataAssert.PassesAsync(suite, Data("a"), Data("a"), predictor, cancellationToken: Token));
        Assert.Contains("The model failed on the Train set: The model is out of order.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PassesAsync_SchemaForAnEnvironment_IsHeldToInIt()
    {
        ValidationSchema schema = new ValidationSchema(Data("a").Schema).Column("t").In("a").OnlyIn("serving");
        Assert.Empty((await DataAssert.PassesAsync(Data("b"), schema, new DataValidationOptions { Environment = "training" }, cancellationToken: Token)).Findings);
        await Assert.ThrowsAsync<XunitException>(() => DataAssert.PassesAsync(Data("b"), schema, new DataValidationOptions { Environment = "serving" }, cancellationToken: Token));
    }

    [Fact]
    public async Task PassesAsync_Schema_IsHeldTo()
    {
        var schema = new ValidationSchema(Data("a").Schema, [new RowCountConstraint(2) { Severity = ValidationSeverity.Warning }]).Column("t").In("a", "b").Schema;
        Assert.Equal(ValidationVerdict.Pass, (await DataAssert.PassesAsync(Data("a", "b"), schema, cancellationToken: Token)).Verdict);
        var error = await Assert.ThrowsAsync<XunitException>(() => DataAssert.PassesAsync(Data("a", "secret"), schema, cancellationToken: Token));
        Assert.Contains("t: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        var warned = await DataAssert.PassesAsync(Data("a"), schema, cancellationToken: Token);
        Assert.Equal(ValidationVerdict.Warn, warned.Verdict);
        Assert.Throws<XunitException>(() => DataAssert.Passes(warned, allowsWarnings: false));
    }

    [Fact]
    public async Task IsSoundAsync_Data_AreHeldToDataIntegrity()
    {
        Assert.Equal("data_integrity", (await DataAssert.IsSoundAsync(Data("a", "b", "c"), cancellationToken: Token)).Suite);
        var error = await Assert.ThrowsAsync<XunitException>(() => DataAssert.IsSoundAsync(Data("a", "a", "a"), cancellationToken: Token));
        Assert.Contains("single_value_columns", error.Message, StringComparison.Ordinal);
    }

    private static InMemoryDataset Data(params string?[] texts) => InMemoryDataset.FromColumns("data", (new ColumnSchema("t", ElementType.String), TextColumn.FromStrings(texts)));

    private sealed class NeedsModel : IValidationCheck, ICheckScan
    {
        public string Name => "needs_model";

        public string Description => "Is there a model?";

        public ValidationSeverity Severity => ValidationSeverity.Error;

        public string? FindObstacle(ValidationSubject subject) => subject.Predictor is null ? "There is no model." : null;

        public ICheckScan Begin(CheckContext context) => this;

        public void Add(CheckedBatch batch) => Assert.NotNull(batch.Outputs);

        public ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken) => new(new CheckResult(Name, "There is.", []));
    }

    private sealed class BrokenPredictor : IPredictor
    {
        public ModelSignature Signature { get; } = new([TensorSpec.Of<string>("t")], [TensorSpec.Of<float>("y")]);

        public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
            => throw new PredictionFailedException("broken", "The model is out of order.");

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
