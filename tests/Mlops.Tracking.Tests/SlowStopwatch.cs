using Mlops.Tests;

namespace Mlops.Tracking.Tests;

/// <summary>A clock whose stopwatch loses a thousandth, so that its timers fire early by it.</summary>
internal sealed class SlowStopwatch(TimeProvider inner) : DelegatingTimeProvider(inner)
{
    public override long GetTimestamp() => base.GetTimestamp() / 1000 * 999;
}
