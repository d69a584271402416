using Mlops.Data;
using Mlops.Monitoring;
using Xunit.Sdk;

namespace Mlops.Testing;

/// <summary>Asserts in tests of xunit.v3 that data have not drifted, so that a build fails when they have.</summary>
/// <remarks>A failed assertion shows what drifted and what could not be told, with the figures; it holds no rows.</remarks>
/// <example><code>
/// [Fact]
/// public async Task Live_IsAsTrained() =&gt; await DriftAssert.NoDriftAsync(await CsvDataset.OpenAsync("train.csv"), await CsvDataset.OpenAsync("live.csv"));
/// </code></example>
public static class DriftAssert
{
    /// <summary>Asserts that nothing drifted, and that all could be told.</summary>
    /// <param name="report">What was found.</param>
    /// <param name="allowsUntested">Whether columns may be missing, new, of another type or without enough values; at least one must be told of all the same.</param>
    /// <returns>The report, for more assertions.</returns>
    /// <exception cref="XunitException">Something drifted, or could not be told.</exception>
    public static DriftReport NoDrift(DriftReport report, bool allowsUntested = false)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (!report.HasDrift && report.HasTested && (allowsUntested || report.ExitCode == 0)) return report;
        var findings = report.Findings.Where(finding => finding.Verdict == DriftVerdict.Drift || (finding.Verdict != DriftVerdict.NoDrift && !allowsUntested));
        throw new XunitException($"{nameof(DriftAssert)}.{nameof(NoDrift)}() failure:\n{string.Join('\n', findings.Select(finding => $"  {finding}").Prepend(report.ToString()))}");
    }

    /// <summary>Asserts that a dataset has not drifted from another one.</summary>
    /// <param name="reference">The dataset to compare with, as the training data.</param>
    /// <param name="current">What came in.</param>
    /// <param name="options">What to compare, and what to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="allowsUntested">Whether columns may be missing, new, of another type or without enough values; at least one must be told of all the same.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The report, for more assertions.</returns>
    /// <exception cref="XunitException">Something drifted, or could not be told.</exception>
    public static async Task<DriftReport> NoDriftAsync(
        IDataset reference, IDataset current, DriftReportOptions? options = null, bool allowsUntested = false, CancellationToken cancellationToken = default)
        => NoDrift(await DriftReport.CreateAsync(reference, current, options, cancellationToken), allowsUntested);
}
