namespace Mlops.Tracking;

/// <summary>A stretch of the measurements that one thread logs to one run: written by that thread, read by the background writer, without a lock between them.</summary>
/// <param name="length">The number of measurements it has room for.</param>
internal sealed class MetricSegment(int length)
{
    /// <summary>The measurements. What is below <see cref="Published"/> does not change any more.</summary>
    public readonly Metric[] Entries = new Metric[length];

    /// <summary>How many there are; written by the thread after the measurement, and read by the writer before it.</summary>
    public int Published;

    /// <summary>Gets or sets how many the writer has taken.</summary>
    public int Taken { get; set; }

    /// <summary>Gets or sets the stretch that follows; set by the thread within the writer's gate.</summary>
    public MetricSegment? Next { get; set; }

    /// <summary>Makes it empty, so that it can be used again; what is in it is overwritten then.</summary>
    public void Clear() => (Published, Taken, Next) = (0, 0, null);
}
