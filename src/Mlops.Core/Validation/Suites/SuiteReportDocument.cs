using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>The JSON form of a <see cref="ValidationSuiteReport"/>. What follows from the rest (the status of the whole, the exit code) is written for readers and not read back.</summary>
internal sealed record SuiteReportDocument(string Suite, CheckStatus Status, int ExitCode, IReadOnlyList<CheckedDataset> Datasets, IReadOnlyList<CheckResultDocument> Results)
{
    public static byte[] Write(ValidationSuiteReport report) => JsonSerializer.SerializeToUtf8Bytes(
        new SuiteReportDocument(report.Suite, report.Status, report.ExitCode, report.Datasets, [.. report.Results.Select(CheckResultDocument.Of)]), SuiteReportJson.Default.SuiteReportDocument);

    public static ValidationSuiteReport Read(ReadOnlySpan<byte> json)
    {
        var document = JsonSerializer.Deserialize(json, SuiteReportJson.Default.SuiteReportDocument) ?? throw new JsonException("The JSON holds no report of a suite.");
        return new ValidationSuiteReport(document.Suite, [.. document.Results.Select(result => result.ToResult())]) { Datasets = document.Datasets };
    }
}

/// <summary>The JSON form of a <see cref="CheckResult"/>.</summary>
internal sealed record CheckResultDocument(
    string Check,
    string Description,
    CheckStatus Status,
    string Summary,
    double DurationSeconds,
    IReadOnlyList<CheckCondition> Conditions,
    IReadOnlyDictionary<string, double?> Values,
    IReadOnlyList<CheckTable> Tables)
{
    public static CheckResultDocument Of(CheckResult result) => new(
        result.Check, result.Description, result.Status, result.Summary, result.Duration.TotalSeconds, result.Conditions, result.Values, result.Tables);

    public CheckResult ToResult() => new(Check, Summary, Conditions)
    {
        Description = Description,
        Status = Status,
        Duration = DurationSeconds is >= 0 and < 1e9 ? TimeSpan.FromSeconds(DurationSeconds) : throw new JsonException($"The duration of the check '{Check}' is none."),
        Values = Values,
        Tables = Tables,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SuiteReportDocument))]
internal sealed partial class SuiteReportJson : JsonSerializerContext;
