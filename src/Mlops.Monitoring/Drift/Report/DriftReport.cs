using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>How the columns of a current dataset differ from those of a reference.</summary>
/// <remarks>
/// Features are compared; dates and timestamps are not, because time always moves on. P-values are corrected by Holm's method over all tests of the
/// report. A column that cannot be compared, or that the current data lack, is a finding with the reason and never fails the report.
/// </remarks>
/// <param name="ReferenceRowCount">The number of reference rows.</param>
/// <param name="CurrentRowCount">The number of current rows.</param>
/// <param name="Findings">What was found: drift first, the largest effect first; then no drift, the smallest p-value first; then what could not be told.</param>
public sealed record DriftReport(long ReferenceRowCount, long CurrentRowCount, IReadOnlyList<DriftFinding> Findings)
{
    private static readonly KolmogorovSmirnov s_numbers = new();
    private static readonly ChiSquared s_categories = new();
    private static readonly MissingValues s_missing = new();

    /// <summary>Gets whether any column drifted. <see langword="false"/> says that none was found to drift, which is no news of columns that could not be tested.</summary>
    /// <remarks>See <see cref="HasTested"/> and <see cref="UntestedColumnCount"/>: without rows, or with other columns than the reference's, there is nothing to find.</remarks>
    [JsonIgnore]
    public bool HasDrift => Findings.Any(finding => finding.Verdict == DriftVerdict.Drift);

    /// <summary>Gets whether any column could be tested; when it is <see langword="false"/>, the report says nothing of drift.</summary>
    [JsonIgnore]
    public bool HasTested => Findings.Any(IsTold);

    /// <summary>Gets the number of columns of which some test could tell.</summary>
    public int TestedColumnCount => CountColumns(IsTold);

    /// <summary>Gets the number of columns of the reference of which no test could tell: they are missing in the current data, or have too few values.</summary>
    public int UntestedColumnCount => CountColumns(_ => true) - TestedColumnCount;

    /// <summary>Gets the number of columns that drifted.</summary>
    public int DriftedColumnCount => CountColumns(finding => finding.Verdict == DriftVerdict.Drift);

    /// <summary>Gets the share of the tested columns that drifted, 0..1; 0 when none could be tested.</summary>
    public double DriftedRatio => TestedColumnCount == 0 ? 0 : (double)DriftedColumnCount / TestedColumnCount;

    /// <summary>Compares two profiles.</summary>
    /// <param name="reference">The profile to compare with, as of the training data.</param>
    /// <param name="current">The profile of what came in; columns that the reference lacks are left out.</param>
    /// <param name="options">What to compare, and what to call drift; the defaults when <see langword="null"/>.</param>
    /// <returns>The report.</returns>
    public static DriftReport Create(DatasetProfile reference, DatasetProfile current, DriftReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options ??= new DriftReportOptions();
        var testOptions = options.ToTestOptions();
        var findings = new List<DriftFinding>();
        foreach (var column in reference.Columns)
        {
            if (!IsCompared(column) || options.ExcludedColumns.Contains(column.Name)) continue;
            AddFindings(findings, column, current.Find(column.Name), options, testOptions);
        }

        Correct(findings, testOptions);
        return new DriftReport(reference.RowCount, current.RowCount, [.. findings.OrderBy(finding => finding.Verdict)
            .ThenByDescending(finding => finding.Verdict == DriftVerdict.Drift ? finding.Result.Effect : -finding.Result.PValue)
            .ThenBy(finding => finding.Column, StringComparer.Ordinal)]);
    }

    /// <summary>Chooses the test of a column: Kolmogorov–Smirnov for numbers, chi-squared for texts and booleans.</summary>
    /// <param name="reference">The reference profile of the column.</param>
    /// <returns>The test.</returns>
    public static IProfileDriftTest ChooseTest(ColumnProfile reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return reference.Values is null ? s_numbers : s_categories;
    }

