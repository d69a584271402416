using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>How much memory the models of a host take, and which of those that are loaded on first use have to go for others. Safe for concurrent use.</summary>
/// <remarks>
/// Uses are noted by a number that grows with each load and each tick of the host's <see cref="HangWatch"/>, which costs a prediction a read and, once for each number, a write. Of two models the one whose last use
/// lies more than a period of the watch before that of the other goes first; models last used within one period, without a load in between, count as equally recent.
/// </remarks>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for has nothing to dispose.
internal sealed class MemoryBudget(long? limit, ServingTelemetry telemetry, TimeProvider time)
{
    private static readonly TimeSpan s_usualDisposal = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestDisposal = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _evicting = new(1);
    private readonly Lock _lock = new();
    private readonly HashSet<MemoryReservation> _loaded = [];
    private MemoryReservation? _claimant;
    private long _claim;
    private long _used;
    private long _reserved;
    private long _evictable;
    private long _tick;

    /// <summary>Gets the bytes of the models in memory.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Gets the number that uses are noted by.</summary>
    public long Tick => Volatile.Read(ref _tick);

    /// <summary>What a model says that it takes, or else its files.</summary>
    public static long SizeOf(LoadedModel loaded) => loaded.Model is ISizedModel sized ? Math.Max(0, sized.SizeBytes) : loaded.Directory is { } directory ? SizeOf(directory) : 0;

    /// <summary>The size of the files.</summary>
    public static long SizeOf(ModelDirectory directory) => new DirectoryInfo(directory.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    /// <summary>Tells uses from now on from those before.</summary>
    public void BeginPeriod() => Interlocked.Increment(ref _tick);

    /// <summary>Takes room for a model that is about to be made, evicting others where there is none.</summary>
    public async Task ReserveAsync(MemoryReservation reservation, long bytes, CancellationToken cancellationToken)
    {
        // Who needs no room of others does not wait for those who do.
        if (TrySet(reservation, bytes)) return;
        await _evicting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // What is freed for it is not for others.
            lock (_lock) (_claimant, _claim) = (reservation, bytes - reservation.Bytes);
            var disposals = new List<Task>();
            bool isFreed;
            do
            {
                if (TrySet(reservation, bytes)) return;

                // Models that were in use, or being loaded, may be idle by now.
                isFreed = false;
                foreach (var slot in FindCandidates())
                {
                    if (TrySet(reservation, bytes)) return;
                    if (slot.TryEvict() is not { } disposal) continue;
                    disposals.Add(disposal);
                    telemetry.OnEvicted(slot.Name);

                    // Its memory is free when it is disposed, and counts until then; where that takes long, another one goes.
                    isFreed |= await IsFreedAsync(disposals, s_usualDisposal, cancellationToken).ConfigureAwait(false);
                }
            }
            while (isFreed || await IsFreedAsync(disposals, s_longestDisposal, cancellationToken).ConfigureAwait(false));

            if (!TrySet(reservation, bytes, isForced: !reservation.MustFit)) throw Full(reservation.Slot, bytes);
        }
        finally
        {
            lock (_lock) (_claimant, _claim) = (null, 0);
            _evicting.Release();
        }
    }

    /// <summary>Counts a model that is in memory now.</summary>
    /// <returns>Whether the models keep to the limit.</returns>
    public async Task<bool> ConfirmAsync(MemoryReservation reservation, long bytes, CancellationToken cancellationToken)
    {
        await ReserveAsync(reservation, bytes, cancellationToken).ConfigureAwait(false);
        bool fits;
        BeginPeriod();
        lock (_lock)
        {
            reservation.IsLoaded = true;
            _reserved -= bytes;
            _used += bytes;
            _loaded.Add(reservation);
            fits = !(_used + _reserved > limit);
        }

        reservation.Slot.Touch();
        telemetry.OnMemory(reservation.Slot.Name, bytes);
        return fits;
    }

    /// <summary>Gives room back: the model is disposed, or was never made.</summary>
    public void Return(MemoryReservation reservation)
    {
        lock (_lock)
        {
            if (reservation.IsReturned) return;
            reservation.IsReturned = true;
            if (reservation.IsLoaded) _used -= reservation.Bytes;
            else _reserved -= reservation.Bytes;
            if (reservation.Slot.IsEvictable) _evictable -= reservation.Bytes;
            _loaded.Remove(reservation);
        }

        if (reservation.IsLoaded) telemetry.OnMemory(reservation.Slot.Name, -reservation.Bytes);
    }

    private bool TrySet(MemoryReservation reservation, long bytes, bool isForced = false)
    {
        lock (_lock)
        {
            var change = bytes - reservation.Bytes;
            var claim = ReferenceEquals(_claimant, reservation) ? 0 : _claim;
            var others = claim + (reservation.Slot.IsEvictable ? _evictable - reservation.Bytes : _evictable);

            // There is always room for one, however large: a model that is never loaded would serve nobody.
            if (change > 0 && _used + _reserved + claim + change > limit && others > 0 && !isForced) return false;
            reservation.Bytes = bytes;
            _reserved += change;
            if (reservation.Slot.IsEvictable) _evictable += change;
            return true;
        }
    }

    private ModelSlot[] FindCandidates()
    {
        lock (_lock)
        {
            return [.. _loaded.Select(reservation => reservation.Slot).Where(slot => slot.IsEvictable).Distinct()
                .Select(slot => (Slot: slot, slot.LastUsed)).OrderBy(candidate => candidate.LastUsed).Select(candidate => candidate.Slot)];
        }
    }

    /// <summary>Waits until one of the models that were evicted is disposed, but not for long: others wait for their turn to evict, and one may hang in its disposal.</summary>
    private async Task<bool> IsFreedAsync(List<Task> disposals, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (disposals.Count == 0) return false;
        await ((Task)Task.WhenAny(disposals)).WaitAsync(patience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return disposals.RemoveAll(disposal => disposal.IsCompleted) > 0;
    }

    private ModelLoadException Full(ModelSlot slot, long size) => new(
        slot.Source.Address,
        string.Create(CultureInfo.InvariantCulture, $"The model '{slot.Name}' takes {size} bytes, and of the host's budget of {limit} the models in use, those that are being loaded or disposed, and those that are never evicted, take {Used + Interlocked.Read(ref _reserved)}. Try again when some are not in use, or raise {nameof(ModelHostOptions)}.{nameof(ModelHostOptions.MemoryBudgetBytes)}.")) { IsTransient = true };
}
