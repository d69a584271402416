namespace Mlops.Tracking.PostgreSql;

/// <summary>How tracking uses a PostgreSQL database.</summary>
public sealed class PostgreSqlTrackingOptions
{
    /// <summary>Gets or sets how many writes of this process may go on at once; further ones wait, so that reads find connections.</summary>
    /// <value>The default value is 32, the least 1.</value>
    public int MaxWriters { get; set; } = 32;

    /// <summary>Gets or sets whether changes of the registry are heard over a connection of its own. Without it they are looked for at <see cref="RegistryOptions.PollInterval"/>.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool ListensForChanges { get; set; } = true;
}
