using System.Globalization;
using Mlops.Evaluation;

namespace Quickstart;

/// <summary>What was predicted on each day of the replay, by whom, and what happened.</summary>
internal sealed record ReplayResult(RidershipData Data, int Start, int End, double[] Frozen, double[] LastWeek)
{
    public int Days => End - Start;

    /// <summary>The predictions of the closed loop.</summary>
    public double[] Live { get; } = new double[End - Start];

    public List<(DateOnly Day, double Ratio)> DriftedRatio { get; } = [];

    public IReadOnlyList<Promotion> Promotions { get; init; } = [];

    public int Candidates { get; init; }

    public long LoadCalls { get; init; }

    public long LoadFailures { get; init; }

    public IEnumerable<int> Years => Enumerable.Range(0, Days).Select(i => Data.Days[Start + i].Date.Year).Distinct();

    /// <summary>The RMSE of some predictions over the days from one to another, both included.</summary>
    public double Rmse(double[] predictions, DateOnly from, DateOnly to)
    {
        var days = Enumerable.Range(0, Days).Where(i => Data.Days[Start + i].Date >= from && Data.Days[Start + i].Date <= to).ToArray();
        return new RegressionEvaluator().Evaluate([.. days.Select(i => predictions[i])], [.. days.Select(i => Data.Riders[Start + i])]).GetValue(RegressionEvaluator.Rmse) ?? double.NaN;
    }

    public double RmseOfYear(double[] predictions, int year) => Rmse(predictions, new DateOnly(year, 1, 1), new DateOnly(year, 12, 31));

    public string DescribeYear(int year) => string.Create(
        CultureInfo.InvariantCulture,
        $"RMSE frozen {RmseOfYear(Frozen, year):0.00}, closed loop {RmseOfYear(Live, year):0.00}, last week's value {RmseOfYear(LastWeek, year):0.00}; promotions: {Promotions.Count(p => p.Day.Year == year)}");
}
