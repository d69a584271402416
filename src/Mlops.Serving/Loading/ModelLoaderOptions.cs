using Mlops.Models;

namespace Mlops.Serving;

/// <summary>How <see cref="ModelLoader"/> works.</summary>
public sealed class ModelLoaderOptions
{
    /// <summary>Gets or sets the directory in which model directories are kept, one for each digest, and which version each model served last. Several processes may share it; applications of one name that use different registries need one each.</summary>
    /// <value>The default value is <c>mlops/models</c> below the user's local application data, or below the temporary directory where there is none.</value>
    public string CacheDirectory { get; set; } = DefaultCacheDirectory();

    /// <summary>Gets or sets how long a model directory that no load has used stays in the cache. The ones that hosted models served last stay, for up to a year.</summary>
    /// <value>The default value is 30 days. A model that is loaded goes on without its directory.</value>
    public TimeSpan CacheRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets whether models must be sealed by a trusted key. It is checked before anything of a model is read but its manifest and digests.</summary>
    /// <value>The default value is <see cref="SealPolicy.Ignore"/>.</value>
    public SealPolicy SealPolicy { get; set; } = SealPolicy.Ignore;

    private static string DefaultCacheDirectory()
    {
        var root = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        return Path.Combine(root.Length > 0 ? root : Path.GetTempPath(), "mlops", "models");
    }
}
