namespace Mlops.Tracking;

/// <summary>Times as every store keeps them: to the millisecond.</summary>
internal static class StoredTime
{
    /// <summary>Gets the present time.</summary>
    public static DateTimeOffset Now(TimeProvider time) => Cut(time.GetUtcNow());

    /// <summary>Cuts a time to what every store keeps.</summary>
    public static DateTimeOffset Cut(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
