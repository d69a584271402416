namespace Mlops.Monitoring;

/// <summary>The order of the findings of a report.</summary>
internal static class DriftRanking
{
    /// <summary>Puts drift first, the largest effect first, measured by what the test calls small; then what is not drift, the closest to it first; then what could not be told.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="getCloseness">How close a finding without drift comes to it, larger for closer; <see langword="null"/> comes last.</param>
    public static DriftFinding[] Order(IEnumerable<DriftFinding> findings, Func<DriftFinding, double?> getCloseness) =>
    [
        .. findings.OrderBy(finding => finding.Verdict)
            .ThenByDescending(finding => finding.Verdict == DriftVerdict.Drift ? finding.RelativeEffect : getCloseness(finding))
            .ThenBy(finding => finding.Column, StringComparer.Ordinal)
            .ThenBy(finding => finding.Kind),
    ];
}
