using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Monitoring;

/// <summary>What a streaming detector knows, to be stored and restored. It holds no settings: restore it into a detector of the same settings.</summary>
/// <param name="Detector">The kind of detector: <c>page-hinkley</c>.</param>
/// <param name="Values">Its numbers, by name.</param>
public sealed record DetectorState(string Detector, IReadOnlyDictionary<string, double[]> Values)
{
    /// <summary>Writes the state as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back, bit for bit.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DetectorStateJson.Default.DetectorState);

    /// <summary>Reads a state from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The state.</returns>
    /// <exception cref="JsonException">The JSON is not a state.</exception>
    public static DetectorState FromJson(ReadOnlySpan<byte> json)
        => JsonSerializer.Deserialize(json, DetectorStateJson.Default.DetectorState) is { Detector: not null, Values: not null } state
            ? state
            : throw new JsonException("The JSON holds no detector state.");

    internal void Require(string detector)
    {
        if (Detector != detector)
            throw new ArgumentException($"The state is of '{Detector}'; it cannot be restored into '{detector}'.");
    }

    internal double[] Get(string name, int? length = null)
    {
        if (!Values.TryGetValue(name, out var values) || (length is not null && values.Length != length))
            throw new ArgumentException($"The state of '{Detector}' is damaged: '{name}' is missing or has another length.");
        return values;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(DetectorState))]
internal sealed partial class DetectorStateJson : JsonSerializerContext;
