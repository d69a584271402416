using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Tells the false alarms of a configuration before it runs.</summary>
public static class DriftReportFalseAlarmExtensions
{
    /// <summary>Estimates how many false alarms reports with these options will make.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The profile that will be compared with.</param>
    /// <param name="interval">The time from one report to the next, above 0.</param>
    /// <returns>Upper bounds of the false alarms in a month, for every correction.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above 0, or an option is out of its range.</exception>
    public static FalseAlarmEstimate EstimateFalseAlarms(this DriftReportOptions options, DatasetProfile reference, TimeSpan interval)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(reference);
        return FalseAlarmEstimate.Create(options, reference, interval);
    }
}
