using Microsoft.Extensions.Logging;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Tells the observers, and keeps what they throw away from predictions.</summary>
internal sealed partial class PredictionObservers(IEnumerable<IPredictionObserver> observers, ILogger logger)
{
    private readonly Observer[] _observers = [.. observers.Select(observer => new Observer(observer ?? throw new ArgumentNullException(nameof(observers))))];

    public bool Any => _observers.Length > 0;

    public void OnLoaded(HostedModel model)
    {
        foreach (var observer in _observers)
        {
            try
            {
                observer.Target.OnLoaded(model);
            }
            catch (Exception error)
            {
                LogOnce(observer, error);
            }
        }
    }

    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
    {
        foreach (var observer in _observers)
        {
            try
            {
                observer.Target.OnPredicted(inputs, outputs, context, duration);
            }
            catch (Exception error)
            {
                LogOnce(observer, error);
            }
        }
    }

    public void OnFailed(PredictionContext context, Exception failure, TimeSpan duration)
    {
        foreach (var observer in _observers)
        {
            try
            {
                observer.Target.OnFailed(context, failure, duration);
            }
            catch (Exception error)
            {
                LogOnce(observer, error);
            }
        }
    }

    /// <summary>An observer that throws does so at every prediction: the first time says it all.</summary>
    private void LogOnce(Observer observer, Exception error)
    {
        if (observer.MarkFailed()) LogObserverFailed(error, observer.Target.GetType().FullName!);
    }

    [LoggerMessage(3020, LogLevel.Error, "The prediction observer {Observer} threw. Predictions go on; further exceptions of it are not logged.", EventName = "ObserverFailed")]
    private partial void LogObserverFailed(Exception error, string observer);

    private sealed class Observer(IPredictionObserver target)
    {
        private int _hasFailed;

        public IPredictionObserver Target { get; } = target;

        public bool MarkFailed() => Volatile.Read(ref _hasFailed) == 0 && Interlocked.Exchange(ref _hasFailed, 1) == 0;
    }
}
