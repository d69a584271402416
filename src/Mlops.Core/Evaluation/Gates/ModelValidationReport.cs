using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>What all validators together say of a candidate.</summary>
/// <param name="Candidate">How the candidate was judged.</param>
/// <param name="Checks">What each validator says.</param>
public sealed record ModelValidationReport(EvaluationResult Candidate, IReadOnlyList<ModelCheck> Checks)
{
    /// <summary>Gets what the report comes to: the worst of its checks.</summary>
    public ValidationVerdict Verdict => Checks.Count == 0 ? ValidationVerdict.Pass : Checks.Max(check => check.Verdict);

    /// <summary>Gets the reasons of the checks, in one line.</summary>
    [JsonIgnore]
    public string Summary => string.Join("; ", Checks.Select(check => check.Reason));

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ModelValidationReportJson.Default.ModelValidationReport);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ModelValidationReport))]
internal sealed partial class ModelValidationReportJson : JsonSerializerContext;
