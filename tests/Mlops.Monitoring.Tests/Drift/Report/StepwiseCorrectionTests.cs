using System.Globalization;
using System.Text;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Profiles;
using Mlops.Reports;

namespace Mlops.Monitoring.Tests;

/// <summary>A correction by steps finds drift below the threshold of an even share of the significance; nothing that is shown contradicts that.</summary>
public sealed class StepwiseCorrectionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Correction.Holm)]
    [InlineData(Correction.BenjaminiHochberg)]
    public async Task CreateAsync_DriftBelowTheThreshold_IsNoContradiction(Correction correction)
    {
        var report = await DriftReport.CreateAsync(Make(0, 0, 0), Make(200, 200, 41), new DriftReportOptions { Correction = correction }, Token);
        var finding = report.Findings.Single(finding => finding.Column == "column 2");
        var result = finding.Result;
        Assert.Equal(DriftVerdict.Drift, finding.Verdict);
        Assert.True(result.Effect < result.Threshold, $"{result.Effect} is not below {result.Threshold}");
        Assert.InRange(result.PValue!.Value, 0.05 / 3, 0.05);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"D = 0.1025, p = {result.PValue:0.####}, effect 0.1025: within chance at significance 0.0167. Corrected for the number of tests, p = {finding.AdjustedPValue:0.####}, effect 0.1025: more than chance and than the minimum effect."), result.Reason);
        var html = new HtmlReport("Drift").AddDrift(report).ToString();
        Assert.Contains($"Certain drift from an effect of {HtmlReport.Format(result.Threshold!.Value)}: {result.ThresholdSource}. This one is smaller, and drift by its p-value.", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Drift from an effect of", html, StringComparison.Ordinal);
        Assert.Equal(1, html.Split("This one is smaller").Length - 1);
    }

    [Fact]
    public async Task WriteHtmlAsync_RuleOfItsOwnLimit_HasTheLimitItself()
    {
        var report = await DriftReport.CreateAsync(Make(0), Make(200), new DriftReportOptions { ChooseTest = _ => new EvidentlyDrift(EvidentlyMethod.Wasserstein) }, Token);
        var html = new HtmlReport("Drift").AddDrift(report).ToString();
        Assert.Contains("Drift from an effect of 0.1: Evidently", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Certain drift", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteHtmlAsync_Series_NamesCertainDriftAndLimits()
    {
        var (reference, current) = (Make(0, 0, 0), Make(200, 200, 41));
        var series = await DriftSeries.CreateAsync(await DatasetProfile.CreateAsync(reference, Token), current, new DriftSeriesOptions { Chunking = Chunking.BySize(400) }, Token);
        var html = await WriteAsync(series);
        Assert.Contains("</svg>certain drift<", html, StringComparison.Ordinal);
        Assert.DoesNotContain("</svg>limit<", html, StringComparison.Ordinal);
        series = await DriftSeries.CreateAsync(reference, current, new DriftSeriesOptions { Chunking = Chunking.BySize(100), ReferenceChunks = new ReferenceChunkOptions() }, Token);
        html = await WriteAsync(series);
        Assert.Contains("</svg>limit<", html, StringComparison.Ordinal);
        Assert.DoesNotContain("certain drift", html, StringComparison.Ordinal);
    }

    private static async Task<string> WriteAsync(DriftSeries series)
    {
        using var stream = new MemoryStream();
        await series.WriteHtmlAsync(stream, Token);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Makes columns of which D is the shift, in rows, by the number of rows.</summary>
    private static InMemoryDataset Make(params int[] shifts)
        => InMemoryDataset.FromColumns("d", [.. shifts.Select((shift, k) => DriftData.Numbers($"column {k}", 400, i => i + shift))]);
}
