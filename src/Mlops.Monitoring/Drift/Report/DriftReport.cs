using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Profiles;
using Mlops.Reports;

namespace Mlops.Monitoring;

/// <summary>How the columns of a current dataset differ from those of a reference.</summary>
/// <remarks>
/// <para>Features are compared; dates and timestamps are not, because time always moves on. The test of a column follows from its type and its values, as <c>docs/drift.md</c> tabulates,
/// unless the options choose it. P-values are corrected over all tests of the report. A column that cannot be compared, or that the current data lack, have in addition or hold in another type,
/// is a finding with the reason and never fails the report.</para>
/// <para>Two are equal when their figures and findings are. Holds figures and distributions, no rows: at most twenty bars of a column, and the names of its most frequent categories, no text that occurs fewer than five times. For a build: <see cref="ExitCode"/> and <see cref="ToJUnitXml"/>.</para>
/// </remarks>
/// <param name="ReferenceRowCount">The number of reference rows.</param>
/// <param name="CurrentRowCount">The number of current rows.</param>
/// <param name="Findings">What was found: drift first, the largest effect first, measured by what the test calls small; then no drift, the smallest p-value first; then what could not be told.</param>
/// <example><code>
/// var report = await DriftReport.CreateAsync(training, live);
/// await report.WriteHtmlAsync(stream);
/// return report.ExitCode;
/// </code></example>
public sealed record DriftReport(long ReferenceRowCount, long CurrentRowCount, IReadOnlyList<DriftFinding> Findings)
{
    /// <summary>Gets the significance of the whole report.</summary>
    /// <value>The default value is 0.05.</value>
    [JsonRequired]
    public double Significance { get; init; } = 0.05;

    /// <summary>Gets how the p-values were corrected for the number of tests.</summary>
    /// <value>The default value is <see cref="Correction.Holm"/>.</value>
    [JsonRequired]
    public Correction Correction { get; init; } = Correction.Holm;

    /// <summary>Gets whether any column drifted. <see langword="false"/> says that none was found to drift, which is no news of columns that could not be tested.</summary>
    /// <remarks>See <see cref="HasTested"/> and <see cref="UntestedColumnCount"/>: without rows, or with other columns than the reference's, there is nothing to find.</remarks>
    [JsonIgnore]
    public bool HasDrift => Findings.Any(finding => finding.Verdict == DriftVerdict.Drift);

    /// <summary>Gets whether any column could be tested; when it is <see langword="false"/>, the report says nothing of drift.</summary>
    [JsonIgnore]
    public bool HasTested => TestedColumnCount > 0 || Findings.Any(finding => finding.Kind == DriftFindingKind.Rows && IsTold(finding));

    /// <summary>Gets the number of columns that were tested: those that drifted, and those of which nothing was left untold.</summary>
    public int TestedColumnCount => CountColumns(_ => true) - UntestedColumnCount;

    /// <summary>Gets the number of columns of the reference that did not drift as far as could be told, and of which something could not be told: they are missing in the current data, have too few values, or values that their test cannot compare,
    /// whatever the test of their missing values says.</summary>
    public int UntestedColumnCount => GetUntested().Length;

    /// <summary>Gets the number of columns that the reference lacks.</summary>
    public int AddedColumnCount => Findings.Count(finding => finding.Kind == DriftFindingKind.AddedColumn);

    /// <summary>Gets what a process that made the report ends with: 0 when nothing drifted, 1 when something did, 2 when something could not be told.</summary>
    /// <remarks>As for suites of checks, 2 comes first: a report with a column missing, added, changed in type or without enough values is not whole. Too few values are too few, whatever the test of the missing
    /// values says; a test of these that has too few rows leaves it at 0 where the values could be told of.</remarks>
    public int ExitCode => !HasTested || Findings.Any(GetBlocking()) ? 2 : HasDrift ? 1 : 0;

    /// <summary>Gets the number of columns that drifted.</summary>
    public int DriftedColumnCount => CountColumns(finding => finding.Verdict == DriftVerdict.Drift);

    /// <summary>Gets the share of the tested columns that drifted, 0..1; 0 when none could be tested.</summary>
    public double DriftedRatio => TestedColumnCount == 0 ? 0 : (double)DriftedColumnCount / TestedColumnCount;

    /// <summary>Compares two datasets: by their values where they fit into memory, else by profiles that one pass over each makes.</summary>
    /// <param name="reference">The dataset to compare with, as the training data.</param>
    /// <param name="current">What came in.</param>
    /// <param name="options">What to compare, and what to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading and the tests.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static async Task<DriftReport> CreateAsync(IDataset reference, IDataset current, DriftReportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? new DriftReportOptions()).Validate();
        var source = await SampleReader.ReadAsync(reference, current, options, cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => new DriftReportBuilder(source, options, cancellationToken).Build(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Compares a dataset with a profile, as a model keeps of its training data.</summary>
    /// <param name="reference">The profile to compare with.</param>
    /// <param name="current">What came in; it is read once and profiled.</param>
    /// <param name="options">What to compare, and what to call drift; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static async Task<DriftReport> CreateAsync(DatasetProfile reference, IDataset current, DriftReportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        return Create(reference, await DatasetProfile.CreateAsync(current, SampleReader.ProfileOptions, cancellationToken).ConfigureAwait(false), options);
    }

    /// <summary>Compares two profiles.</summary>
    /// <remarks>Columns of which both profiles still keep every value are compared by their values; of others, the error of the sketches is carried into the verdict.</remarks>
    /// <param name="reference">The profile to compare with, as of the training data.</param>
    /// <param name="current">The profile of what came in.</param>
    /// <param name="options">What to compare, and what to call drift; the defaults when <see langword="null"/>.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static DriftReport Create(DatasetProfile reference, DatasetProfile current, DriftReportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        return new DriftReportBuilder(new ProfileSource(reference, current), (options ?? new DriftReportOptions()).Validate(), CancellationToken.None).Build();
    }

