using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Writes what models are asked, and what they answer, to files: a line for each row of a prediction, and one for each call that fails.</summary>
/// <remarks>
/// <para>A prediction never waits for the log: its values are copied into a bounded queue on the caller's thread and written by another one. What does not fit is dropped and counted, by
/// <see cref="Status"/> and by <c>mlops.payload.dropped</c>. Columns that are sensitive are left out unless <see cref="PayloadLogOptions.Redaction"/> says otherwise.</para>
/// <para>Files are ended by size and by time, and a bounded number of them is kept. While a file is written its name ends in <c>.open</c>. A process that is killed leaves every line that it had written;
/// the next log of the folder cuts off half a last line and ends the file. Safe for concurrent use.</para>
/// </remarks>
/// <example><code>
/// await using var log = new PayloadLog(new PayloadLogOptions { Directory = "payloads" });
/// await using var host = new ModelHost(registry, loader, observers: [log]);
/// </code></example>
public sealed partial class PayloadLog : IPredictionObserver, IAsyncDisposable
{
    private readonly IPredictionObserver _entrance;
    private readonly PayloadWriter _writer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _capacity;
    private readonly Channel<PayloadEntry> _queue = Channel.CreateUnbounded<PayloadEntry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ITimer _timer;
    private readonly Task _writing;
    private readonly ConditionalWeakTable<TensorSpec, PayloadLayout> _layouts = [];
    private long _waiting;
    private long _lastSize;
    private int _hasDropped;

    /// <summary>Creates a log. It looks at once whether its folder can be written; if not, that is no error, but logged, told by <see cref="Status"/>, and tried again.</summary>
    /// <param name="options">What is written, and where; the defaults when <see langword="null"/>. What is changed afterwards has no effect.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; the package has one of its own when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range, or columns are to be hashed without a key.</exception>
    public PayloadLog(PayloadLogOptions? options = null, TimeProvider? timeProvider = null, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null)
    {
        options ??= new PayloadLogOptions();
        options.Validate();
        _time = timeProvider ?? TimeProvider.System;
        _logger = new SafeLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<PayloadLog>());
        _capacity = options.QueueCapacityBytes;
        var folder = new PayloadFolder(Path.GetFullPath(options.Directory), options, _time);
        _writer = new PayloadWriter(options, folder, PayloadTelemetry.Create(meterFactory), _time, _logger);
        _entrance = new SamplingObserver(new Gate(this, new RedactingObserver(new Queue(this), options.Redaction)), options.Sampling, _time);

        // The writing outlives whoever creates the log: it must not keep the creator's trace and other ambient values.
        using (ExecutionContext.SuppressFlow())
        {
            var maintaining = Task.Run(_writer.MaintainAsync);
            _writing = Task.Run(() => WriteAsync(maintaining));
        }

