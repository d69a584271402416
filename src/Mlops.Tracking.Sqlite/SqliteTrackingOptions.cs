namespace Mlops.Tracking.Sqlite;

/// <summary>How tracking uses a SQLite file.</summary>
public sealed class SqliteTrackingOptions
{
    /// <summary>Gets or sets the folder of the artifacts.</summary>
    /// <value>The default value is <see langword="null"/>: beside the database, named as it is with <c>-artifacts</c>; <c>mlops-artifacts</c> for <c>mlops.db</c>.</value>
    public string? ArtifactRoot { get; set; }

    /// <summary>Gets or sets how long to wait for other processes that write to the file.</summary>
    /// <value>The default value is 30 seconds, the least zero.</value>
    public TimeSpan LockTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal string ResolveArtifactRoot(string databasePath)
    {
        if (ArtifactRoot is not null) return ArtifactRoot;
        var file = Path.GetFullPath(databasePath);
        return Path.Combine(Path.GetDirectoryName(file)!, Path.GetFileNameWithoutExtension(file) + "-artifacts");
    }
}
