using System.Globalization;

namespace Mlops.Triggers;

/// <summary>Why a trigger fires: an alert, a schedule, new data, a call.</summary>
/// <param name="Id">Identifies the cause; a trigger starts at most one run for each.</param>
/// <param name="Kind">The kind of cause: <c>alert</c>, <c>schedule</c>, <c>data</c>, <c>call</c>.</param>
/// <param name="Description">What happened, for people.</param>
/// <param name="OccurredAt">When it happened.</param>
public sealed record TriggerCause(string Id, string Kind, string Description, DateTimeOffset OccurredAt)
{
    /// <summary>Gets the model that is concerned; <see langword="null"/> where none is.</summary>
    public string? ModelName { get; init; }

    /// <summary>Describes the cause in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind} {Id} at {OccurredAt:O}: {Description}");
}
