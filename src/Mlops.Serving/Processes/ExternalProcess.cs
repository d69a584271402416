using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Mlops.Serving;

/// <summary>One running process that answers lines. Used by one caller at a time.</summary>
internal sealed partial class ExternalProcess : IAsyncDisposable
{
    private const int MostLoggedLines = 1000;
    private const int LongestLoggedLine = 2000;

    /// <summary>How long what a process has left in its pipes is waited for, once it has ended: what it has started may keep them open.</summary>
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly StreamWriter _input;
    private readonly StreamReader _output;
    private readonly StreamReader _errors;
    private readonly ProcessLineReader _lines;
    private readonly Task _draining;
    private readonly Task _exited;
    private readonly ProcessPredictorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _model;
    private readonly int _id;

    private ExternalProcess(Process process, ProcessPredictorOptions options, string model, TimeProvider time, ILogger logger)
    {
        (_process, _options, _model, _time, _logger) = (process, options, model, time, logger);
        (_input, _output, _errors) = (process.StandardInput, process.StandardOutput, process.StandardError);
        _id = process.Id;
        _lines = new ProcessLineReader(_output.BaseStream, options.MaxLineBytes);
        _draining = DrainErrorsAsync();
        _exited = process.WaitForExitAsync();
    }

    /// <summary>Starts a process.</summary>
    /// <exception cref="ProcessFailureException">It could not be started.</exception>
    public static ExternalProcess Start(ProcessPredictorOptions options, string model, TimeProvider time, ILogger logger)
    {
        var start = new ProcessStartInfo(options.FileName, options.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = options.WorkingDirectory ?? "",
        };
        foreach (var (name, value) in options.Environment) start.Environment[name] = value;
        try
        {
            return new ExternalProcess(Process.Start(start)!, options, model, time, logger);
        }
        catch (Exception error) when (error is Win32Exception or IOException or InvalidOperationException)
        {
            throw new ProcessFailureException($"it could not be started: {error.Message}", error);
        }
    }

    /// <summary>Waits until it tells that it is ready.</summary>
    /// <exception cref="ProcessFailureException">It ended, told nothing in time, or does not speak the protocol; it is of no use any more.</exception>
    public async Task GreetAsync()
    {
        var line = await ReadLineAsync(default, _options.StartTimeout, "it told nothing within {0} s of its start").ConfigureAwait(false);
        if (ProcessMessages.CheckHandshake(line.Span) is { } problem) throw new ProcessFailureException(problem);
        LogStarted(_model, _id);
    }

