using System.Globalization;

namespace Quickstart;

/// <summary>The final table, and whether the closed loop has kept its promise.</summary>
internal static class Summary
{
    private const double LargestRatioToFrozen = 0.7;
    private static readonly DateOnly s_judgedFrom = new(2010, 1, 1);
    private static readonly DateOnly s_judgedTo = new(2016, 12, 31);

    private static readonly (string Name, string Content)[] s_files =
    [
        ("report.html", "the charts and tables of this replay; open it in a browser"),
        ("schema.json", "what good data look like, inferred from 2001–2005, to be read and edited"),
        ("broken.csv", "the copy that was refused"),
        ("mlops.db", "runs, metrics and model versions, in SQLite"),
        ("store", "the models in MLflow's layout: runs/<run>/model, with model.onnx"),
    ];

    public static int Print(ReplayResult result, QuickstartOptions options)
    {
        Show.Line("RMSE (thousands of riders)   frozen   closed loop   last week");
        foreach (var year in result.Years)
            Show.Line(Row($"{year}", result.RmseOfYear(result.Frozen, year), result.RmseOfYear(result.Live, year), result.RmseOfYear(result.LastWeek, year)));
        var isKept = !options.IsFullRange || IsPromiseKept(result);
        Show.Line("");
        Show.Line($"Candidates promoted: {result.Promotions.Count} of {result.Candidates}");
        foreach (var promotion in result.Promotions)
            Show.Line($"{promotion.Day:yyyy-MM-dd}  version {promotion.Version,-4} {promotion.Cause}; {promotion.Judgement}");
        Show.Line("");
        Show.Line(string.Create(CultureInfo.InvariantCulture, $"Predictions for another caller, during all swaps: {result.LoadCalls:N0}, of which failed: {result.LoadFailures:N0}"));
        Show.Line("");
        Show.Line($"Written to {options.Artifacts}:");
        foreach (var (name, content) in s_files) Show.Line($"  {name,-12} {content}");
        return isKept && result.LoadFailures == 0 ? 0 : 1;
    }

    private static bool IsPromiseKept(ReplayResult result)
    {
        var (frozen, live, lastWeek) = (Judge(result.Frozen), Judge(result.Live), Judge(result.LastWeek));
        Show.Line(Row("2010–2016", frozen, live, lastWeek));
        var isKept = live <= LargestRatioToFrozen * frozen && live < lastWeek;
        Show.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"The closed loop {(isKept ? "does" : "does NOT do")} what this sample promises: its RMSE is {live / frozen:0.000} of the frozen model's (at most {LargestRatioToFrozen}) and {live / lastWeek:0.000} of last week's value's (below 1)."));
        return isKept;

        double Judge(double[] predictions) => result.Rmse(predictions, s_judgedFrom, s_judgedTo);
    }

    private static string Row(string name, double frozen, double live, double lastWeek)
        => string.Create(CultureInfo.InvariantCulture, $"{name,-26} {frozen,8:0.00} {live,13:0.00} {lastWeek,11:0.00}");
}
