using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Predicts by a program of its own, in any language, that reads requests from its standard input and writes answers to its standard output: a last resort.</summary>
/// <remarks>
/// <para>A process writes <c>{"protocol": 1}</c> when it is ready. It is sent a line <c>{"id": 7, "inputs": {"x": [[1, 2], [3, 4]]}}</c> for each call, and answers each with a line
/// <c>{"id": 7, "outputs": {"y": [[0.5], [0.7]]}}</c> or <c>{"id": 7, "error": "…", "row": 1}</c>. Tensors are nested arrays of their shape; one element a row may do without the inner arrays. Numbers that JSON does
/// not have are the texts <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c>. What a process writes to its standard error is logged.</para>
/// <para>Processes start with the first call, or by <see cref="StartAsync"/>. One that is too slow or answers nonsense is killed with what it has started; of one that has ended by itself, what it has started sees the end of its input. Its call fails, and the next one starts it anew, after a
/// growing delay where it fails again and again. A caller that cancels, or whose deadline passes, is let go at once; the process finishes the call before it gets another one.</para>
/// <para>Safe for concurrent use. The program is run with the rights of this process: give it no name or arguments that somebody else may choose.</para>
/// </remarks>
/// <example><code>
/// await using var predictor = new ProcessPredictor(signature, new ProcessPredictorOptions { FileName = "python3", Arguments = ["model.py"], ProcessCount = 2 });
/// </code></example>
public sealed class ProcessPredictor : IPredictor, IPredictorAvailability
{
    private readonly string _model;
    private readonly ProcessPredictorOptions _options;
    private readonly TimeProvider _time;
    private readonly ProcessWorker[] _workers;
    private readonly List<ProcessWorker> _free;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _isFree;
    private readonly CancellationTokenSource _disposing = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;
    private int _isDisposed;

    /// <summary>Creates a predictor; no process is started yet.</summary>
    /// <param name="signature">The inputs and outputs.</param>
    /// <param name="options">Which program, and how long to wait for it; what is changed afterwards has no effect.</param>
    /// <param name="model">The model's name, for messages.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range, or no program is named.</exception>
    public ProcessPredictor(ModelSignature signature, ProcessPredictorOptions options, string model = "process", TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(model);
        options.Validate();
        (Signature, _options, _model, _time) = (signature, options.Copy(), model, timeProvider ?? TimeProvider.System);
        var logger = new SafeLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ProcessPredictor>());
        _workers = [.. Enumerable.Range(0, _options.ProcessCount).Select(_ => new ProcessWorker(_options, model, _time, logger))];
        _free = [.. _workers];
        _isFree = new SemaphoreSlim(_workers.Length);
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    /// <inheritdoc/>
    public ModelSignature Signature { get; }

    /// <summary>Starts the processes that do not run, rather than by the first calls. Those that run go on answering.</summary>
    /// <param name="cancellationToken">Ends the waiting; what was begun goes on.</param>
    /// <returns>A task that completes when all processes have told that they are ready.</returns>
    /// <exception cref="PredictionFailedException">A process could not be started, or does not speak the protocol.</exception>
    /// <exception cref="PredictionRejectedException">A process failed before, and is not yet started again.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        var taken = TakeUnready();
        Task[] starts = [.. taken.Select(StartAndReturnAsync)];

