using System.Threading.Tasks.Sources;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A prediction that waits for a worker or runs in one or several batches. Pooled.</summary>
/// <remarks>
/// <para>The caller owns the tensors until its task completes, so whoever touches them says so first (<see cref="TryTouch"/>). One number counts those who touch them, and
/// has a bit that says that the end is decided. The caller is told by the last one who lets go: at once, when nobody touches them.</para>
/// <para>The caller, the queue and each batch hold a reference; without any, the request goes back to the pool.</para>
/// </remarks>
internal sealed class BatchRequest(BatchScheduler scheduler) : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Ended = 1 << 30;

    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _cancellation;
    private CancellationToken _token;
    private Exception? _error;
    private int _state;
    private int _references;
    private int _remainingRows;
    private ulong[] _widths = [];

    public TensorBatch Inputs { get; private set; } = null!;

    public TensorBatch Outputs { get; private set; } = null!;

    public PredictionContext Context { get; private set; } = null!;

    public PredictionPriority Priority { get; private set; }

    public int Rows { get; private set; }

    /// <summary>Gets the time stamp at which the answer becomes useless.</summary>
    public long Deadline { get; private set; }

    /// <summary>Gets the time stamp after which it is not worth to begin: the deadline, or before it the objective.</summary>
    public long Useful { get; private set; }

    /// <summary>Gets whether it is run before that time also where its answer is expected to come too late.</summary>
    public bool IsTrial { get; private set; }

    public long EnqueuedAt { get; private set; }

    public bool HasEnded => (Volatile.Read(ref _state) & Ended) != 0;

    public ValueTask Task => new(this, _core.Version);

    // What follows belongs to the queue and is guarded by its lock.
    public BatchGroup? Group { get; set; }

    public BatchRequest? Previous { get; set; }

    public BatchRequest? Next { get; set; }

    public int TakenRows { get; set; }

    public void Begin(TensorBatch inputs, TensorBatch outputs, PredictionContext context, long now, long deadline, long useful, bool isTrial, CancellationToken cancellationToken)
    {
        (Inputs, Outputs, Context) = (inputs, outputs, context);
        (Rows, _remainingRows, Priority) = (inputs.Rows, inputs.Rows, context.Priority);
        (EnqueuedAt, Deadline, Useful, IsTrial) = (now, deadline, useful, isTrial);
        _token = cancellationToken;
        _references = 1;
    }

    /// <summary>Ends with its token; to be called before the caller has the task.</summary>
    public void Watch() => _cancellation = _token.UnsafeRegister(static state => ((BatchRequest)state!).Cancel(), this);

    /// <summary>Says that the caller's tensors are about to be read or written.</summary>
    /// <returns>Whether they may be; then <see cref="EndTouch"/> must follow.</returns>
    public bool TryTouch()
    {
        var state = Volatile.Read(ref _state);
        while ((state & Ended) == 0)
        {
            var seen = Interlocked.CompareExchange(ref _state, state + 1, state);
            if (seen == state) return true;
            state = seen;
        }

        return false;
    }

    public void EndTouch()
    {
        // Away from the worker: what follows a caller's await must not hold up the others of the batch.
        if (Interlocked.Decrement(ref _state) == Ended) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>Says that the widths of an output are to be set; under a lock on the request.</summary>
    /// <returns>Whether they were not yet.</returns>
    public bool TrySetWidths(int slot)
    {
        if (_widths.Length <= slot / 64) Array.Resize(ref _widths, (slot / 64) + 1);
        var (word, bit) = (slot / 64, 1UL << (slot % 64));
        if ((_widths[word] & bit) != 0) return false;
        _widths[word] |= bit;
        return true;
    }

    /// <summary>Counts rows that were answered; the last ones end the request. To be called while touching.</summary>
    public void OnAnswered(int rows)
    {
        if (Interlocked.Add(ref _remainingRows, -rows) == 0) TryEnd(null);
    }

    /// <summary>Decides the end, once.</summary>
    /// <param name="error">Why it failed; <see langword="null"/> when it did not.</param>
    /// <returns>Whether this call decided it.</returns>
    public bool TryEnd(Exception? error)
    {
        var state = Volatile.Read(ref _state);
        while ((state & Ended) == 0)
        {
            // Touched until the error is in its place, so that nobody tells the caller before.
            var seen = Interlocked.CompareExchange(ref _state, (state | Ended) + 1, state);
            if (seen == state)
            {
                _error = error;
                EndTouch();
                return true;
            }

            state = seen;
        }

        return false;
    }

    public void AddReference() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0) return;
        (Inputs, Outputs, Context) = (null!, null!, null!);
        (_error, _token, _cancellation) = (null, default, default);
        (_state, TakenRows, Group) = (0, 0, null);
        _widths.AsSpan().Clear();
        _core.Reset();
        scheduler.Return(this);
    }

    /// <summary>Tells the caller.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_error is null) _core.SetResult(true);
        else _core.SetException(_error);
    }

    void IValueTaskSource.GetResult(short token)
    {
        if (_core.GetStatus(token) == ValueTaskSourceStatus.Pending) throw new InvalidOperationException("The prediction has not ended: await its task.");
        // Waits for a cancellation that is under way: afterwards nothing of this prediction knows the request.
        _cancellation.Dispose();
        try
        {
            _core.GetResult(token);
        }
        finally
        {
            Release();
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        if (TryEnd(new OperationCanceledException(_token))) scheduler.OnAbandoned(this);
    }
}