    /// <summary>Sends a line and waits for the answer.</summary>
    /// <returns>The answer, valid until the next call.</returns>
    /// <exception cref="ProcessFailureException">The process ended, or did not read and answer in time; it is of no use any more.</exception>
    public Task<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request) => ReadLineAsync(request, _options.Timeout, "it did not answer within {0} s, and was killed");

    /// <summary>Closes the input, and kills the process when it does not end then.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(_input);
        try
        {
            await _exited.WaitAsync(_options.ShutdownTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogNotEnded(_model, _options.ShutdownTimeout.TotalSeconds);
        }

        await KillAsync().ConfigureAwait(false);
    }

    /// <summary>Kills the process and what it has started.</summary>
    public async Task KillAsync()
    {
        Kill();

        // What it has started, and is not to be found any more once it has ended, sees the end of its input.
        Close(_input);
        await Task.WhenAll(_exited, _draining).WaitAsync(s_rest, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Close(_output);
        Close(_errors);
        _process.Dispose();
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended already.
        }
    }

    private static void Close(IDisposable pipe)
    {
        try
        {
            pipe.Dispose();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // Nobody reads any more what was not yet written, or it is being read from just now.
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> request)
    {
        try
        {
            await _input.BaseStream.WriteAsync(request).ConfigureAwait(false);
            await _input.BaseStream.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // A process that reads no more tells what happened by its end, or by its silence.
        }
    }

    /// <summary>Sends a request, unless it is empty, and waits for a line; both within one timeout.</summary>
    private async Task<ReadOnlyMemory<byte>> ReadLineAsync(ReadOnlyMemory<byte> request, TimeSpan timeout, string tooSlow)
    {
        // Both at the same time: a process that answers before it has read all must not wait for us while we wait for it.
        var reading = _lines.ReadLineAsync(CancellationToken.None);
        var writing = request.IsEmpty ? Task.CompletedTask : WriteAsync(request);
        try
        {
            var answer = ReadAllAsync();
            if (await Task.WhenAny(answer, _exited).WaitAsync(timeout, _time).ConfigureAwait(false) != answer)
            {
                // What it has started may keep its output open for ever; what it had written itself is there.
                await ((Task)answer).WaitAsync(s_rest, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!answer.IsCompleted) throw await EndedAsync().ConfigureAwait(false);
            }

            return await answer.ConfigureAwait(false) ?? throw await EndedAsync().ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var reason = writing.IsCompleted ? tooSlow : "it did not read its input within {0} s, and was killed";
            Kill();
            throw new ProcessFailureException(string.Format(System.Globalization.CultureInfo.InvariantCulture, reason, timeout.TotalSeconds));
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException)
        {
            Kill();
            throw new ProcessFailureException(error is InvalidDataException ? error.Message : "its output could not be read", error);
        }

        async Task<ReadOnlyMemory<byte>?> ReadAllAsync()
        {
            var line = await reading.ConfigureAwait(false);
            // One that has answered may still read; one that has ended never will.
            if (line is not null) await writing.ConfigureAwait(false);
            return line;
        }
    }

    private async Task<ProcessFailureException> EndedAsync()
    {
        try
        {
            await _exited.WaitAsync(s_rest, _time).ConfigureAwait(false);
            return new ProcessFailureException(FormattableString.Invariant($"it ended with the exit code {_process.ExitCode}"));
        }
        catch (TimeoutException)
        {
            Kill();
            return new ProcessFailureException("it closed its output");
        }
        catch (InvalidOperationException)
        {
            return new ProcessFailureException("it was ended");
        }
    }

    /// <summary>Reads what the process says beside its answers, so that it never waits for a reader.</summary>
    private async Task DrainErrorsAsync()
    {
        var buffer = new char[4096];
        var line = new System.Text.StringBuilder();
        var lines = 0;
        try
        {
            for (int count; (count = await _errors.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
            {
                if (lines > MostLoggedLines) continue;
                for (var i = 0; i < count; i++)
                {
                    var c = buffer[i];
                    if (c == '\n') lines = LogLine(line, lines);
                    else if (line.Length < LongestLoggedLine && c != '\r') line.Append(c);
                }
            }

            LogLine(line, lines);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Its end is noticed where it is asked.
        }
    }

    private int LogLine(System.Text.StringBuilder line, int lines)
    {
        if (line.Length == 0 || lines > MostLoggedLines) return lines;
        if (lines == MostLoggedLines) LogTooMuch(_model, MostLoggedLines);
        else LogError(_model, line.ToString());
        line.Clear();
        return lines + 1;
    }

    [LoggerMessage(3220, LogLevel.Debug, "The process {Id} answers for the model {Model}.", EventName = "ProcessStarted")]
    private partial void LogStarted(string model, int id);

    [LoggerMessage(3221, LogLevel.Information, "The process of the model {Model} says: {Line}", EventName = "ProcessSaid")]
    private partial void LogError(string model, string line);

    [LoggerMessage(3222, LogLevel.Warning, "The process of the model {Model} has said more than {Lines} lines; the rest is not logged.", EventName = "ProcessSaidTooMuch")]
    private partial void LogTooMuch(string model, int lines);

    [LoggerMessage(3223, LogLevel.Warning, "The process of the model {Model} did not end within {Seconds} s, and is killed.", EventName = "ProcessNotEnded")]
    private partial void LogNotEnded(string model, double seconds);
}
