using System.Numerics;

namespace Mlops.Serving;

/// <summary>Counts the predictions of a generation, its failures, and how long some of the predictions take.</summary>
/// <remarks>
/// Counts are spread over the processors, so that a call shares no cache line with another; there is no lock. The first predictions are all timed, then every 16th. Whoever looks at
/// the counts is called when one of them has doubled.
/// </remarks>
internal sealed class GenerationMeter
{
    private const long AllTimed = 256;
    private const long TimedEvery = 16;
    private const long FirstLook = 16;

    private static readonly int s_mask = (int)BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount) - 1;

    private readonly Stripe[] _stripes = new Stripe[s_mask + 1];
    private readonly IThreadPoolWorkItem? _onLook;
    private readonly TimeSpan? _limit;

    /// <summary>Creates a meter.</summary>
    /// <param name="onLook">Runs when it is time to look at the counts; nobody when <see langword="null"/>.</param>
    /// <param name="limit">What takes longer is counted as slow; nothing when <see langword="null"/>.</param>
    /// <param name="isBaseline">Whether it is for what the next generation is compared with, and not for a probation.</param>
    public GenerationMeter(IThreadPoolWorkItem? onLook = null, TimeSpan? limit = null, bool isBaseline = false)
    {
        for (var i = 0; i < _stripes.Length; i++) _stripes[i] = new Stripe();
        _onLook = onLook;
        _limit = limit;
        IsBaseline = isBaseline;
    }

    /// <summary>Gets whether it is for what the next generation is compared with.</summary>
    public bool IsBaseline { get; }

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Gets whether the prediction that begins is to be timed.</summary>
    public bool IsTimed()
    {
        var calls = Volatile.Read(ref MyStripe().Calls);
        return calls < AllTimed || calls % TimedEvery == 0;
    }

    /// <summary>Counts a prediction that succeeded.</summary>
    /// <param name="duration">How long it took; <see langword="null"/> when that was not measured.</param>
    public void OnPredicted(TimeSpan? duration)
    {
        var stripe = MyStripe();
        if (duration is { } time)
        {
            Latencies.Add(time);
            Interlocked.Increment(ref stripe.Timed);
            if (time > _limit) LookAfter(Interlocked.Increment(ref stripe.Slow));
        }

        if (Interlocked.Increment(ref stripe.Calls) is >= FirstLook and var calls) LookAfter(calls);
    }

    /// <summary>Counts a prediction that failed by the model's fault.</summary>
    public void OnFailed()
    {
        var stripe = MyStripe();
        Interlocked.Increment(ref stripe.Calls);
        LookAfter(Interlocked.Increment(ref stripe.Failures));
    }

    public GenerationCounts Count()
    {
        long calls = 0, failures = 0, timed = 0, slow = 0;
        foreach (var stripe in _stripes)
        {
            // Parts before wholes: so none exceeds its whole.
            failures += Volatile.Read(ref stripe.Failures);
            calls += Volatile.Read(ref stripe.Calls);
            slow += Volatile.Read(ref stripe.Slow);
            timed += Volatile.Read(ref stripe.Timed);
        }

        return new GenerationCounts(calls, failures, timed, slow);
    }

    private Stripe MyStripe() => _stripes[Thread.GetCurrentProcessorId() & s_mask];

    private void LookAfter(long count)
    {
        if (_onLook is not null && BitOperations.IsPow2(count)) ThreadPool.UnsafeQueueUserWorkItem(_onLook, preferLocal: false);
    }

    private sealed class Stripe
    {
        public long Calls;
        public long Failures;
        public long Timed;
        public long Slow;
#pragma warning disable CS0169, IDE0051 // Keeps the next stripe off this one's cache line.
        private readonly long _padding0, _padding1, _padding2, _padding3;
#pragma warning restore CS0169, IDE0051
    }
}
