namespace Mlops.Tracking;

/// <summary>The checks that every registry makes.</summary>
internal static class RegistryRules
{
    /// <summary>Checks a new version, and gives the present time to the millisecond.</summary>
    public static DateTimeOffset CheckNew(string name, NewModelVersion version, TimeProvider time)
    {
        ModelUri.CheckName(name);
        ArgumentNullException.ThrowIfNull(version);
        ArgumentException.ThrowIfNullOrEmpty(version.Source, nameof(version));
        TrackingLimits.CheckDigest(version.Digest);
        foreach (var (tag, value) in version.Tags) TrackingLimits.CheckVersionTag(tag, value);
        return Milliseconds(time.GetUtcNow());
    }

    public static void CheckAlias(string name, string alias)
    {
        ModelUri.CheckName(name);
        ModelUri.CheckAlias(alias);
        if (alias.Equals(ModelUri.Latest, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"'{alias}' cannot be set: it always points to the highest version. Use another alias.");
    }

    public static ModelVersion Describe(string name, int number, NewModelVersion version, DateTimeOffset now)
        => new(name, number, version.Source, version.Digest, now)
        {
            Lineage = version.Lineage,
            Description = version.Description,
            Tags = new Dictionary<string, string>(version.Tags, StringComparer.Ordinal),
        };

    /// <summary>Cuts a time to what every store keeps.</summary>
    public static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
