using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>How far the load of a version is. A snapshot.</summary>
/// <param name="Step">What is being done.</param>
/// <param name="Version">The version; <see langword="null"/> before it is known.</param>
/// <param name="Elapsed">How long the step has taken so far.</param>
public sealed record ModelLoadProgress(ModelLoadStep Step, ModelVersion? Version, TimeSpan Elapsed)
{
    /// <summary>Describes the progress in one line.</summary>
    /// <returns>The description: <c>version 4: WarmingUp for 0.120 s</c>.</returns>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{(Version is null ? "a version" : $"version {Version.Version}")}: {Step} for {Elapsed.TotalSeconds:F3} s");
}
