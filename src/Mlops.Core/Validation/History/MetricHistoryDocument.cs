using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>The JSON form of a <see cref="MetricHistory"/>: the times once, and the values of each metric below them; <c>null</c> where the metric has no run, <c>"NaN"</c> where a run has no value.</summary>
internal sealed record MetricHistoryDocument(string Format, int Version, string Name, DateTimeOffset[] Times, Dictionary<string, double?[]> Metrics)
{
    private const string Kind = "mlops.metric-history";
    private const int PresentVersion = 1;

    // Names of columns stay readable; the text is never put into a page as it is.
    private static readonly MetricHistoryJson s_json = new(new JsonSerializerOptions(MetricHistoryJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] Write(string name, MetricTable table)
    {
        DateTimeOffset[] times = [.. table.Metrics.SelectMany(metric => metric.Value.Keys).Distinct().Order()];
        var metrics = new Dictionary<string, double?[]>(StringComparer.Ordinal);
        foreach (var (metric, points) in table.Metrics)
        {
            metrics[metric] = new double?[times.Length];
            var position = 0;
            foreach (var (at, value) in points)
            {
                while (times[position] != at) position++;
                metrics[metric][position] = value ?? double.NaN;
            }
        }

        return JsonSerializer.SerializeToUtf8Bytes(new MetricHistoryDocument(Kind, PresentVersion, name, times, metrics), s_json.MetricHistoryDocument);
    }

    /// <exception cref="DataFormatException">The JSON is not a history.</exception>
    public static (string Name, MetricTable Table) Read(ReadOnlySpan<byte> json, string source)
    {
        MetricHistoryDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, s_json.MetricHistoryDocument);
        }
        catch (JsonException error)
        {
            throw Damaged(source, "a history that MetricHistory.ToJson wrote", error);
        }

        CheckKind(source, document?.Format, document?.Version ?? 0, Kind, PresentVersion);
        var (name, times, table) = (document!.Name, document.Times, new MetricTable());
        if (string.IsNullOrWhiteSpace(name)) throw Wrong(source, "The name is empty.");
        for (var i = 1; i < times.Length; i++)
        {
            if (times[i] <= times[i - 1]) throw Wrong(source, string.Create(CultureInfo.InvariantCulture, $"Time {i + 1} is not after the one before."));
        }

        foreach (var (metric, values) in document.Metrics)
        {
            if (string.IsNullOrWhiteSpace(metric)) throw Wrong(source, "A metric has no name.");
            if (values is null) throw Wrong(source, $"'{metric}' has no list of values.");
            if (values.Length != times.Length) throw Wrong(source, string.Create(CultureInfo.InvariantCulture, $"'{metric}' has {values.Length} values for {times.Length} times."));
            for (var i = 0; i < values.Length; i++)
            {
                if (values[i] is { } value) table.Set(metric, times[i].ToUniversalTime(), double.IsFinite(value) ? value : null);
            }
        }

        return (name, table);
    }

    public static DataFormatException Damaged(string source, string wanted, Exception error)
    {
        var place = error is JsonException { Path: { Length: > 0 } path } ? $" at {path}" : "";
        var line = error is JsonException { LineNumber: { } number } ? number + 1 : 0;
        return new DataFormatException(source, line, null, $"This is not the JSON of {wanted}; reading stopped{place}. Restore it from a copy, or delete it to begin anew.", error);
    }

    public static void CheckKind(string source, string? format, int version, string wanted, int wantedVersion)
    {
        if (format != wanted) throw Wrong(source, $"The JSON is not of the format '{wanted}'.");
        if (version != wantedVersion)
            throw new DataFormatException(source, 0, null, string.Create(CultureInfo.InvariantCulture, $"It has version {version}, and this package reads version {wantedVersion}. Read it with the release of the package that wrote it, or a later one."));
    }

    private static DataFormatException Wrong(string source, string problem) => new(source, 0, null, $"{problem} Restore it from a copy, or delete it to begin anew.");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(MetricHistoryDocument))]
internal sealed partial class MetricHistoryJson : JsonSerializerContext;
