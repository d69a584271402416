using System.Buffers;
using Microsoft.Extensions.Logging;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A place for one process at a time, which it starts again when it fails. Used by one caller at a time.</summary>
internal sealed partial class ProcessWorker(ProcessPredictorOptions options, string model, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly ArrayBufferWriter<byte> _request = new();
    private readonly Lock _lock = new();
    private volatile ExternalProcess? _process;
    private volatile bool _isDisposed;
    private volatile Failures? _failures;
    private volatile Task _starting = Task.CompletedTask;
    private volatile bool _isReady;
    private long _lastId;

    /// <summary>Gets whether it can be asked at once. Safe for concurrent use.</summary>
    public bool IsReady => _isReady;

    /// <summary>Gets the start that is going on, or the last one. Safe for concurrent use.</summary>
    public Task Starting => _starting;

    /// <summary>Gets why it can be asked nothing now; <see langword="null"/> where it can be tried. Safe for concurrent use.</summary>
    /// <remarks>One that has failed again and again is not thought to be well until it has started.</remarks>
    public string? Obstacle => _failures is { InARow: > 1 } failures && (failures.StartAt > time.GetUtcNow() || !_starting.IsCompleted) ? failures.Last.Message : null;

    /// <summary>Writes the request for a call. The inputs are not needed any more afterwards.</summary>
    public void Prepare(TensorBatch inputs)
    {
        _request.ResetWrittenCount();
        ProcessMessages.WriteRequest(_request, ++_lastId, inputs);
    }

    /// <summary>Sends the request that was prepared to the process that was started.</summary>
    /// <returns>The answer, to be given to <see cref="Read"/>.</returns>
    /// <exception cref="PredictionFailedException">The process failed.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed.</exception>
    public async Task<ReadOnlyMemory<byte>> ExchangeAsync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(ProcessPredictor));
        try
        {
            return await _process!.ExchangeAsync(_request.WrittenMemory).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // What was begun and not ended leaves the process in the middle of a call, whatever ended it.
            throw await FailAsync(error as ProcessFailureException ?? new ProcessFailureException("it could not be asked", error)).ConfigureAwait(false);
        }
    }

    /// <summary>Reads an answer.</summary>
    /// <returns>The failure of the process; <see langword="null"/> where it answered.</returns>
    /// <exception cref="PredictionFailedException">The process answered with an error, or with outputs that do not fit.</exception>
    public ProcessFailureException? Read(ReadOnlyMemory<byte> answer, TensorBatch outputs)
    {
        string? problem;
        try
        {
            problem = ProcessMessages.ReadAnswer(answer.Span, _lastId, outputs, model);
        }
        catch (PredictionFailedException)
        {
            // That it cannot predict these rows is an answer too.
            _failures = null;
            throw;
        }

        if (problem is not null) return new ProcessFailureException(problem);
        _failures = null;
        return null;
    }

    /// <summary>Starts the process, unless it is ready.</summary>
    /// <exception cref="PredictionFailedException">It could not be started.</exception>
    /// <exception cref="PredictionRejectedException">It failed before, and is not yet started again.</exception>
    /// <exception cref="ObjectDisposedException">The predictor is disposed, perhaps since the process was started.</exception>
    public Task StartAsync()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, typeof(ProcessPredictor));
        return _isReady ? Task.CompletedTask : _starting = LaunchAsync();
    }

    /// <summary>Ends the process after a failure.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="isTransient">Whether no call is to blame, because none had been sent.</param>
    public async Task<PredictionFailedException> FailAsync(ProcessFailureException failure, bool isTransient = false)
    {
        var inARow = (_failures?.InARow ?? 0) + 1;
        _failures = new Failures(inARow, failure, time.GetUtcNow() + options.DelayAfter(inARow));
        _isReady = false;
        if (_process is { } process)
        {
            await process.KillAsync().ConfigureAwait(false);
            _process = null;
        }

        LogFailed(model, failure.Message, inARow);
        return new PredictionFailedException(model, $"The process of the model '{model}' failed: {failure.Message}.", failure.InnerException) { IsTransient = isTransient };
    }

    /// <summary>Kills the process, as when this one ends; no other is started.</summary>
    public void Kill() => Close()?.Kill();

    /// <summary>Ends the process, also one that is only starting; no other is started.</summary>
    public ValueTask DisposeAsync() => Close()?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task LaunchAsync()
    {
        if (_failures is { } failures && failures.StartAt - time.GetUtcNow() is var wait && wait > TimeSpan.Zero)
            throw new PredictionRejectedException($"The process of the model '{model}' failed and is not yet started again: {failures.Last.Message}.", wait);
        try
        {
            await Launch().GreetAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Who disposes ends the process, and that is no failure of it.
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(ProcessPredictor));
            throw await FailAsync(error as ProcessFailureException ?? new ProcessFailureException($"it could not be started: {error.Message}", error), isTransient: true).ConfigureAwait(false);
        }

        ObjectDisposedException.ThrowIf(_isDisposed, typeof(ProcessPredictor));
        _isReady = true;
    }

    private ExternalProcess Launch()
    {
        // Who disposes must find what was started before, and nothing may be started after.
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(ProcessPredictor));
            return _process = ExternalProcess.Start(options, model, time, logger);
        }
    }

    private ExternalProcess? Close()
    {
        lock (_lock)
        {
            _isDisposed = true;
            return _process;
        }
    }

    [LoggerMessage(3224, LogLevel.Warning, "The process of the model {Model} failed: {Reason}. It has failed {Failures} times in a row.", EventName = "ProcessFailed")]
    private partial void LogFailed(string model, string reason, int failures);

    /// <summary>What went wrong since the last answer.</summary>
    /// <param name="InARow">How many processes failed.</param>
    /// <param name="Last">How the last one did.</param>
    /// <param name="StartAt">When another one may be started.</param>
    private sealed record Failures(int InARow, ProcessFailureException Last, DateTimeOffset StartAt);
}