        // What is not ready and not free is being started by somebody else.
        var others = _workers.Except(taken).Where(worker => !worker.IsReady).Select(worker => worker.Starting);
        await Task.WhenAll([.. starts, .. others]).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(context);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            PredictionChecks.CheckInputs(Signature, inputs, _model);
            PredictionChecks.CheckOutputs(Signature, inputs, outputs, _model);
        }
        catch (Exception error)
        {
            return ValueTask.FromException(error);
        }

        return inputs.Rows == 0 ? ValueTask.CompletedTask : CallAsync(inputs, outputs, context, cancellationToken);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Tells whether all its processes have failed and are not started again yet.</summary>
    /// <returns>How one of them failed; <see langword="null"/> where a call can be tried.</returns>
    public string? FindObstacle()
    {
        string? found = null;
        foreach (var worker in _workers)
        {
            if (worker.Obstacle is not { } obstacle) return null;
            found = obstacle;
        }

        return $"its process failed and is not yet started again: {found}";
    }

    /// <summary>Closes the inputs of the processes, and kills those that do not end then.</summary>
    /// <returns>A task that completes when none of the processes is left.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            await _closed.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
            await _disposing.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_workers.Select(worker => worker.DisposeAsync().AsTask())).ConfigureAwait(false);
        }
        finally
        {
            _closed.SetResult();
        }
    }

    private async ValueTask CallAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        var worker = await TakeAsync(context, cancellationToken).ConfigureAwait(false);
        Task? unended = null;
        try
        {
            unended = worker.StartAsync();
            await WaitForStartAsync(unended, context, cancellationToken).ConfigureAwait(false);
            var timeLeft = TimeLeft(context);
            worker.Prepare(inputs);
            var exchange = worker.ExchangeAsync();
            unended = exchange;
            ReadOnlyMemory<byte> answer;
            try
            {
                answer = await exchange.WaitAsync(timeLeft, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw DeadlinePredictor.TimedOut(_model);
            }

            unended = null;
            if (worker.Read(answer, outputs) is { } failure) throw await worker.FailAsync(failure).ConfigureAwait(false);
        }
        finally
        {
            // Whatever ends the wait, the next call must not have a process that is still busy with this one.
            if (unended is null) Return(worker);
            else _ = ReturnLaterAsync(worker, unended);
        }
    }

    /// <summary>Waits until a process can be asked. The call has not begun before: a deadline that passes meanwhile rejects it, whoever notices.</summary>
    private async ValueTask WaitForStartAsync(Task starting, PredictionContext context, CancellationToken cancellationToken)
    {
        try
        {
            await starting.WaitAsync(TimeLeft(context), _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Late();
        }
        catch (OperationCanceledException) when (IsLate(context))
        {
            throw Late();
        }
    }

    /// <summary>Waits for a process.</summary>
    private async ValueTask<ProcessWorker> TakeAsync(PredictionContext context, CancellationToken cancellationToken)
    {
        if (!_isFree.Wait(0, CancellationToken.None))
        {
            if (Interlocked.Increment(ref _waiting) > _options.QueueCapacity)
            {
                Interlocked.Decrement(ref _waiting);
                throw new PredictionRejectedException(
                    string.Create(CultureInfo.InvariantCulture, $"{_options.QueueCapacity} calls wait for the processes of the model '{_model}', and no more may. Try later, or raise {nameof(ProcessPredictorOptions.ProcessCount)}."),
                    _options.Timeout == Timeout.InfiniteTimeSpan ? null : _options.Timeout / 2);
            }

            try
            {
                await WaitAsync(context, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

        lock (_lock)
        {
            // The one that was used last, but not one that has failed and is left alone while another one can be asked.
            var place = Math.Max(0, _free.FindLastIndex(static free => free.Obstacle is null));
            var worker = _free[place];
            _free.RemoveAt(place);
            return worker;
        }
    }

    /// <summary>Takes all processes that are free and not ready.</summary>
    private List<ProcessWorker> TakeUnready()
    {
        lock (_lock)
        {
            // A call that was let in has its claim on one of them, whichever that is.
            var taken = _free.Where(worker => !worker.IsReady && _isFree.Wait(0, CancellationToken.None)).ToList();
            _free.RemoveAll(taken.Contains);
            return taken;
        }
    }

    private async Task WaitAsync(PredictionContext context, CancellationToken cancellationToken)
    {
        var timeLeft = TimeLeft(context);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        var waiting = _isFree.WaitAsync(linked.Token);
        try
        {
            await waiting.WaitAsync(timeLeft, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await linked.CancelAsync().ConfigureAwait(false);
            await GiveBackAsync(waiting).ConfigureAwait(false);
            throw Late();
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(ProcessPredictor));
        }
        catch (OperationCanceledException) when (IsLate(context))
        {
            throw Late();
        }
        catch (OperationCanceledException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>A wait that was given up may have been granted in the same moment.</summary>
    private async Task GiveBackAsync(Task waiting)
    {
        try
        {
            await waiting.ConfigureAwait(false);
            _isFree.Release();
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Return(ProcessWorker worker)
    {
        lock (_lock) _free.Add(worker);
        _isFree.Release();
    }

    private async Task StartAndReturnAsync(ProcessWorker worker)
    {
        try
        {
            await worker.StartAsync().ConfigureAwait(false);
        }
        finally
        {
            Return(worker);
        }
    }

    /// <summary>Nobody waits for its outcome any more; a failure was logged where it happened.</summary>
    private async Task ReturnLaterAsync(ProcessWorker worker, Task unended)
    {
        await unended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Return(worker);
    }

    /// <summary>How long the caller waits; the process has its own timeout.</summary>
    private TimeSpan TimeLeft(PredictionContext context)
    {
        if (context.Deadline is not { } deadline) return Timeout.InfiniteTimeSpan;
        var left = deadline - _time.GetUtcNow();
        return left > TimeSpan.Zero ? WaitLimit.Clamp(left) : throw Late();
    }

    private bool IsLate(PredictionContext context) => context.Deadline is { } deadline && deadline <= _time.GetUtcNow();

    private PredictionRejectedException Late() => new($"The deadline of the prediction by '{_model}' passed before it began.");

    private void OnProcessExit(object? sender, EventArgs e)
    {
        foreach (var worker in _workers) worker.Kill();
    }
}
