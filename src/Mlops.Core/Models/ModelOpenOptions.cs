namespace Mlops.Models;

/// <summary>How a model directory is opened.</summary>
public sealed class ModelOpenOptions
{
    /// <summary>
    /// Gets whether a directory without a manifest is opened: one that another program wrote, such as MLflow. Its files cannot be verified then, and
    /// <see cref="ModelDirectory.Digest"/> is empty. A manifest that is there is verified all the same.
    /// </summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool AllowMissingManifest { get; init; }
}
