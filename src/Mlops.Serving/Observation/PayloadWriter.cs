using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

/// <summary>Writes what observers copied to files. One thread at a time writes, another ends files.</summary>
internal sealed partial class PayloadWriter(PayloadLogOptions options, PayloadFolder folder, PayloadTelemetry telemetry, TimeProvider time, ILogger logger)
{
    private const int BufferBytes = 64 * 1024;
    private const int MostOpenFiles = 32;

    /// <summary>While it is looked for what earlier processes left: what is closed meanwhile would be taken for that.</summary>
    private const int MostOpenAtFirst = 512;

    private readonly PayloadFormatter _formatter = PayloadFormatter.Create(options.Format);
    private readonly Dictionary<(string? Model, string Header), PayloadFile> _files = [];

    /// <summary>Those that the operating system has open, the one that was used last at the end.</summary>
    private readonly List<PayloadFile> _open = [];
    private readonly Dictionary<string, PayloadLayout> _layouts = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly Channel<string> _ended = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly bool _isCsv = options.Format == PayloadFormat.Csv;
    private readonly (long Bytes, TimeSpan Time, TimeSpan RetryDelay) _limits =
        (options.MaxFileBytes, options.RollInterval == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : options.RollInterval, options.RetryDelay);
    private volatile bool _hasRecovered;
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
        // What is not open has nothing that waits.
        foreach (var file in _open.ToArray()) TryFlush(file);
    }

    /// <summary>Ends the files whose time has come.</summary>
    public void EndOldFiles()
    {
        foreach (var file in _files.Values.ToArray())
        {
            if (time.GetUtcNow() - file.Created >= _limits.Time) End(file);
        }
    }

    /// <summary>Ends all files.</summary>
    public void Complete()
    {
        foreach (var file in _files.Values.ToArray()) End(file);
        _ended.Writer.Complete();
    }

    /// <summary>Mends what earlier processes left, then ends files as they come, until <see cref="Complete"/>.</summary>
    public async Task MaintainAsync()
    {
        Maintain(folder.Recover);
        _hasRecovered = true;
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
        if (_files.TryGetValue(key, out var file))
        {
            if (time.GetUtcNow() - file.Created < _limits.Time && (!file.HasRows || file.Length + bytes <= _limits.Bytes) && TryUse(file)) return file;
            End(file);
        }

        MakeRoom();
        file = new PayloadFile(folder.CreatePath(model, _formatter.Extension), _formatter.GetHeader(layout), time.GetUtcNow()) { Key = key };
        _open.Add(file);
        return _files[key] = file;
    }

    private bool TryUse(PayloadFile file)
    {
        if (_open.Count > 0 && ReferenceEquals(_open[^1], file)) return true;
        if (!_open.Remove(file))
        {
            MakeRoom();
            if (!file.TryResume()) return false;
        }

        _open.Add(file);
        return true;
    }

    /// <summary>Closes, but does not end, the file that was not used for longest where too many are open.</summary>
    private void MakeRoom()
    {
        while (_open.Count >= (_hasRecovered ? MostOpenFiles : MostOpenAtFirst))
        {
            var oldest = _open[0];
            if (!TryFlush(oldest)) continue;
            oldest.Suspend();
            _open.Remove(oldest);
        }
    }

    private void End(PayloadFile file)
    {
        if (TryFlush(file)) Close(file);
    }

    private void Close(PayloadFile file)
    {
        _files.Remove(file.Key);
        _open.Remove(file);
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
