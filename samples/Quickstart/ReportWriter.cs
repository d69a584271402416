using System.Globalization;
using Mlops.Reports;

namespace Quickstart;

/// <summary>Writes the report: one file that opens offline.</summary>
internal static class ReportWriter
{
    private const int TrailingDays = 60;

    public static async Task WriteAsync(string path, RidershipData data, ReplayResult result)
    {
        var errors = new LineChart($"RMSE over the trailing {TrailingDays} days", "thousands of riders")
            .AddSeries("frozen first model", Trailing(data, result, result.Frozen))
            .AddSeries("closed loop", Trailing(data, result, result.Live))
            .AddSeries("last week's value", Trailing(data, result, result.LastWeek));
        var drift = new LineChart("Share of columns that drift against the training profile, trailing year")
            .AddSeries("drifted columns", result.DriftedRatio.Select(point => new ChartPoint(point.Day, point.Ratio)))
            .AddThreshold("alert", 0.3);
        foreach (var promotion in result.Promotions)
        {
            errors.AddEvent(ReplayClock.At(promotion.Day), $"v{promotion.Version}");
            drift.AddEvent(ReplayClock.At(promotion.Day), $"v{promotion.Version}");
        }

        var report = new HtmlReport("Ridership: the loop closed")
            .AddText("A ridge regression of the daily ridership of one station in Chicago, served and watched from 2006 on. Alerts retrain it on the trailing three years; a candidate takes over only when it is better on the latest 60 days. Vertical marks are promotions.")
            .AddChart(errors)
            .AddChart(drift)
            .AddHeading("RMSE by year")
            .AddTable(["year", "frozen", "closed loop", "last week's value"], result.Years.Select(year => (string[])[$"{year}", Format(result.RmseOfYear(result.Frozen, year)), Format(result.RmseOfYear(result.Live, year)), Format(result.RmseOfYear(result.LastWeek, year))]))
            .AddHeading("Promotions")
            .AddTable(["date", "version", "cause", "judgement"], result.Promotions.Select(promotion => (string[])[promotion.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), $"{promotion.Version}", promotion.Cause, promotion.Judgement]));
        await using var file = File.Create(path);
        await report.WriteAsync(file);
    }

    private static IEnumerable<ChartPoint> Trailing(RidershipData data, ReplayResult result, double[] predictions)
    {
        double squares = 0;
        for (var i = 0; i < result.Days; i++)
        {
            squares += Squared(i);
            if (i >= TrailingDays) squares -= Squared(i - TrailingDays);
            if (i >= TrailingDays && i % 7 == 0) yield return new ChartPoint(data.Days[result.Start + i].Date, Math.Sqrt(Math.Max(0, squares) / TrailingDays));
        }

        double Squared(int day) => Math.Pow(predictions[day] - data.Riders[result.Start + day], 2);
    }

    private static string Format(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);
}
