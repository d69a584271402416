using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Reports;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>What all validators together say of a candidate.</summary>
/// <param name="Candidate">How the candidate was judged.</param>
/// <param name="Checks">What each validator says, in the order in which they were asked.</param>
public sealed record ModelValidationReport(EvaluationResult Candidate, IReadOnlyList<ModelCheck> Checks)
{
    /// <summary>Gets what the report comes to: the worst of its checks; a failure where there is none.</summary>
    public ValidationVerdict Verdict => Checks.Count == 0 ? ValidationVerdict.Fail : Checks.Max(check => check.Verdict);

    /// <summary>Gets the digest of the saved model that was judged, by which the report belongs to that model and to no other; <see langword="null"/> while no gate loaded one.</summary>
    public string? PackageDigest => Checks.FirstOrDefault(check => check?.PackageDigest is not null)?.PackageDigest;

    /// <summary>Gets the reasons of the checks, in one line.</summary>
    [JsonIgnore]
    public string Summary => string.Join("; ", Checks.Select(check => check.Reason));

    /// <summary>Gets what a validator says.</summary>
    /// <param name="validator">The name of the validator.</param>
    /// <exception cref="EntityNotFoundException">The report has no such validator.</exception>
    public ModelCheck this[string validator] => Checks.FirstOrDefault(check => check.Validator == validator)
        ?? throw new EntityNotFoundException("validator", validator, $"No validator '{validator}' was asked. These were: {string.Join(", ", Checks.Select(check => check.Validator))}.");

    /// <summary>Puts the checks of another report on the same candidate behind those of this one: of gates that could only be asked later, as those of the saved package.</summary>
    /// <param name="later">The other report.</param>
    /// <returns>The report of all checks.</returns>
    /// <exception cref="ArgumentException">The other report is on another saved model.</exception>
    public ModelValidationReport Append(ModelValidationReport later)
    {
        ArgumentNullException.ThrowIfNull(later);
        return PackageDigest is null || later.PackageDigest is null || PackageDigest == later.PackageDigest
            ? this with { Checks = [.. Checks, .. later.Checks] }
            : throw new ArgumentException($"The reports are on different saved models, {PackageDigest} and {later.PackageDigest}. Judge one of them by all gates.", nameof(later));
    }

    /// <summary>Makes a report in which every warning is a failure, for those who allow none.</summary>
    /// <returns>The stricter report.</returns>
    public ModelValidationReport CountWarningsAsFailures() => this with
    {
        Checks = [.. Checks.Select(check => check with
        {
            Verdict = Harden(check.Verdict),
            Figures = [.. check.Figures.Select(figure => figure with { Verdict = Harden(figure.Verdict) })],
        })],
    };

    /// <summary>Throws when a validator failed. Warnings let the candidate pass; <see cref="CountWarningsAsFailures"/> makes them count.</summary>
    /// <returns>This report.</returns>
    /// <exception cref="ModelValidationException">The verdict is <see cref="ValidationVerdict.Fail"/>; the message tells the reasons.</exception>
    public ModelValidationReport EnsurePassed() => Verdict == ValidationVerdict.Fail ? throw new ModelValidationException(this) : this;

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ModelValidationReportJson.Default.ModelValidationReport);

    /// <summary>Reads a report from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The report.</returns>
    /// <exception cref="JsonException">The JSON is not a report.</exception>
    public static ModelValidationReport FromJson(ReadOnlySpan<byte> json)
    {
        var report = JsonSerializer.Deserialize(json, ModelValidationReportJson.Default.ModelValidationReport) ?? throw new JsonException("The JSON holds no report of gates.");
        return report.Checks.Any(check => check is null || check.Figures.Any(figure => figure is null)) || report.Candidate.Metrics.Any(metric => metric is null)
            ? throw new JsonException("The report has a check, a figure or a metric that is null.")
            : report;
    }

    /// <summary>Writes the report as JUnit XML, which build servers read: a test case for each validator.</summary>
    /// <remarks>A check with a warning is a test that passed, with the warning as its output; one that had nothing to judge is a skipped test.</remarks>
    /// <returns>The XML, to be stored as UTF-8.</returns>
    public string ToJUnitXml() => ModelReportXml.Write(this);

    /// <summary>Writes the report as one HTML file that needs nothing else.</summary>
    /// <returns>The HTML, to be stored as UTF-8.</returns>
    public string ToHtml()
    {
        var report = new HtmlReport("Gates of a model");
        AddTo(report);
        return report.ToString();
    }

    /// <summary>Adds the report to another one: the verdict, what each validator says, and its figures. Slices are named by their values.</summary>
    /// <param name="report">Where to add it.</param>
    public void AddTo(HtmlReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        ModelReportText.AddTo(report, this);
    }

    /// <summary>Writes the report for people at a console: slices are named by their values.</summary>
    /// <returns>A line for the whole and one for each check, with the figures that did not pass.</returns>
    public override string ToString() => ModelReportText.Write(this);

    private static ValidationVerdict Harden(ValidationVerdict verdict) => verdict == ValidationVerdict.Warn ? ValidationVerdict.Fail : verdict;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ModelValidationReport))]
internal sealed partial class ModelValidationReportJson : JsonSerializerContext;
