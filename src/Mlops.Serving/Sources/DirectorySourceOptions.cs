namespace Mlops.Serving;

/// <summary>How a model directory is served and followed.</summary>
public sealed class DirectorySourceOptions
{
    /// <summary>Gets or sets whether a directory without a manifest is served: one that another program wrote, such as MLflow. Nothing says then whether it is complete; it is taken when it has not changed for a moment, nor while it was copied.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool AllowMissingManifest { get; set; }

    /// <summary>Gets or sets whether the operating system is asked to tell of changes. It cannot for most network shares, nor for more directories than it has watches for; they are looked at every <see cref="PollInterval"/>.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool UseFileEvents { get; set; } = true;

    /// <summary>Gets or sets how often the directory is looked at, whether or not a change was told.</summary>
    /// <value>The default value is 5 seconds; the least 1 millisecond, the most 49 days.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    internal DirectorySourceOptions Check()
    {
        WaitLimit.CheckInterval(PollInterval, nameof(PollInterval));
        return new DirectorySourceOptions { AllowMissingManifest = AllowMissingManifest, UseFileEvents = UseFileEvents, PollInterval = PollInterval };
    }
}
