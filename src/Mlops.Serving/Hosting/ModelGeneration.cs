using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A loaded version with a count of its users. It is disposed once, after it was retired and its last user has gone.</summary>
/// <remarks>
/// One counter holds both facts: it is the number of users, minus <see cref="RetiredBias"/> once retired. Acquiring and releasing are one interlocked operation each,
/// without a loop, so a call neither waits for another nor for a swap.
/// </remarks>
/// <param name="model">Which version it is.</param>
/// <param name="predictor">What answers.</param>
/// <param name="loaded">What is disposed in the end.</param>
/// <param name="onDisposed">Is told of it, and of what that threw.</param>
/// <param name="watch">What knows of the calls that are running. The predictor is not asked: it may be disposed, and one that is made of other models would name one of theirs.</param>
internal sealed class ModelGeneration(HostedModel model, IPredictor predictor, LoadedModel loaded, Action<ModelGeneration, Exception?> onDisposed, CallWatch watch = default) : IThreadPoolWorkItem
{
    private const long RetiredBias = 1L << 40;

    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _users;
    private int _isDisposing;

    public HostedModel Model { get; } = model;

    public IPredictor Predictor { get; } = predictor;

    public CallWatch Watch { get; } = watch;

    /// <summary>Gets or sets what callers rent their batches from while it serves: its signature, with what the versions before it said besides.</summary>
    public ModelSignature CallerSignature { get; set; } = model.Signature;

    /// <summary>Completes when the model is disposed; never fails.</summary>
    public Task Disposed => _disposed.Task;

    /// <summary>Gets whether nobody uses it now.</summary>
    public bool IsIdle => Volatile.Read(ref _users) == 0;

    /// <summary>Asks the predictor why it cannot predict now, though it is loaded; <see langword="null"/> where it can, or does not say, or is retired.</summary>
    public string? FindObstacle()
    {
        if (!TryAcquire()) return null;
        try
        {
            return Predictor.GetService<IPredictorAvailability>()?.FindObstacle();
        }
        catch (Exception error)
        {
            // One that fails must not keep the others from being told of.
            return $"it could not be asked: {error.Message}";
        }
        finally
        {
            Release();
        }
    }

    public bool TryAcquire()
    {
        if (Interlocked.Increment(ref _users) > 0) return true;
        Release();
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == -RetiredBias) BeginDispose();
    }

    /// <summary>Takes it out of service; to be called once.</summary>
    public void Retire()
    {
        if (Interlocked.Add(ref _users, -RetiredBias) == -RetiredBias) BeginDispose();
    }

    /// <summary>Takes it out of service if it has no user.</summary>
    /// <returns>Whether it had none; it is being disposed then. It must not be retired again.</returns>
    public bool TryRetireIdle()
    {
        if (Interlocked.CompareExchange(ref _users, -RetiredBias, 0) != 0) return false;
        BeginDispose();
        return true;
    }

    /// <summary>Disposes the model, away from the caller whose prediction happened to be the last one.</summary>
    void IThreadPoolWorkItem.Execute() => _ = DisposeModelAsync();

    private void BeginDispose()
    {
        // Who tries to acquire a retired generation passes through the drained state again.
        if (Interlocked.Exchange(ref _isDisposing, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private async Task DisposeModelAsync()
    {
        Exception? failure = null;
        try
        {
            await Predictor.DisposeAsync().ConfigureAwait(false);

            // A batch that hangs uses the model still, though its callers are gone.
            await Watch.Disposal.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = error;
        }

        try
        {
            await loaded.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure ??= error;
        }

        try
        {
            onDisposed(this, failure);
        }
        finally
        {
            // A listener that throws must not keep others waiting for ever.
            _disposed.SetResult();
        }
    }
}
