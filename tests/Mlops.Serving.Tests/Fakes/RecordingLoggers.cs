using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mlops.Serving.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordingLoggers : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<(EventId Id, LogLevel Level, string Message)> _entries = [];

    /// <summary>Gets or sets what is told the name of each event that is logged, on the thread that logs it.</summary>
    public Action<string?>? OnLogged { get; set; }

    public int Count(string eventName) => _entries.Count(entry => entry.Id.Name == eventName);

    public IEnumerable<LogLevel> Levels(string eventName) => _entries.Where(entry => entry.Id.Name == eventName).Select(entry => entry.Level);

    public IEnumerable<string> Messages(string eventName) => _entries.Where(entry => entry.Id.Name == eventName).Select(entry => entry.Message);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        _entries.Enqueue((eventId, logLevel, formatter(state, exception)));
        OnLogged?.Invoke(eventId.Name);
    }
}
