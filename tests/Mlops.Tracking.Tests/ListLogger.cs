using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mlops.Tracking.Tests;

/// <summary>Keeps what a tracker logs, as text providers write it: the message and the exception.</summary>
internal sealed class ListLogger : ILogger<Tracker>
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => Lines.Enqueue($"{logLevel} {eventId.Name}: {formatter(state, exception)} {exception}");
}