    /// <summary>Tells whether a column takes part in drift reports: a feature that is neither a date nor a timestamp.</summary>
    /// <param name="column">The reference profile of the column.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsCompared(ColumnProfile column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return column.Role == ColumnRole.Feature && column.Type is not (ElementType.Date or ElementType.Timestamp);
    }

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DriftReportJson.Default.DriftReport);

    /// <summary>Reads a report from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The report.</returns>
    /// <exception cref="JsonException">The JSON is not a report.</exception>
    public static DriftReport FromJson(ReadOnlySpan<byte> json)
        => JsonSerializer.Deserialize(json, DriftReportJson.Default.DriftReport) ?? throw new JsonException("The JSON holds no drift report.");

    /// <summary>Describes the report in one line.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
    {
        if (Findings.Count == 0) return "nothing could be tested: the reference has no column that is compared";
        var untested = Findings.Select(finding => finding.Column).Except(Findings.Where(IsTold).Select(finding => finding.Column), StringComparer.Ordinal).ToArray();
        if (!HasTested)
            return string.Create(CultureInfo.InvariantCulture, $"nothing could be tested: {untested.Length} columns are missing or have too few values{List(untested)}");
        var drifted = Findings.Where(finding => finding.Verdict == DriftVerdict.Drift).Select(finding => finding.Column).Distinct(StringComparer.Ordinal).ToArray();
        var rest = untested.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {untested.Length} could not be tested{List(untested)}");
        return string.Create(CultureInfo.InvariantCulture, $"{drifted.Length} of {TestedColumnCount} columns drifted{List(drifted)}{rest}");
    }

    private static bool IsTold(DriftFinding finding) => finding.Verdict is DriftVerdict.Drift or DriftVerdict.NoDrift;

    private static string List(string[] columns)
    {
        const int Shown = 5;
        return columns.Length == 0 ? "" : $": {string.Join(", ", columns.Take(Shown))}{(columns.Length > Shown ? ", …" : "")}";
    }

    private static void AddFindings(List<DriftFinding> findings, ColumnProfile reference, ColumnProfile? current, DriftReportOptions options, DriftTestOptions testOptions)
    {
        IProfileDriftTest? test;
        try
        {
            test = options.ChooseTest(reference);
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // One bad column never fails the report.
        {
            findings.Add(Failed(reference, "choose-test", 0, exception));
            return;
        }

        if (test is null) return;
        if (current is null)
        {
            findings.Add(Find(reference, DriftDecision.NotComputable(test, reference.RowCount - reference.MissingCount, 0, $"The current data have no column '{reference.Name}'.")));
            return;
        }

        findings.Add(Run(test, reference, current, testOptions));
        if (options.TestsMissingValues && (reference.MissingCount > 0 || current.MissingCount > 0))
            findings.Add(Run(s_missing, reference, current, testOptions));
    }

    private static DriftFinding Run(IProfileDriftTest test, ColumnProfile reference, ColumnProfile current, DriftTestOptions options)
    {
        try
        {
            return Find(reference, test.Test(reference, current, options));
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // One bad column never fails the report.
        {
            return Failed(reference, test.Name, current.RowCount - current.MissingCount, exception);
        }
    }

    private static DriftFinding Find(ColumnProfile reference, DriftResult result) => new(reference.Name, reference.Type, result.Verdict, result);

    private static DriftFinding Failed(ColumnProfile reference, string test, long currentCount, Exception exception)
        => Find(reference, new DriftResult(test, DriftVerdict.NotComputable, $"The test failed with {exception.GetType().Name}.", reference.RowCount - reference.MissingCount, currentCount));

    private static void Correct(List<DriftFinding> findings, DriftTestOptions options)
    {
        var tested = Enumerable.Range(0, findings.Count).Where(index => findings[index].Result.PValue is not null).ToArray();
        var adjusted = MultipleTesting.Adjust(Array.ConvertAll(tested, index => findings[index].Result.PValue!.Value), Correction.Holm);
        for (var i = 0; i < tested.Length; i++)
        {
            var finding = findings[tested[i]];
            var isDrift = finding.Verdict == DriftVerdict.Drift && adjusted[i] <= options.Significance;
            findings[tested[i]] = finding with
            {
                AdjustedPValue = adjusted[i],
                Verdict = finding.Verdict == DriftVerdict.Drift && !isDrift ? DriftVerdict.NoDrift : finding.Verdict,
            };
        }
    }

    private int CountColumns(Func<DriftFinding, bool> predicate)
        => Findings.Where(predicate).Select(finding => finding.Column).Distinct(StringComparer.Ordinal).Count();
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DriftReport))]
internal sealed partial class DriftReportJson : JsonSerializerContext;