    /// <summary>Tells whether a column takes part in drift reports that do not name it: a feature that is neither a date nor a timestamp.</summary>
    /// <param name="column">The reference profile of the column.</param>
    /// <returns>Whether it does.</returns>
    public static bool IsCompared(ColumnProfile column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return DriftPlan.IsCompared(column.Role, column.Type);
    }

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DriftJson.Default.DriftReport);

    /// <summary>Reads a report from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The report.</returns>
    /// <exception cref="JsonException">The JSON is not a report; where it is none, <see cref="JsonException.Path"/> and the message say.</exception>
    public static DriftReport FromJson(ReadOnlySpan<byte> json) => DriftDocument.Read(json, DriftJson.Default.DriftReport, "drift report", DriftDocument.FindFlaw);

    /// <summary>Writes the report as one HTML file that needs nothing else: what drifted, ranked, then each column with its distributions side by side.</summary>
    /// <remarks>At most about 1 MB: of thousands of columns, the first ones have distributions.</remarks>
    /// <param name="stream">Where to write; it is left open.</param>
    /// <param name="title">The title.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>A task that completes when it is written.</returns>
    public Task WriteHtmlAsync(Stream stream, string title = "Drift", CancellationToken cancellationToken = default)
        => new HtmlReport(title).AddDrift(this).WriteAsync(stream, cancellationToken);

    /// <summary>Writes the report as JUnit XML, which build servers read: a test case for each finding.</summary>
    /// <remarks>Drift is a failure, what could not be told an error; a test with too few rows is skipped where another one could tell of the values of the column.</remarks>
    /// <param name="name">The name of the suite.</param>
    /// <returns>The XML, to be stored as UTF-8.</returns>
    public string ToJUnitXml(string name = "drift") => DriftReportXml.Write(this, name);

    /// <inheritdoc/>
    public bool Equals(DriftReport? other)
        => other is not null && (ReferenceRowCount, CurrentRowCount, Significance, Correction) == (other.ReferenceRowCount, other.CurrentRowCount, other.Significance, other.Correction) && Findings.SequenceEqual(other.Findings);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ReferenceRowCount, CurrentRowCount, Significance, Correction, Findings.Count);

    /// <summary>Describes the report in one line.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
    {
        if (Findings.Count == 0) return "nothing could be tested: the reference has no column that is compared";
        string[] Names(Func<DriftFinding, bool> predicate) => [.. Findings.Where(predicate).Select(finding => finding.Column).Distinct(StringComparer.Ordinal)];
        var added = Names(finding => finding.Kind == DriftFindingKind.AddedColumn);
        var news = added.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {added.Length} new{List(added)}");
        var untested = GetUntested();
        if (!HasTested) return string.Create(CultureInfo.InvariantCulture, $"nothing could be tested: {untested.Length} columns could not be compared{List(untested)}{news}");
        var drifted = Names(finding => finding.Verdict == DriftVerdict.Drift && finding.Kind != DriftFindingKind.Rows);
        var together = Findings.Any(finding => finding is { Kind: DriftFindingKind.Rows, Verdict: DriftVerdict.Drift }) ? "; all numbers together drifted" : "";
        var rest = untested.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {untested.Length} could not be tested{List(untested)}");
        var isBlocking = GetBlocking();
        var partly = drifted.Intersect(Names(finding => IsOfColumn(finding) && isBlocking(finding)), StringComparer.Ordinal).ToArray();
        var part = partly.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {partly.Length} could be tested only in part{List(partly)}");
        return string.Create(CultureInfo.InvariantCulture, $"{drifted.Length} of {TestedColumnCount} columns drifted{List(drifted)}{together}{part}{rest}{news}");
    }

    /// <summary>Gets the columns of the reference of which something could not be told, and no drift was found.</summary>
    internal string[] GetUntested() =>
    [
        .. Findings.Where(IsOfColumn).Where(GetBlocking()).Select(finding => finding.Column)
            .Except(Findings.Where(finding => IsOfColumn(finding) && finding.Verdict == DriftVerdict.Drift).Select(finding => finding.Column), StringComparer.Ordinal),
    ];

    private static bool IsOfColumn(DriftFinding finding) => finding.Kind is DriftFindingKind.Values or DriftFindingKind.MissingValues;

    private static bool IsTold(DriftFinding finding) => finding.Verdict is DriftVerdict.Drift or DriftVerdict.NoDrift;

    internal static string List(string[] columns)
    {
        const int Shown = 5;
        return columns.Length == 0 ? "" : $": {string.Join(", ", columns.Take(Shown))}{(columns.Length > Shown ? ", …" : "")}";
    }

    /// <summary>Makes what tells whether a finding keeps the report from being whole; once for all findings, because it knows the columns of whose values another test could tell. One of the missing values says nothing of the others.</summary>
    internal Func<DriftFinding, bool> GetBlocking()
    {
        var told = Findings.Where(finding => finding.Kind == DriftFindingKind.Values && IsTold(finding)).Select(finding => finding.Column).ToHashSet(StringComparer.Ordinal);
        return finding => finding.Verdict switch
        {
            DriftVerdict.NotComputable => true,
            DriftVerdict.NotEnoughData => finding.Kind == DriftFindingKind.Rows || !told.Contains(finding.Column),
            _ => false,
        };
    }

    private int CountColumns(Func<DriftFinding, bool> predicate)
        => Findings.Where(finding => IsOfColumn(finding) && predicate(finding)).Select(finding => finding.Column).Distinct(StringComparer.Ordinal).Count();
}
