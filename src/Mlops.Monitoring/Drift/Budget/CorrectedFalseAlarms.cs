using System.Globalization;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>How many false alarms a report makes under one correction for the number of tests.</summary>
/// <remarks>All figures are upper bounds: the minimum effect of each test, discrete p-values and sketch error only lower them.
/// They hold for the tests that the reference shows; values that go missing only later add tests, which matters without a correction alone.</remarks>
/// <param name="Correction">The correction.</param>
/// <param name="TestSignificance">The p-value that a single test, if no other finds anything, must reach, 0..1.</param>
/// <param name="EvaluationProbability">The probability that an evaluation without drift alarms, 0..1, with independent or positively dependent tests.</param>
/// <param name="WorstEvaluationProbability">The same whatever the dependence between the tests, 0..1.</param>
/// <param name="AlarmedEvaluationsPerMonth">The expected number of evaluations that alarm in a month of 30.4375 days, with independent or positively dependent tests.</param>
/// <param name="AlarmedColumnsPerMonth">The expected number of columns that alarm in a month, counted in each evaluation, with independent tests.</param>
public sealed record CorrectedFalseAlarms(
    Correction Correction, double TestSignificance, double EvaluationProbability, double WorstEvaluationProbability, double AlarmedEvaluationsPerMonth, double AlarmedColumnsPerMonth)
{
    /// <summary>Describes the figures in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Correction}: at most {AlarmedEvaluationsPerMonth:0.###} alarmed evaluations and {AlarmedColumnsPerMonth:0.###} alarmed columns a month; each test at {TestSignificance:0.######}");
}
