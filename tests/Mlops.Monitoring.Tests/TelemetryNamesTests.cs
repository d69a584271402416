using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Monitoring.Tests;

public sealed class TelemetryNamesTests
{
    private readonly ManualTimeProvider _time = new(PredictionFeed.Start);

    [Fact]
    public async Task Metrics_OfAnEvaluation_HaveTheirNamesUnitsAndAttributes()
    {
        using var measured = new RecordedMeasurements();

        await EvaluateAsync(measured);

        Assert.Equal(
            [
                "mlops.drift.detections {detection} mlops.drift.detector=kolmogorov-smirnov mlops.drift.state=drift mlops.feature.name=temperature mlops.model.name=ridership",
                "mlops.drift.statistic 1 mlops.drift.detector=chi-squared mlops.feature.name=station mlops.model.name=ridership",
                "mlops.drift.statistic 1 mlops.drift.detector=kolmogorov-smirnov mlops.feature.name=temperature mlops.model.name=ridership",
                "mlops.drift.statistic 1 mlops.drift.detector=two-proportions mlops.feature.name=rain mlops.model.name=ridership",
            ],
            measured.Described.Order(StringComparer.Ordinal));
        Assert.Equal([1], measured.ValuesOf("mlops.drift.detections"));
    }

    /// <summary>The statistic of chi-squared is X², far from its effect, Cramér's V.</summary>
    [Fact]
    public async Task DriftStatistic_OfEachColumn_IsTheStatisticOfItsTest()
    {
        using var measured = new RecordedMeasurements();

        var snapshot = await EvaluateAsync(measured);

        var expected = snapshot.Drift!.Findings.ToDictionary(finding => finding.Column, finding => finding.Result.Statistic!.Value);
        Assert.Equal(expected, measured.ValuesOf("mlops.drift.statistic", "mlops.feature.name"));
        Assert.Contains(snapshot.Drift.Findings, finding => finding.Result.Statistic != finding.Result.Effect);
    }

    private async Task<MonitorSnapshot> EvaluateAsync(RecordedMeasurements meters)
    {
        var monitor = new ModelMonitor("ridership", null, _time);
        monitor.SetReference(PredictionFeed.CreateReference(), "1");
        new PredictionFeed { Shift = 1 }.PredictDays(monitor, 0, 10, 30);
        var loop = new MonitoringLoop([new MonitoredModel(monitor, new AlertEngine([], null, _time))], _time, null, meters);
        return (await loop.EvaluateAsync(PredictionFeed.Start.AddDays(10), TestContext.Current.CancellationToken))[0];
    }
}
