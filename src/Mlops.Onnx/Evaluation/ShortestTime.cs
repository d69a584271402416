using System.Diagnostics;

namespace Mlops.Onnx;

/// <summary>The shortest time of a call that is measured again and again: on a machine that does other things too, the one that tells most.</summary>
internal sealed class ShortestTime
{
    /// <summary>By how much a time must be shorter to tell that code was compiled again, and not only that the machine was less busy.</summary>
    private const double Faster = 0.95;

    private double _settled = double.MaxValue;

    /// <summary>Gets the shortest time, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Ticks { get; private set; } = long.MaxValue;

    /// <summary>Gets the shortest time.</summary>
    public TimeSpan Duration => Stopwatch.GetElapsedTime(0, Ticks);

    /// <summary>Adds the time of a call.</summary>
    /// <param name="ticks">How long it took, in ticks of <see cref="Stopwatch"/>.</param>
    public void Add(long ticks) => Ticks = Math.Min(Ticks, Math.Max(1, ticks));

    /// <summary>Tells, once, that it has become much shorter.</summary>
    /// <returns>Whether it has since this was last said of it.</returns>
    public bool TakeImprovement()
    {
        if (Ticks >= _settled * Faster) return false;
        _settled = Ticks;
        return true;
    }

    /// <summary>How often longer than another one it is.</summary>
    public double RelativeTo(ShortestTime other) => (double)Ticks / other.Ticks;
}
