namespace Mlops.Tracking;

/// <summary>What became of records that were to be delivered.</summary>
/// <param name="Count">How many, from the first, are delivered or refused; the rest is to be delivered yet.</param>
/// <param name="Refused">Those that the store refuses, now and later.</param>
internal sealed record SpoolDelivery(int Count, IReadOnlyList<SpoolRecord> Refused);
