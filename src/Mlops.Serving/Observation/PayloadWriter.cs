using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

/// <summary>Writes what observers copied to files. One thread at a time writes, another ends files.</summary>
internal sealed partial class PayloadWriter(PayloadLogOptions options, PayloadFolder folder, PayloadTelemetry telemetry, TimeProvider time, ILogger logger)
{
    private const int BufferBytes = 64 * 1024;
    private const int MostOpenFiles = 32;

    private readonly PayloadFormatter _formatter = PayloadFormatter.Create(options.Format);
    private readonly Dictionary<(string? Model, string Header), PayloadFile> _open = [];
    private readonly Dictionary<string, PayloadLayout> _layouts = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly Channel<string> _ended = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly bool _isCsv = options.Format == PayloadFormat.Csv;
    private readonly (long Bytes, TimeSpan Time, TimeSpan RetryDelay) _limits =
        (options.MaxFileBytes, options.RollInterval == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : options.RollInterval, options.RetryDelay);
    private DateTimeOffset _retryAt;
    private string? _lastErrorType;
    private string? _lastError;
    private long _written;
    private long _dropped;
    private long _droppedSinceError;

    public long WrittenRows => Volatile.Read(ref _written);

    public long DroppedRows => Volatile.Read(ref _dropped);

    public string? LastError => Volatile.Read(ref _lastError);

    /// <summary>Notices at once what would else be noticed by the first prediction: that nothing can be written.</summary>
    public void Probe()
    {
        try
        {
            folder.Probe();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            OnFailed(error);
        }
    }

    public void OnDropped(string? model, long rows, string errorType)
    {
        Interlocked.Add(ref _dropped, rows);
        telemetry.OnDropped(model, rows, errorType);
    }

    /// <summary>Writes a call into the file of its model.</summary>
    public void Write(in PayloadEntry entry)
    {
        if (entry.Lines == 0) return;
        if (_lastErrorType is not null && time.GetUtcNow() < _retryAt)
        {
            Drop(entry.Model, entry.Lines);
            return;
        }

        PayloadFile? file = null;
        try
        {
            _lines.ResetWrittenCount();
            var layout = LayoutOf(entry);
            _formatter.Write(entry with { Layout = layout }, _lines);
            file = FileOf(entry.Model, layout, _lines.WrittenCount);
            file.Append(_lines.WrittenSpan, entry.Lines);
            if (file.WaitingBytes >= BufferBytes) Flush(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (file is null) Drop(error, entry.Model, entry.Lines);
            else Abandon(file, error);
        }
    }

    /// <summary>Hands everything to the operating system.</summary>
    public void Flush()
    {
        foreach (var file in _open.Values.ToArray()) TryFlush(file);
    }

    /// <summary>Ends the files whose time has come.</summary>
    public void EndOldFiles()
    {
        foreach (var file in _open.Values.ToArray())
        {
            if (time.GetUtcNow() - file.Created >= _limits.Time) End(file);
        }
    }

    /// <summary>Ends all files.</summary>
    public void Complete()
    {
        foreach (var file in _open.Values.ToArray()) End(file);
        _ended.Writer.Complete();
    }

    /// <summary>Mends what earlier processes left, then ends files as they come, until <see cref="Complete"/>.</summary>
    public async Task MaintainAsync()
    {
        Maintain(folder.Recover);
        await foreach (var path in _ended.Reader.ReadAllAsync().ConfigureAwait(false)) Maintain(() => folder.Finish(path));
    }

    private void Maintain(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogMaintenanceFailed(error, options.Directory);
        }
    }

    private PayloadLayout LayoutOf(in PayloadEntry entry)
    {
        if (entry.Error is null)
        {
            if (_isCsv && entry.Model is not null) _layouts[entry.Model] = entry.Layout;
            return entry.Layout;
        }

        // In CSV a failure has the columns of the predictions beside it.
        return entry.Model is not null && _layouts.TryGetValue(entry.Model, out var known) ? known : entry.Layout;
    }

    private PayloadFile FileOf(string? model, PayloadLayout layout, int bytes)
    {
        var key = (model, _isCsv ? layout.HeaderText : "");
        if (_open.TryGetValue(key, out var file))
        {
            if (time.GetUtcNow() - file.Created < _limits.Time && (!file.HasRows || file.Length + bytes <= _limits.Bytes)) return file;
            End(file);
        }

        if (_open.Count >= MostOpenFiles) End(_open.Values.MinBy(other => other.Created)!);
        file = new PayloadFile(folder.CreatePath(model, _formatter.Extension), _formatter.GetHeader(layout), time.GetUtcNow()) { Key = key };
        return _open[key] = file;
    }

    private void End(PayloadFile file)
    {
        if (TryFlush(file)) Close(file);
    }

    private void Close(PayloadFile file)
    {
        _open.Remove(file.Key);
        file.Dispose();
        // Half a line is cut off by the next log of the folder, which knows the file by its name.
        if (!file.IsBroken) _ended.Writer.TryWrite(file.Path);
    }

    private bool TryFlush(PayloadFile file)
    {
        try
        {
            Flush(file);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Abandon(file, error);
            return false;
        }
    }

    private void Flush(PayloadFile file)
    {
        var rows = file.Flush();
        if (rows == 0) return;
        Interlocked.Add(ref _written, rows);
        telemetry.OnWritten(file.Key.Model, rows);
        if (_lastErrorType is null) return;
        LogRecovered(options.Directory, _droppedSinceError);
        _lastErrorType = null;
        _droppedSinceError = 0;
        Volatile.Write(ref _lastError, null);
    }

    private void Abandon(PayloadFile file, Exception error)
    {
        var rows = file.Abandon();
        Close(file);
        Drop(error, file.Key.Model, rows);
    }

    private void Drop(Exception error, string? model, long rows)
    {
        OnFailed(error);
        Drop(model, rows);
    }

    private void OnFailed(Exception error)
    {
        var isFirst = _lastErrorType is null;
        _lastErrorType = error.GetType().FullName!;
        Volatile.Write(ref _lastError, error.Message);
        _retryAt = time.GetUtcNow() + _limits.RetryDelay;
        if (isFirst) LogWriteFailed(error, options.Directory);
    }

    private void Drop(string? model, long rows)
    {
        _droppedSinceError += rows;
        OnDropped(model, rows, _lastErrorType!);
    }

    [LoggerMessage(3201, LogLevel.Error, "The payload log cannot write to {Directory}. What it would write is dropped and counted, and it tries again.", EventName = "PayloadWriteFailed")]
    private partial void LogWriteFailed(Exception error, string directory);

    [LoggerMessage(3202, LogLevel.Information, "The payload log writes to {Directory} again; rows dropped meanwhile: {Rows}.", EventName = "PayloadWriteRecovered")]
    private partial void LogRecovered(string directory, long rows);

    [LoggerMessage(3203, LogLevel.Warning, "The payload log could not end, compress or delete files in {Directory}; it tries again with the next file.", EventName = "PayloadMaintenanceFailed")]
    private partial void LogMaintenanceFailed(Exception error, string directory);
}
