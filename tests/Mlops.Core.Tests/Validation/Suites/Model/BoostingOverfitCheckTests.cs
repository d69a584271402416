using Mlops.Data;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.ModelCheckData;

namespace Mlops.Core.Tests.Validation;

/// <summary>Boosted trees of telephone customers: let too far, they learn 400 rows by heart.</summary>
public sealed class BoostingOverfitCheckTests
{
    [Theory]
    [InlineData(8.0, 40, CheckStatus.Fail)]
    [InlineData(2.0, 10, CheckStatus.Pass)]
    public async Task BoostedTrees_LetTooFarOrNot_AreToldApart(double rate, int rounds, CheckStatus expected)
    {
        var churn = (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "churn.csv"), cancellationToken: Token)).WithRole("churn", ColumnRole.Label);
        var (train, test) = (await churn.Take(400).ToMemoryAsync(Token), churn.Skip(400).Take(800));
        await using var model = BoostedTrees.Train(train.Batches[0], "churn", rounds, rate, depth: 2);
        var result = await RunAsync(new BoostingOverfitCheck { Metric = "log_loss" }, new ValidationSubject(train) { Test = test, Predictor = model });
        Assert.Equal(expected, result.Status);

        // The check's own account: training loss falls to the end; the best test loss is that of the best step.
        double[][] steps = [.. result.Tables[0].Rows.Select(row => row.Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)).ToArray())];
        Assert.Equal(Math.Min(20, rounds), steps.Length);
        Assert.Equal(rounds, steps[^1][0]);
        Assert.True(steps[^1][1] < steps[0][1] / 1.3);
        var best = steps.MinBy(step => step[2])!;
        Assert.Equal((double?)best[0], result.Values["best_stages"]);
        Assert.Equal((steps[^1][2] - best[2]) / best[2], result.Values["decline_ratio"]!.Value, 1e-2);
        // The last step is the model itself.
        var whole = await RunAsync(new PerformanceDegradationCheck { Metrics = ["log_loss"] }, new ValidationSubject(train) { Test = test, Predictor = model });
        Assert.Equal(whole.Values["test_log_loss"]!.Value, result.Values["last_score"]!.Value, 1e-12);
    }
}
