namespace Mlops.Monitoring;

/// <summary>A monitor and the engine that turns its snapshots into alerts.</summary>
/// <param name="Monitor">The monitor.</param>
/// <param name="Alerts">The engine.</param>
public sealed record MonitoredModel(ModelMonitor Monitor, AlertEngine Alerts);
