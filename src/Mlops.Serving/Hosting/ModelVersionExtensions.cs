using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>What serving asks of versions.</summary>
internal static class ModelVersionExtensions
{
    /// <summary>Tells whether two are the same files under the same number; stages, tags and descriptions may differ.</summary>
    public static bool IsSameAs(this ModelVersion version, ModelVersion other)
        => version.Name == other.Name && version.Version == other.Version && version.Digest == other.Digest;

    /// <summary>Gets the number as metrics and spans show it.</summary>
    public static string ToNumberText(this ModelVersion version) => version.Version.ToString(CultureInfo.InvariantCulture);
}
