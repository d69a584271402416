using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Predicts the rows of many callers together, because a batch costs less than its rows one by one. Safe for concurrent use.</summary>
/// <remarks>
/// <para>While fewer batches run than <see cref="BatchingOptions.WorkerCount"/> and nothing waits, a prediction runs at once on its caller's thread, as without batching, and allocates nothing.
/// Otherwise it waits, and whichever worker is free next takes what waits: the highest <see cref="PredictionPriority"/> first (of which none starves), only rows of the same
/// widths and of the same values of inputs without rows, at most <see cref="BatchingOptions.MaxBatchRows"/>. There is no timer that holds predictions back.</para>
/// <para>Inputs are copied when a batch is gathered: a caller that cancels, or whose <see cref="PredictionContext.Deadline"/> passes, is let go at once even while its batch runs,
/// and its outputs are not touched afterwards. A run for which nobody waits any more is cancelled. A prediction that runs on its caller's thread ends when the model does.</para>
/// <para>A batch that fails is halved until what fails is alone; the others succeed. What does not fit the signature fails by itself before it waits.</para>
/// <para>What the model sees of a batch is a context of its own, without identifier, route key and deadline. Disposing answers what was taken and rejects the rest;
/// it does not wait for a call that hangs, and the wrapped predictor is then disposed when that ends.</para>
/// </remarks>
public sealed class BatchingPredictor : DelegatingPredictor
{
    private readonly BatchScheduler _scheduler;
    private readonly ServingTelemetry _telemetry;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isDisposed;
    private int _isDisposing;

    /// <summary>Wraps a predictor.</summary>
    /// <param name="innerPredictor">The predictor, owned from now on. Each of its inputs has a row for each row of the batch, or no dimension at all; each of its outputs has a row for each.</param>
    /// <param name="options">How batches are formed; the defaults when <see langword="null"/>. Later changes have no effect.</param>
    /// <param name="model">The name of the model, for messages and measurements.</param>
    /// <param name="budget">What bounds the batches that run over several models; nothing when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; the package has one of its own when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The model cannot be batched: an input or output does not have a row for each row.</exception>
    public BatchingPredictor(
        IPredictor innerPredictor,
        BatchingOptions? options = null,
        string model = "model",
        ComputeBudget? budget = null,
        TimeProvider? timeProvider = null,
        IMeterFactory? meterFactory = null)
        : this(innerPredictor, options, model, budget, timeProvider, ServingTelemetry.Create(meterFactory))
    {
    }

    internal BatchingPredictor(IPredictor innerPredictor, BatchingOptions? options, string model, ComputeBudget? budget, TimeProvider? timeProvider, ServingTelemetry telemetry)
        : base(innerPredictor)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        options = options?.Copy() ?? new BatchingOptions();
        options.Validate();
        _telemetry = telemetry;
        _scheduler = new BatchScheduler(innerPredictor, options, model, budget, timeProvider ?? TimeProvider.System, telemetry);
    }

    /// <summary>Gets what completes when the wrapped predictor is disposed too: after the last call that hangs. Known when disposing has ended.</summary>
    internal Task Disposal { get; private set; } = Task.CompletedTask;

    /// <summary>Gets how it is doing: what waits, what runs, whether a call hangs.</summary>
    /// <returns>The status.</returns>
    public BatchingStatus GetStatus() => _scheduler.GetStatus();

    /// <inheritdoc/>
    public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(context);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        try
        {
            _scheduler.Layout.Check(inputs, outputs);
        }
        catch (PredictionFailedException error)
        {
            return ValueTask.FromException(error);
        }

        if (inputs.Rows == 0) return InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);
        var queued = _scheduler.Begin(inputs, outputs, context, cancellationToken, out var worker);
        return worker is null ? queued : RunHere(worker, inputs, outputs, context, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async ValueTask DisposeAsyncCore()
    {
        if (Interlocked.Exchange(ref _isDisposing, 1) != 0)
        {
            await _closed.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await _scheduler.DisposeAsync().ConfigureAwait(false);
            _isDisposed = true;
            if (_scheduler.Ended.IsCompleted) await base.DisposeAsyncCore().ConfigureAwait(false);
            else Disposal = DisposeLaterAsync();
        }
        finally
        {
            _closed.SetResult();
        }
    }

    /// <summary>A call that hangs still uses the model.</summary>
    private async Task DisposeLaterAsync()
    {
        await _scheduler.Ended.ConfigureAwait(false);
        await base.DisposeAsyncCore().ConfigureAwait(false);
    }

    private ValueTask RunHere(BatchWorker worker, TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        (worker.IsTypical, worker.PredictedRows) = (false, inputs.Rows);
        var isRunning = false;
        try
        {
            var task = InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);
            if (!task.IsCompleted)
            {
                isRunning = true;
                return AwaitAsync(task, worker, inputs.Rows, outputs, cancellationToken);
            }

            task.GetAwaiter().GetResult();
            OnPredicted(worker, inputs.Rows, outputs);
            return default;
        }
        catch (Exception error)
        {
            return error.IsCancellation(cancellationToken) ? ValueTask.FromCanceled(cancellationToken) : ValueTask.FromException(BatchFailure.Of(error, _scheduler.Model));
        }
        finally
        {
            if (!isRunning) _scheduler.OnRun(worker);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAsync(ValueTask task, BatchWorker worker, int rows, TensorBatch outputs, CancellationToken cancellationToken)
    {
        try
        {
            await task.ConfigureAwait(false);
            OnPredicted(worker, rows, outputs);
        }
        catch (Exception error) when (BatchFailure.IsForeign(error) && !error.IsCancellation(cancellationToken))
        {
            throw BatchFailure.Of(error, _scheduler.Model);
        }
        finally
        {
            _scheduler.OnRun(worker);
        }
    }

    private void OnPredicted(BatchWorker worker, int rows, TensorBatch outputs)
    {
        worker.IsTypical = true;
        // A model that fails in batches must not succeed while nobody else calls it.
        if (_scheduler.Layout.FindWrongRows(outputs, rows) is { } wrong) throw wrong;
        _telemetry.OnBatch(_scheduler.Model, rows);
        if (_telemetry.IsQueueMeasured) _telemetry.OnQueued(_scheduler.Model, TimeSpan.Zero);
    }
}
