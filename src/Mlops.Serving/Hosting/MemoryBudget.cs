using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>How much memory the models of a host take, and which of those that are loaded on first use have to go for others. Safe for concurrent use.</summary>
/// <remarks>
/// Uses are noted by a number that grows with each load, which costs a prediction a read and, once between two loads, a write. Models used since the last load count as equally recent,
/// which is all that matters: nothing is evicted in between.
/// </remarks>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for has nothing to dispose.
internal sealed class MemoryBudget(long? limit, ServingTelemetry telemetry)
{
    private readonly SemaphoreSlim _admitting = new(1);
    private readonly Lock _lock = new();
    private readonly HashSet<ModelSlot> _slots = [];
    private long _used;
    private int _tick;

    /// <summary>Gets the bytes of the models in memory.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Gets the number that uses are noted by.</summary>
    public int Tick => Volatile.Read(ref _tick);

    /// <summary>Counts a model that was loaded, after making room for it.</summary>
    /// <returns>Whether it keeps to the limit; only one that <paramref name="mustFit"/> always does.</returns>
    /// <exception cref="ModelLoadException">The model is larger than the whole budget, or it must fit and does not.</exception>
    public async Task<bool> AdmitAsync(ModelSlot slot, LoadedModel loaded, bool mustFit, CancellationToken cancellationToken)
    {
        var size = SizeOf(loaded);
        if (size > limit) throw TooLarge(slot, size);
        await _admitting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var fits = await MakeRoomAsync(size).ConfigureAwait(false);
            if (!fits && mustFit) throw Full(slot, size);
            Interlocked.Increment(ref _tick);
            Interlocked.Add(ref _used, size);
            telemetry.OnMemory(slot.Name, size);
            loaded.OnDisposed(() =>
            {
                Interlocked.Add(ref _used, -size);
                telemetry.OnMemory(slot.Name, -size);
            });
            if (slot.IsEvictable)
            {
                slot.Touch();
                lock (_lock) _slots.Add(slot);
            }

            return fits;
        }
        finally
        {
            _admitting.Release();
        }
    }

    /// <summary>Forgets a slot that is closed.</summary>
    public void Forget(ModelSlot slot)
    {
        lock (_lock) _slots.Remove(slot);
    }

    private async Task<bool> MakeRoomAsync(long size)
    {
        if (!(Used + size > limit)) return true;
        ModelSlot[] candidates;
        lock (_lock) candidates = [.. _slots];
        foreach (var candidate in candidates.Select(slot => (Slot: slot, slot.LastUsed)).OrderBy(candidate => candidate.LastUsed))
        {
            if (await candidate.Slot.TryEvictAsync().ConfigureAwait(false))
            {
                Forget(candidate.Slot);
                telemetry.OnEvicted(candidate.Slot.Name);
            }

            if (!(Used + size > limit)) return true;
        }

        return false;
    }

    private static long SizeOf(LoadedModel loaded)
    {
        if (loaded.Model is ISizedModel sized) return Math.Max(0, sized.SizeBytes);
        return loaded.Directory is { } directory
            ? new DirectoryInfo(directory.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length)
            : 0;
    }

    private ModelLoadException TooLarge(ModelSlot slot, long size) => new(
        slot.Source.Address,
        string.Create(CultureInfo.InvariantCulture, $"The model '{slot.Name}' takes {size} bytes, more than the whole budget of the host, {limit}. Raise {nameof(ModelHostOptions)}.{nameof(ModelHostOptions.MemoryBudgetBytes)}."));

    private ModelLoadException Full(ModelSlot slot, long size) => new(
        slot.Source.Address,
        string.Create(CultureInfo.InvariantCulture, $"The model '{slot.Name}' takes {size} bytes, and of the host's budget of {limit} the models in use, and those that are never evicted, take {Used}. Try again when some are not in use, or raise {nameof(ModelHostOptions)}.{nameof(ModelHostOptions.MemoryBudgetBytes)}.")) { IsTransient = true };
}
