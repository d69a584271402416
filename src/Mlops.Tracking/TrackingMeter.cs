using System.Diagnostics.Metrics;

namespace Mlops.Tracking;

/// <summary>The meter of this package.</summary>
internal static class TrackingMeter
{
    private const string Name = "Mlops.Tracking";

    private static readonly string s_version = typeof(TrackingMeter).Assembly.GetName().Version?.ToString(3) ?? "";
    private static readonly Lazy<Meter> s_shared = new(() => new Meter(Name, s_version));

    /// <summary>Takes the meter from the host's factory, or the package's own where there is none.</summary>
    public static Meter Create(IMeterFactory? factory) => factory?.Create(new MeterOptions(Name) { Version = s_version }) ?? s_shared.Value;
}
