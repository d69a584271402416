using System.Text;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Tells another observer of a share of the predictions.</summary>
/// <remarks>
/// <para>Which ones, a hash of <see cref="PredictionContext.RouteKey"/> decides, or of <see cref="PredictionContext.Id"/> where there is no key; an empty id is set. So observers in several
/// processes choose the same predictions by the same key or id, all rows of a call are chosen together, and a larger share contains every smaller one.</para>
/// <para>The hash is FNV-1a of 64 bits over the key in UTF-8, or over the 16 bytes of the id in the order of RFC 9562, finished by the mixing of SplitMix64; its upper 53 bits as a fraction are
/// below the ratio for those that are chosen. Sources: G. Fowler, L. C. Noll, K.-P. Vo; G. Steele, D. Lea, C. Flood (2014). Safe for concurrent use.</para>
/// </remarks>
public sealed class SamplingObserver : IPredictionObserver
{
    private readonly IPredictionObserver _observer;
    private readonly double _ratio;
    private readonly bool _keepsFailures;
    private readonly TimeProvider _time;

    /// <summary>Creates an observer.</summary>
    /// <param name="observer">Who is told; not owned.</param>
    /// <param name="options">Of what; what is changed afterwards has no effect.</param>
    /// <param name="timeProvider">The clock of the ids that are set; the system's when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ratio is none.</exception>
    public SamplingObserver(IPredictionObserver observer, PredictionSamplingOptions options, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (_observer, _ratio, _keepsFailures, _time) = (observer, options.Ratio, options.KeepFailures, timeProvider ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public void OnLoaded(HostedModel model) => _observer.OnLoaded(model);

    /// <inheritdoc/>
    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
    {
        if (IsChosen(context)) _observer.OnPredicted(inputs, outputs, context, duration);
    }

    /// <inheritdoc/>
    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
    {
        if (_keepsFailures || IsChosen(context)) _observer.OnFailed(context, error, duration);
    }

    /// <summary>The place of a key or an id within [0, 1).</summary>
    internal static double FractionOf(string? routeKey, Guid id)
    {
        const int MostOnStack = 256;
        ulong hash;
        if (string.IsNullOrEmpty(routeKey))
        {
            Span<byte> bytes = stackalloc byte[16];
            id.TryWriteBytes(bytes, bigEndian: true, out _);
            hash = Hash(bytes);
        }
        else if (Encoding.UTF8.GetMaxByteCount(routeKey.Length) <= MostOnStack)
        {
            Span<byte> bytes = stackalloc byte[MostOnStack];
            hash = Hash(bytes[..Encoding.UTF8.GetBytes(routeKey, bytes)]);
        }
        else
        {
            hash = Hash(Encoding.UTF8.GetBytes(routeKey));
        }

        return (hash >> 11) * (1.0 / (1UL << 53));
    }

    private bool IsChosen(PredictionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (_ratio >= 1) return true;
        if (_ratio <= 0) return false;
        if (string.IsNullOrEmpty(context.RouteKey) && context.Id == Guid.Empty) context.Id = Ids.CreateGuid(_time);
        return FractionOf(context.RouteKey, context.Id) < _ratio;
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var b in bytes) hash = (hash ^ b) * 0x100000001B3;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
