using System.Globalization;

namespace Mlops.Validation;

/// <summary>A metric must not be further from the normal values before it than some standard deviations (online normal).</summary>
/// <remarks>
/// <para>Each value is compared with centre and deviation of the normal values before it. What is found to be an anomaly does not become part of them, so that one spike does not hide the next.
/// The first <see cref="MinimumPoints"/> values are taken as they are.</para>
/// <para>After a lasting shift every value is an anomaly, until <see cref="RestartAfter"/> of them have come in a row, where that is set. Where all normal values are equal, any other value is an
/// anomaly, unless <see cref="MinimumDeviation"/> says otherwise. A difference of 10⁻¹² of the value is rounding, and normal.</para>
/// <para>Later runs never change a verdict, which is why the values that are not judged are a number and not, as in the strategy OnlineNormal of Deequ, a tenth of the series. Time O(n²) for n runs.</para>
/// </remarks>
/// <example><code>rules.Add("*.mean", new OnlineZScoreRule { Threshold = 4, Window = 90, RestartAfter = 5 });</code></example>
public sealed record OnlineZScoreRule : MetricRule
{
    /// <summary>Creates a rule.</summary>
    public OnlineZScoreRule()
        : base("online z-score")
    {
    }

    /// <summary>Gets how many standard deviations are too many, above 0.</summary>
    /// <value>The default value is 3.</value>
    public double Threshold { get; init; } = 3;

    /// <summary>Gets how many normal values before it a value needs, 2 or more.</summary>
    /// <value>The default value is 10.</value>
    public int MinimumPoints { get; init; } = 10;

    /// <summary>Gets the number of normal values before it that a value is compared with, not below <see cref="MinimumPoints"/>.</summary>
    /// <value>The default value is <see langword="null"/>: all.</value>
    public int? Window { get; init; }

    /// <summary>Gets after how many anomalies in a row their level is the new normal: they then are the values that the next is compared with. 2 or more.</summary>
    /// <value>The default value is <see langword="null"/>: never.</value>
    public int? RestartAfter { get; init; }

    /// <summary>Gets the smallest standard deviation to reckon with, in the unit of the metric.</summary>
    /// <value>The default value is 0.</value>
    public double MinimumDeviation { get; init; }

    /// <summary>Gets how centre and deviation are measured.</summary>
    /// <value>The default value is <see cref="ZScoreEstimator.Mean"/>.</value>
    public ZScoreEstimator Estimator { get; init; }

    internal override string Describe() => FormattableString.Invariant($"{Threshold} deviations ({Estimator.ToString().ToLowerInvariant()}) from {(Window is { } window ? FormattableString.Invariant($"the {window}") : "all")} normal values before");

    internal override IEnumerable<MetricJudgement> Judge(IReadOnlyList<MetricPoint> points)
    {
        var normal = new MetricBaseline();
        var kept = new Queue<double>();
        var anomalies = new List<double>();
        foreach (var point in points)
        {
            if (point.Value is not { } value)
            {
                yield return MetricJudgement.NoValue;
                continue;
            }

            var judgement = normal.Count < MinimumPoints
                ? MetricJudgement.NotEnough(string.Create(CultureInfo.InvariantCulture, $"{normal.Count} runs before have a normal value, and the rule needs {MinimumPoints}"))
                : MetricJudgement.Of(value, normal.GetRange(Estimator, Threshold, MinimumDeviation));
            if (judgement.Verdict == MetricVerdict.Anomaly)
            {
                anomalies.Add(value);
                if (anomalies.Count == RestartAfter)
                {
                    normal.Clear();
                    kept.Clear();
                    foreach (var anomaly in anomalies) Keep(anomaly);
                    anomalies.Clear();
                }
            }
            else
            {
                anomalies.Clear();
                Keep(value);
            }

            yield return judgement;
        }

        void Keep(double value)
        {
            normal.Add(value);
            kept.Enqueue(value);
            if (kept.Count > Window) normal.Remove(kept.Dequeue());
        }
    }

    internal override void Check()
    {
        base.Check();
        CheckPositive(Threshold, nameof(Threshold));
        CheckLimit(MinimumDeviation, nameof(MinimumDeviation));
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumPoints, 2, nameof(MinimumPoints));
        if (Window is { } window) ArgumentOutOfRangeException.ThrowIfLessThan(window, MinimumPoints, nameof(Window));
        if (RestartAfter is { } restart) ArgumentOutOfRangeException.ThrowIfLessThan(restart, 2, nameof(RestartAfter));
    }
}
