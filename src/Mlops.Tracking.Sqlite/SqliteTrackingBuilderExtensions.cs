using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chooses SQLite for tracking.</summary>
public static class SqliteTrackingBuilderExtensions
{
    /// <summary>Keeps everything in one SQLite file, which is opened on first use, and the artifacts in a folder beside it.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="path">The file, created with its folders when it does not exist.</param>
    /// <param name="configure">Sets how to use it.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">What is given is no path.</exception>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public static TrackingBuilder UseSqlite(this TrackingBuilder builder, string path, Action<SqliteTrackingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        SqlitePath.Check(path);
        var settings = builder.Services.AddOptionsWithValidateOnStart<SqliteTrackingOptions>()
            .Validate(static options => options.LockTimeout >= TimeSpan.Zero, $"{nameof(SqliteTrackingOptions)}.{nameof(SqliteTrackingOptions.LockTimeout)} is not negative.");
        if (configure is not null) settings.Configure(configure);
        return builder.Use(
            provider =>
            {
                var options = provider.GetRequiredService<IOptions<SqliteTrackingOptions>>().Value;
                var time = provider.GetRequiredService<TimeProvider>();
                return TrackingBackend.Relational(
                    new RelationalDatabase(new SqliteDialect(path, options.LockTimeout), time, provider.GetService<IMeterFactory>()),
                    new LocalArtifactStore(options.ResolveArtifactRoot(path), time),
                    provider.GetRequiredService<IOptions<RegistryOptions>>().Value,
                    time);
            },
            nameof(UseSqlite));
    }
}
