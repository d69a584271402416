using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Monitoring;

/// <summary>How far a spending of significance has come: all that <see cref="AlphaSpending"/> needs to know of the evaluations before. Store it between evaluations.</summary>
/// <param name="Evaluations">The number of evaluations so far, ≥ 0.</param>
/// <param name="Alarms">Which of them alarmed: their numbers from 1, ascending. The last 1,000 are kept; without the earlier ones significances are smaller, never larger.</param>
public sealed record AlphaSpendingState(long Evaluations, IReadOnlyList<long> Alarms)
{
    private const int MaximumAlarms = 1000;

    /// <summary>Gets the state before the first evaluation.</summary>
    public static AlphaSpendingState Start { get; } = new(0, []);

    [JsonIgnore]
    internal bool IsValid => Alarms is { } alarms && Evaluations >= 0 && IsAscending(alarms, Evaluations);

    /// <summary>Gets the state after one more evaluation.</summary>
    /// <param name="hasAlarmed">Whether it alarmed.</param>
    /// <returns>The state; this one stays as it is.</returns>
    public AlphaSpendingState Next(bool hasAlarmed) => new(Evaluations + 1, hasAlarmed ? [.. Alarms.Skip(Alarms.Count + 1 - MaximumAlarms), Evaluations + 1] : Alarms);

    /// <inheritdoc/>
    public bool Equals(AlphaSpendingState? other) => other is not null && Evaluations == other.Evaluations && Alarms.SequenceEqual(other.Alarms);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Evaluations, Alarms.Count);

    /// <summary>Writes the state as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, AlphaSpendingJson.Default.AlphaSpendingState);

    /// <summary>Reads a state from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The state.</returns>
    /// <exception cref="JsonException">The JSON is not a state.</exception>
    public static AlphaSpendingState FromJson(ReadOnlySpan<byte> json)
        => JsonSerializer.Deserialize(json, AlphaSpendingJson.Default.AlphaSpendingState) is { IsValid: true } state
            ? state
            : throw new JsonException("The JSON holds no state of a spending: the number of evaluations, and those that alarmed in ascending order.");

    private static bool IsAscending(IReadOnlyList<long> alarms, long last)
    {
        for (var i = 0; i < alarms.Count; i++)
        {
            if (alarms[i] <= (i == 0 ? 0 : alarms[i - 1]) || alarms[i] > last) return false;
        }

        return true;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AlphaSpendingState))]
internal sealed partial class AlphaSpendingJson : JsonSerializerContext;
