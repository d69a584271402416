using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Tracking;
using Mlops.Tracking.PostgreSql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses PostgreSQL for tracking.</summary>
public static class PostgreSqlTrackingBuilderExtensions
{
    /// <summary>Keeps everything in one PostgreSQL database, which is opened on first use, and the artifacts in a folder that all hosts reach.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">How to connect, as Npgsql has it. It appears in no message.</param>
    /// <param name="artifactRoot">The folder of the artifacts. An artifact store that the host has registered before takes its place.</param>
    /// <param name="configure">Sets how to use the database.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The connection string is malformed, or names no host.</exception>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public static TrackingBuilder UsePostgreSql(this TrackingBuilder builder, string connectionString, string artifactRoot, Action<PostgreSqlTrackingOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(artifactRoot);
        return builder.UsePostgreSql(connectionString, provider => new LocalArtifactStore(artifactRoot, provider.GetRequiredService<TimeProvider>()), configure);
    }

    /// <summary>Keeps everything in one PostgreSQL database, which is opened on first use, and the artifacts in a store of one's own.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="connectionString">How to connect, as Npgsql has it. It appears in no message.</param>
    /// <param name="artifacts">Makes the artifact store, once. One that the host has registered before takes its place.</param>
    /// <param name="configure">Sets how to use the database.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The connection string is malformed, or names no host.</exception>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public static TrackingBuilder UsePostgreSql(
        this TrackingBuilder builder, string connectionString, Func<IServiceProvider, IArtifactStore> artifacts, Action<PostgreSqlTrackingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // Told here, not at the first run.
        PostgreSqlConnectionString.Parse(connectionString);
        ArgumentNullException.ThrowIfNull(artifacts);
        var settings = builder.Services.AddOptionsWithValidateOnStart<PostgreSqlTrackingOptions>()
            .Validate(static options => options.MaxWriters >= 1, $"{nameof(PostgreSqlTrackingOptions)}.{nameof(PostgreSqlTrackingOptions.MaxWriters)} is at least 1.");
        if (configure is not null) settings.Configure(configure);
        return builder.Use(
            provider =>
            {
                var time = provider.GetRequiredService<TimeProvider>();
                var dialect = new PostgreSqlDialect(connectionString, provider.GetRequiredService<IOptions<PostgreSqlTrackingOptions>>().Value);
                return TrackingBackend.Relational(
                    new RelationalDatabase(dialect, time, provider.GetService<IMeterFactory>()),
                    artifacts(provider),
                    provider.GetRequiredService<IOptions<RegistryOptions>>().Value,
                    time);
            },
            nameof(UsePostgreSql));
    }
}
