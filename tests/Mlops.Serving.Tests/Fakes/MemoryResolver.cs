using System.Runtime.CompilerServices;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

/// <summary>A registry in memory, as far as serving needs one: one model, whose alias can be moved, and which can be out of reach.</summary>
internal sealed class MemoryResolver : IModelResolver
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ModelVersion? _current;
    private Exception? _failure;
    private int _deliveries;

    public int Watches { get; private set; }

    /// <summary>Gets how many versions watches have delivered and been asked on after.</summary>
    public int Deliveries => Volatile.Read(ref _deliveries);

    public void Point(ModelVersion? version)
    {
        lock (_lock)
        {
            _current = version;
            Change();
        }
    }

    /// <summary>Makes every access fail, running watches too.</summary>
    public void Fail(Exception? failure)
    {
        lock (_lock)
        {
            _failure = failure;
            Change();
        }
    }

    public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_failure is not null) throw _failure;
            return Task.FromResult(_current ?? throw new EntityNotFoundException("model version", uri.ToString(), $"{uri} points nowhere."));
        }
    }

    public async IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        lock (_lock) Watches++;
        ModelVersion? delivered = null;
        while (true)
        {
            Task changed;
            ModelVersion? current;
            lock (_lock)
            {
                if (_failure is not null) throw _failure;
                current = _current;
                changed = _changed.Task;
            }

            if (current is not null && current != delivered)
            {
                yield return delivered = current;
                Interlocked.Increment(ref _deliveries);
                continue;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private void Change()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }
}
