using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>The JSON form of <see cref="MetricRules"/>.</summary>
internal sealed record MetricRulesDocument(string Format, int Version, MetricRulesDocument.Entry[] Rules)
{
    private const string Source = "metric rules";
    private const string Kind = "mlops.metric-rules";
    private const int PresentVersion = 1;
    private const string Discriminator = "rule";

    private static readonly MetricRulesJson s_json = MetricRulesJson.Default;

    // What a file does not say is as in a new rule; the serializer alone would take 0 and null instead.
    private static readonly Dictionary<string, JsonObject> s_defaults = new MetricRule[]
    {
        new ThresholdRule(), new AbsoluteChangeRule(), new RelativeChangeRule(), new ZScoreRule(), new OnlineZScoreRule(), new SeasonalRule(),
    }.Select(ToNode).ToDictionary(node => (string)node[Discriminator]!, StringComparer.Ordinal);

    public static byte[] Write(IEnumerable<KeyValuePair<string, MetricRule>> rules)
        => JsonSerializer.SerializeToUtf8Bytes(new MetricRulesDocument(Kind, PresentVersion, [.. rules.Select(rule => new Entry(rule.Key, ToNode(rule.Value)))]), s_json.MetricRulesDocument);

    /// <exception cref="DataFormatException">The JSON is not one of rules.</exception>
    public static MetricRules Read(ReadOnlySpan<byte> json)
    {
        MetricRulesDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, s_json.MetricRulesDocument);
        }
        catch (JsonException error)
        {
            throw MetricHistoryDocument.Damaged(Source, "rules that MetricRules.ToJson wrote", error);
        }

        MetricHistoryDocument.CheckKind(Source, document?.Format, document?.Version ?? 0, Kind, PresentVersion);
        var rules = new MetricRules();
        foreach (var (position, entry) in document!.Rules.Index())
        {
            try
            {
                // An element of an array may be null although its type says otherwise.
                if (entry is null) throw new JsonException("It is null.");
                rules.Add(entry.Metric, ToRule(entry.Rule));
            }
            catch (Exception error) when (error is ArgumentException or JsonException or InvalidOperationException)
            {
                throw new DataFormatException(Source, 0, null, string.Create(CultureInfo.InvariantCulture, $"Rule {position + 1}, of '{entry?.Metric}', cannot be used: {error.Message} Correct it in the file."), error);
            }
        }

        return rules;
    }

    private static JsonObject ToNode(MetricRule rule) => JsonSerializer.SerializeToNode(rule, s_json.MetricRule)!.AsObject();

    private static MetricRule ToRule(JsonObject given)
    {
        var kind = (string?)given[Discriminator];
        if (kind is null || !s_defaults.TryGetValue(kind, out var defaults)) throw new JsonException($"'{Discriminator}' is one of {string.Join(", ", s_defaults.Keys)}.");
        var rule = defaults.DeepClone().AsObject();
        foreach (var (name, value) in given) rule[name] = value?.DeepClone();
        return rule.Deserialize(s_json.MetricRule)!;
    }

    internal sealed record Entry(string Metric, JsonObject Rule);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(MetricRulesDocument))]
[JsonSerializable(typeof(MetricRule))]
internal sealed partial class MetricRulesJson : JsonSerializerContext;