        // Files begin at any time: one that is not written to is ended within an eighth more than its time.
        var tick = options.RollInterval == Timeout.InfiniteTimeSpan ? options.RollInterval : TimeSpan.FromMilliseconds(Math.Max(1, Math.Floor(options.RollInterval.TotalMilliseconds / 8)));
        _timer = _time.CreateDetachedTimer(_ => _queue.Writer.TryWrite(default), null, tick, tick);
    }

    /// <summary>Gets how the log is doing.</summary>
    public PayloadLogStatus Status => new(_writer.WrittenRows, _writer.DroppedRows, Volatile.Read(ref _waiting), _writer.LastError);

    /// <inheritdoc/>
    public void OnLoaded(HostedModel model) => _entrance.OnLoaded(model);

    /// <inheritdoc/>
    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration) => _entrance.OnPredicted(inputs, outputs, context, duration);

    /// <inheritdoc/>
    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration) => _entrance.OnFailed(context, error, duration);

    /// <summary>Waits until everything that was observed before is written or dropped.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>A task that completes then.</returns>
    public Task FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (_queue.Writer.TryWrite(new PayloadEntry { Flushed = flushed }) ? flushed.Task : _writing).WaitAsync(cancellationToken);
    }

    /// <summary>Writes what waits, and ends the files. What is observed afterwards is dropped and counted.</summary>
    /// <returns>A task that completes when the files are ended.</returns>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync(Task maintaining)
    {
        _writer.Probe();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var entry))
            {
                if (entry.Flushed is not null)
                {
                    _writer.Flush();
                    entry.Flushed.SetResult();
                }
                else if (entry.Layout is null)
                {
                    _writer.EndOldFiles();
                }
                else
                {
                    Write(entry);
                }
            }

            _writer.Flush();
        }

        _writer.Complete();
        await maintaining.ConfigureAwait(false);
    }

    private void Write(in PayloadEntry entry)
    {
        try
        {
            _writer.Write(entry);
        }
        catch (Exception error)
        {
            // One call that cannot be written must not end the log.
            OnEntryFailed(entry.Model, entry.Lines, error);
        }
        finally
        {
            entry.Release();
            Interlocked.Add(ref _waiting, -entry.Size);
        }
    }

    private PayloadLayout LayoutOf(TensorBatch inputs, TensorBatch outputs)
    {
        // Each signature has specifications of its own, and a layout that goes with it.
        if ((inputs.Count > 0 ? inputs : outputs) is not { Count: > 0 } known) return new PayloadLayout(inputs, outputs);
        if (_layouts.TryGetValue(known[0].Spec, out var layout) && layout.Fits(inputs, outputs)) return layout;
        layout = new PayloadLayout(inputs, outputs);
        _layouts.AddOrUpdate(known[0].Spec, layout);
        return layout;
    }

    /// <summary>Whether a call as large as the last one would be dropped: then it is, before its redaction costs anything.</summary>
    private bool IsFull => Volatile.Read(ref _waiting) + Volatile.Read(ref _lastSize) > _capacity;

    private bool TryReserve(string? model, int rows, long size)
    {
        if (Interlocked.Add(ref _waiting, size) <= _capacity)
        {
            Volatile.Write(ref _lastSize, size);
            return true;
        }

        Interlocked.Add(ref _waiting, -size);
        OnFull(model, rows);
        return false;
    }

    private void OnFull(string? model, int rows)
    {
        _writer.OnDropped(model, rows, "queue_full");
        if (Interlocked.Exchange(ref _hasDropped, 1) == 0) LogQueueFull(_capacity);
    }

    private void Enqueue(in PayloadEntry entry)
    {
        if (_queue.Writer.TryWrite(entry)) return;
        Interlocked.Add(ref _waiting, -entry.Size);
        _writer.OnDropped(entry.Model, entry.Lines, typeof(ObjectDisposedException).FullName!);
        entry.Release();
    }

    private void OnEntryFailed(string? model, int rows, Exception error)
    {
        _writer.OnDropped(model, rows, error.GetType().FullName!);
        LogEntryFailed(error);
    }

    [LoggerMessage(3204, LogLevel.Warning, "Predictions come faster than the payload log writes: {Bytes} bytes wait, and what comes is dropped and counted. This is said once.", EventName = "PayloadQueueFull")]
    private partial void LogQueueFull(long bytes);

    [LoggerMessage(3205, LogLevel.Error, "A prediction could not be written to the payload log, and is dropped.", EventName = "PayloadEntryFailed")]
    private partial void LogEntryFailed(Exception error);

    /// <summary>Lets pass what there may be room for.</summary>
    private sealed class Gate(PayloadLog log, IPredictionObserver observer) : IPredictionObserver
    {
        public void OnLoaded(HostedModel model) => observer.OnLoaded(model);

        public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
        {
            if (log.IsFull) log.OnFull(context.ModelName, inputs.Rows);
            else observer.OnPredicted(inputs, outputs, context, duration);
        }

        public void OnFailed(PredictionContext context, Exception error, TimeSpan duration) => observer.OnFailed(context, error, duration);
    }

    /// <summary>Copies what is left after sampling and redaction.</summary>
    private sealed class Queue(PayloadLog log) : IPredictionObserver
    {
        public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
        {
            if (context.Id == Guid.Empty) context.Id = Ids.CreateGuid(log._time);
            var layout = log.LayoutOf(inputs, outputs);
            var size = PayloadEntry.SizeOf(layout, inputs, outputs);
            if (!log.TryReserve(context.ModelName, inputs.Rows, size)) return;
            PayloadEntry entry;
            try
            {
                entry = PayloadEntry.Of(layout, inputs, outputs, context, duration, log._time.GetUtcNow(), size);
            }
            catch (Exception error)
            {
                // There is no memory for the copy, or it is larger than an array can be.
                Interlocked.Add(ref log._waiting, -size);
                log.OnEntryFailed(context.ModelName, inputs.Rows, error);
                return;
            }

            log.Enqueue(entry);
        }

        public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
        {
            if (context.Id == Guid.Empty) context.Id = Ids.CreateGuid(log._time);
            var entry = PayloadEntry.OfFailure(PayloadLayout.Empty, context, error.GetType().FullName!, duration, log._time.GetUtcNow());
            if (log.TryReserve(context.ModelName, 1, entry.Size)) log.Enqueue(entry);
        }
    }
}
