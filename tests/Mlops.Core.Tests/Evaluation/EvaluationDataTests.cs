using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Core.Tests.Evaluation;

public sealed class EvaluationDataTests
{
    [Fact]
    public async Task CreateAsync_RowsThatTheModelRefuses_AreCountedAndLeftOut()
    {
        var (x, y) = (new ColumnSchema("x", ElementType.Float64), new ColumnSchema("y", ElementType.Float64, ColumnRole.Label));
        double[] values = [.. Enumerable.Range(0, 10_000).Select(i => i is 17 or 9_999 ? double.PositiveInfinity : i)];
        var data = InMemoryDataset.FromColumns("d", (x, new Column<double>(values)), (y, new Column<double>([.. Enumerable.Range(0, 10_000).Select(i => (double)i)])));
        var calls = 0;
        await using var predictor = new DelegatePredictor(
            new ModelSignature([TensorSpec.Of<double>("x", 1, "x")], [TensorSpec.Of<double>("y", 1)]),
            (inputs, outputs) =>
            {
                calls++;
                var given = inputs.Get<double>(0).Span;
                var refused = given.IndexOf(double.PositiveInfinity);
                if (refused >= 0) throw new PredictionFailedException("m", "The model has no finite answer.") { Row = refused };
                given.CopyTo(outputs.Get<double>(0).Span);
            });
        var outcomes = (await EvaluationData.CreateAsync(predictor, data, TestContext.Current.CancellationToken)).Outcomes;
        Assert.Equal((2, 9_998), (outcomes.MissingPredictionCount, outcomes.Judged.RowCount));
        Assert.False(outcomes.IsPredicted(17));
        Assert.Equal(16, outcomes.GetPredictions(16)[0]);
        Assert.Equal(0, EvaluationResult.Of(outcomes)["rmse"].Value);
        Assert.InRange(calls, 3, 60);
    }
}
