using System.Globalization;

namespace Quickstart;

/// <summary>The final table, and whether the closed loop has kept its promise.</summary>
internal static class Summary
{
    private const double LargestRatioToFrozen = 0.7;
    private static readonly DateOnly s_judgedFrom = new(2010, 1, 1);
    private static readonly DateOnly s_judgedTo = new(2016, 12, 31);

    public static int Print(ReplayResult result, string report, bool isFullRange)
    {
        Show.Line("RMSE (thousands of riders)   frozen   closed loop   last week");
        foreach (var year in result.Years)
            Show.Line(Row($"{year}", result.RmseOfYear(result.Frozen, year), result.RmseOfYear(result.Live, year), result.RmseOfYear(result.LastWeek, year)));
        Show.Line("");
        Show.Line($"{result.Promotions.Count} promotions of {result.Candidates} candidates:");
        foreach (var promotion in result.Promotions)
            Show.Line($"{promotion.Day:yyyy-MM-dd}  version {promotion.Version,-4} {promotion.Cause}; {promotion.Judgement}");
        Show.Line("");
        Show.Line(string.Create(CultureInfo.InvariantCulture, $"{result.LoadCalls:N0} other calls meanwhile, {result.LoadFailures} failed."));
        var isKept = !isFullRange || IsPromiseKept(result);
        Show.Line($"Report: {report}");
        return isKept && result.LoadFailures == 0 ? 0 : 1;
    }

    private static bool IsPromiseKept(ReplayResult result)
    {
        var (frozen, live, lastWeek) = (Judge(result.Frozen), Judge(result.Live), Judge(result.LastWeek));
        Show.Line(Row("2010–2016", frozen, live, lastWeek));
        var isKept = live <= LargestRatioToFrozen * frozen && live < lastWeek;
        Show.Line(string.Create(CultureInfo.InvariantCulture, $"closed loop / frozen {live / frozen:0.000} (at most {LargestRatioToFrozen}), closed loop / last week {live / lastWeek:0.000} (below 1): {(isKept ? "kept" : "NOT kept")}"));
        return isKept;

        double Judge(double[] predictions) => result.Rmse(predictions, s_judgedFrom, s_judgedTo);
    }

    private static string Row(string name, double frozen, double live, double lastWeek)
        => string.Create(CultureInfo.InvariantCulture, $"{name,-26} {frozen,8:0.00} {live,13:0.00} {lastWeek,11:0.00}");
}
