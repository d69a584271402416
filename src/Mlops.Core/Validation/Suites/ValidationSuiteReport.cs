using System.Text.Json;
using Mlops.Reports;

namespace Mlops.Validation;

/// <summary>What the checks of a suite found. Holds no value of the data, unless a check was told to show some.</summary>
/// <remarks>For a build: <see cref="ExitCode"/>, <see cref="EnsurePassed"/>, and JUnit XML, which build servers show as tests.</remarks>
/// <param name="Suite">The name of the suite.</param>
/// <param name="Results">The results, in the order of the suite's checks.</param>
public sealed record ValidationSuiteReport(string Suite, IReadOnlyList<CheckResult> Results)
{
    /// <summary>Gets the datasets that were looked at.</summary>
    public IReadOnlyList<CheckedDataset> Datasets { get; init; } = [];

    /// <summary>Gets what the suite comes to: the worst of its results; <see cref="CheckStatus.Error"/> where a dataset had no rows.</summary>
    public CheckStatus Status => Datasets.Any(dataset => dataset.RowCount == 0) ? CheckStatus.Error
        : Results.Count == 0 ? CheckStatus.NotApplicable : Results.Max(result => result.Status);

    /// <summary>Gets what a process that ran the suite ends with: 0 when nothing failed, 1 when a check failed, 2 when one could not be carried out, or none had anything to look at.</summary>
    /// <remarks>Warnings leave it at 0; <see cref="CountWarningsAsFailures"/> makes them count.</remarks>
    public int ExitCode => Status switch { CheckStatus.Fail => 1, CheckStatus.Error or CheckStatus.NotApplicable => 2, _ => 0 };

    /// <summary>Gets the result of a check.</summary>
    /// <param name="check">The name of the check.</param>
    /// <exception cref="EntityNotFoundException">The suite has no such check.</exception>
    public CheckResult this[string check] => Results.FirstOrDefault(result => result.Check == check)
        ?? throw new EntityNotFoundException("check", check, $"The suite {Suite} has no check '{check}'. Its checks are: {string.Join(", ", Results.Select(result => result.Check))}.");

    /// <summary>Makes a report in which every warning is a failure, for builds that allow none.</summary>
    /// <returns>The stricter report.</returns>
    public ValidationSuiteReport CountWarningsAsFailures() => this with
    {
        Results = [.. Results.Select(result => result with
        {
            Status = Harden(result.Status),
            Conditions = [.. result.Conditions.Select(condition => condition with { Status = Harden(condition.Status) })],
        })],
    };

    /// <summary>Throws when a check failed or could not be carried out.</summary>
    /// <returns>This report.</returns>
    /// <exception cref="ValidationSuiteException">The exit code is not 0; the message is the report.</exception>
    public ValidationSuiteReport EnsurePassed() => ExitCode == 0 ? this : throw new ValidationSuiteException(this);

    /// <summary>Writes the report as JSON: undefined figures are <c>null</c>, statuses are their names.</summary>
    /// <returns>Indented UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => SuiteReportDocument.Write(this);

    /// <summary>Reads a report from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The report.</returns>
    /// <exception cref="JsonException">The JSON is not a report.</exception>
    public static ValidationSuiteReport FromJson(ReadOnlySpan<byte> json) => SuiteReportDocument.Read(json);

    /// <summary>Writes the report as JUnit XML, which build servers read: a test case for each check.</summary>
    /// <remarks>A check with warnings is a test that passed, with the warnings as its output; one without anything to look at is a skipped test.</remarks>
    /// <returns>The XML, to be stored as UTF-8.</returns>
    public string ToJUnitXml() => SuiteReportXml.Write(this);

    /// <summary>Writes the report as one HTML file that needs nothing else.</summary>
    /// <returns>The HTML, to be stored as UTF-8.</returns>
    public string ToHtml()
    {
        var report = new HtmlReport($"Checks: {Suite}");
        AddTo(report);
        return report.ToString();
    }

    /// <summary>Adds the report to another one: an overview, then what each check found, the worst first.</summary>
    /// <param name="report">Where to add it.</param>
    public void AddTo(HtmlReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        SuiteReportText.AddTo(report, this);
    }

    /// <summary>Writes the report for people at a console.</summary>
    /// <returns>A line for the whole and one for each check, the worst first, with the conditions that are not met.</returns>
    public override string ToString() => SuiteReportText.Write(this);

    private static CheckStatus Harden(CheckStatus status) => status == CheckStatus.Warn ? CheckStatus.Fail : status;
}
