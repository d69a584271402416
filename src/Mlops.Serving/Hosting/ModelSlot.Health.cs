namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    private int _hanging;

    /// <summary>Tells of calls that have begun to hang, or do so no more.</summary>
    public void FindHanging()
    {
        var (hanging, longest) = MeasureCalls();
        var change = hanging - Interlocked.Exchange(ref _hanging, hanging);
        if (change == 0) return;
        _services.Telemetry.OnHanging(Name, change);
        if (change > 0) LogHanging(Name, hanging, longest.TotalSeconds);
        else if (hanging == 0) LogHangEnded(Name);
    }

    private (int Hanging, TimeSpan Longest) MeasureCalls()
    {
        var (hanging, longest) = (0, TimeSpan.Zero);
        foreach (var generation in Generations.List())
        {
            var (count, elapsed) = generation.Watch.Measure();
            hanging += count;
            if (elapsed > longest) longest = elapsed;
        }

        return (hanging, longest);
    }
}
