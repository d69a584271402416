using System.Collections.Concurrent;

namespace Mlops.Tracking;

/// <summary>Knows the handles of a tracker that take nothing more because their runs were deleted, so that they do not keep those from being resumed once they are restored. Safe for concurrent use.</summary>
/// <param name="runs">Keeps the runs.</param>
/// <param name="time">The clock.</param>
internal sealed class RefusedHandles(IRunStore runs, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string RunId, string Holder), bool> _handles = new();

    /// <summary>Notes a handle, if it is one of those.</summary>
    public void Note(BufferedRun handle)
    {
        if (handle.BrokenBy is { } error && TrackingErrors.IsRunDeleted(error)) _handles[(handle.Id, handle.Holder)] = true;
    }

    /// <summary>Notes a handle that has ended, and whose end waited in the spool until it was refused, if its run was deleted.</summary>
    public void Note(Refusal refusal)
    {
        if (!TrackingErrors.IsRunDeleted(refusal.Error)) return;
        foreach (var record in refusal.Records)
        {
            if (record is { Changes.End: not null, Holder: { } holder }) _handles[(record.RunId, holder)] = true;
        }
    }

    /// <summary>Gives back a run that such a handle holds.</summary>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    public async Task GiveBackAsync(string runId, CancellationToken cancellationToken)
    {
        foreach (var handle in _handles.Keys.Where(handle => handle.RunId == runId))
        {
            try
            {
                // In the name of the handle: who has resumed the run since keeps it.
                await runs.UpdateRunAsync(runId, new RunChanges { End = new RunEnd(RunStatus.Killed, StoredTime.Now(time)), Holder = handle.Holder }, cancellationToken).ConfigureAwait(false);
            }
            catch (EntityConflictException error) when (TrackingErrors.IsRunDeleted(error))
            {
                // Whoever resumes it is told to restore it first.
                return;
            }
            catch (Exception error) when (TrackingErrors.IsOutOfHand(error))
            {
                // It has ended, or somebody else has it.
            }

            _handles.TryRemove(handle, out _);
        }
    }
}
