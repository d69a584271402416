using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Validation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class PackageValidatorTests : IDisposable
{
    private readonly PackageData _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task ValidateAsync_SavedIsWhatWasJudged_Passes()
    {
        var directory = await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2));
        var check = await GateData.AskAsync(new PackageValidator(), context with { Package = context.Package! with { Digest = directory.Digest } });
        Assert.Equal(ValidationVerdict.Pass, check.Verdict);
        Assert.Contains(directory.Digest[..12], check.Reason, StringComparison.Ordinal);
        Assert.Equal(["load", "signature", "golden_rows", "predictions"], check.Figures.Select(figure => figure.Name));
    }

    [Fact]
    public async Task ValidateAsync_OtherOutputThanTheDefault_IsPredictedAgainAlike()
    {
        var signature = new ModelSignature([TensorSpec.Of<double>("x")], [TensorSpec.Of<double>("p", 2) with { Classes = ["no", "yes"] }]);
        var model = new LogisticModel(signature);
        await ModelDirectory.SaveAsync(_data.Path, model, null, GateData.Token);
        var rows = InMemoryDataset.FromColumns(
            "rows",
            (new ColumnSchema("x", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, 100).Select(row => (row - 50) / 10.0)])),
            (new ColumnSchema("label", ElementType.String, ColumnRole.Label), TextColumn.FromStrings([.. Enumerable.Range(0, 100).Select(row => row % 3 == 0 ? "yes" : "no")])));
        var judged = await EvaluationData.CreateAsync(model.CreatePredictor(), rows, new EvaluationOptions { PositiveClass = "no" }, GateData.Token);
        var context = new ModelValidationContext(judged) { Predictor = model.CreatePredictor(), Rows = rows, Package = new CandidatePackage(_data.Path, [new LogisticFlavor()]) };
        var check = await GateData.AskAsync(new PackageValidator { RequireGoldenRows = false }, context);
        Assert.True(check.Verdict == ValidationVerdict.Pass, check.Reason);
        Assert.Equal(ValidationVerdict.Pass, (await GateData.AskAsync(new MemoryValidator(), context)).Verdict);
    }

    [Fact]
    public async Task Report_OfASavedModel_NamesItsDigest()
    {
        var directory = await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2));
        var report = await ModelValidation.ValidateAsync(context, [new ChampionValidator("rmse"), new PackageValidator()], GateData.Token);
        Assert.Equal(directory.Digest, report.PackageDigest);
        Assert.Equal(directory.Digest, ModelValidationReport.FromJson(report.ToJson()).PackageDigest);
        var quality = await ModelValidation.ValidateAsync(context, [new ChampionValidator("rmse")], GateData.Token);
        Assert.Null(quality.PackageDigest);
        Assert.Equal(directory.Digest, quality.Append(report).PackageDigest);
        var other = new ModelValidationReport(report.Candidate, [report["package"] with { PackageDigest = new string('0', 64) }]);
        Assert.Throws<ArgumentException>(() => report.Append(other));
    }

    [Fact]
    public async Task ValidateAsync_OneByteChanged_Fails()
    {
        await _data.SaveAsync(new FactorModel(2));
        await File.WriteAllTextAsync(Path.Combine(_data.Path, "factor.txt"), "3", GateData.Token);
        await AssertFailsAsync("is not what was saved: 'factor.txt' has the digest ", "load");
    }

    [Fact]
    public async Task ValidateAsync_OtherDigestThanRegistered_Fails()
    {
        await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2));
        var check = await GateData.AskAsync(new PackageValidator(), context with { Package = context.Package! with { Digest = new string('0', 64) } });
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("has the digest", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_NothingThere_Fails() => await AssertFailsAsync("is not a model directory", "load");

    [Fact]
    public async Task ValidateAsync_NoFlavorFits_Fails()
    {
        await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2));
        var check = await GateData.AskAsync(new PackageValidator(), context with { Package = context.Package! with { Flavors = [] } });
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains("can be loaded as 'factor'; the flavors given are none", check.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ValidateAsync_OtherSignature_Fails()
    {
        var other = new ModelSignature([TensorSpec.Of<double>("z")], [TensorSpec.Of<double>("y")]);
        await _data.SaveAsync(new FactorModel(2) { ModelSignature = other });
        await AssertFailsAsync("input 0 is 'z', but 'x' was expected", "signature");
    }

    [Fact]
    public async Task ValidateAsync_LoadsWithAnotherSignatureThanItNames_Fails()
    {
        await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2));
        var flavor = new FactorFlavor { Other = new ModelSignature([TensorSpec.Of<double>("x")], [TensorSpec.Of<double>("score")]) };
        var check = await GateData.AskAsync(new PackageValidator(), context with { Package = new CandidatePackage(_data.Path, [flavor]) });
        Assert.Contains("does not have the signature that the directory names", check.Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
    }

    [Fact]
    public async Task ValidateAsync_WrongGoldenRows_Fails()
    {
        await _data.SaveAsync(new FactorModel(2), golden: 2.5);
        await AssertFailsAsync("golden row 1", "golden_rows");
    }

    [Fact]
    public async Task ValidateAsync_NoGoldenRows_FailsUnlessNotRequired()
    {
        await ModelDirectory.SaveAsync(_data.Path, new FactorModel(2), null, GateData.Token);
        await AssertFailsAsync("no golden rows", "golden_rows");
        Assert.Equal(ValidationVerdict.Pass, (await GateData.AskAsync(new PackageValidator { RequireGoldenRows = false }, await _data.ContextAsync(new FactorModel(2)))).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_OtherModelThanJudged_Fails()
    {
        // Golden rows of its own agree; only the rows that were judged show that it is another model.
        await _data.SaveAsync(new FactorModel(2.1));
        await AssertFailsAsync("it predicts 199 of 200 rows otherwise than the candidate that was judged, row 1 first", "predictions");
        Assert.Equal(ValidationVerdict.Pass, (await GateData.AskAsync(new PackageValidator { Tolerance = 0.2 }, await _data.ContextAsync(new FactorModel(2)))).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_OtherRowsThanJudged_Fails()
    {
        await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2));
        Assert.Contains("100 rows, but 200 rows were judged", (await GateData.AskAsync(new PackageValidator(), context with { Rows = PackageData.Dataset.Take(100) })).Reason, StringComparison.Ordinal);
        Assert.Contains("row 0 of the dataset has another label", (await GateData.AskAsync(new PackageValidator { SampleRows = 50 }, context with { Rows = PackageData.Dataset.Skip(10) })).Reason, StringComparison.Ordinal);
        Assert.Equal(ValidationVerdict.Pass, (await GateData.AskAsync(new PackageValidator { SampleRows = 50 }, context)).Verdict);
    }

    [Fact]
    public async Task ValidateAsync_NeedsAbsent_FailsWithTheRemedy()
    {
        await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2));
        foreach (var (bare, remedy) in new[]
        {
            (context with { Package = null }, "ModelValidationContext.Package"),
            (context with { Predictor = null }, "ModelValidationContext.Predictor or Signature"),
            (context with { Rows = null }, "ModelValidationContext.Rows"),
        })
        {
            var check = await GateData.AskAsync(new PackageValidator(), bare);
            Assert.Equal((ValidationVerdict.Fail, true), (check.Verdict, check.Reason.Contains(remedy, StringComparison.Ordinal)));
            Assert.True((await GateData.AskAsync(new PackageValidator { IsOptional = true }, bare)).IsSkipped);
        }
    }

    [Fact]
    public async Task ValidateAsync_Cancelled_Stops()
    {
        await _data.SaveAsync(new FactorModel(2));
        var context = await _data.ContextAsync(new FactorModel(2));
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new PackageValidator().ValidateAsync(context, source.Token).AsTask());
    }

    private async Task AssertFailsAsync(string part, string step)
    {
        var check = await GateData.AskAsync(new PackageValidator(), await _data.ContextAsync(new FactorModel(2)));
        Assert.Equal(ValidationVerdict.Fail, check.Verdict);
        Assert.Contains(part, check.Reason, StringComparison.Ordinal);
        Assert.Equal(step, check.Figures[^1].Name);
    }

    private sealed class LogisticModel(ModelSignature signature) : IModel
    {
        public ModelSignature Signature => signature;

        public IPredictor CreatePredictor() => new DelegatePredictor(Signature, (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++)
            {
                var p = 1 / (1 + Math.Exp(-inputs.Get<double>(0).Span[row]));
                (outputs.Get<double>(0).Span[2 * row], outputs.Get<double>(0).Span[(2 * row) + 1]) = (1 - p, p);
            }
        });

        public async Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
        {
            await target.WriteFileAsync("logistic.txt", new byte[] { 1 }, cancellationToken);
            target.AddFlavor("logistic", new Dictionary<string, object?> { ["data"] = "logistic.txt" });
        }
    }

    private sealed class LogisticFlavor : IModelFlavor
    {
        public string Name => "logistic";

        public Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default) => Task.FromResult<IModel>(new LogisticModel(source.Signature!));
    }
}
