namespace Mlops.Tracking;

/// <summary>How a model registry notices changes.</summary>
public sealed class RegistryOptions
{
    /// <summary>Gets or sets how often a watcher looks for changes made by other processes; changes of this process are seen at once.</summary>
    /// <value>The default value is 1 second.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);
}
