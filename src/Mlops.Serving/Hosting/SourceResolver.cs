using System.Globalization;
using Microsoft.Extensions.Logging;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Asks a source what to serve, in bounded time, leaves no question behind for each attempt where none is answered, and remembers since when there was no answer. Safe for concurrent use.</summary>
internal sealed partial class SourceResolver(string model, ModelSource source, IModelFeed feed, TimeSpan timeout, TimeProvider time, ILogger logger)
{
    private readonly ILogger _logger = logger;
    private readonly Lock _lock = new();
    private SourceFault? _fault;
    private bool _isTold;
    private long _asked;
    private long _settled;
    private int _waiting;
    private int _letGo;

    /// <summary>Gets why there was no answer when the source was asked last, and since when; <see langword="null"/> where there was one.</summary>
    public SourceFault? Fault
    {
        get
        {
            lock (_lock) return _fault;
        }
    }

    /// <summary>Gets whether somebody waits for an answer.</summary>
    public bool IsAsking => Volatile.Read(ref _waiting) > 0;

    /// <summary>Asks the source.</summary>
    /// <param name="isAsked">Whether somebody asks for it: then also while a question that was let go has not been answered.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <exception cref="ModelLoadException">It does not say, or not in time.</exception>
    public async Task<ModelVersion> ResolveAsync(bool isAsked, CancellationToken cancellationToken)
    {
        var question = Interlocked.Increment(ref _asked);
        if (!isAsked && Volatile.Read(ref _letGo) > 0)
        {
            var failure = StillHangs();
            OnFailed(question, Fault?.Error ?? failure); // Why it was let go says more.
            throw failure;
        }

        Interlocked.Increment(ref _waiting);
        try
        {
            var version = await TimedWork.RunAsync(feed.ResolveAsync, timeout, time, LetGo, cancellationToken).ConfigureAwait(false);
            OnAnswered(question);
            return version;
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken))
        {
            var failure = error as ModelLoadException
                ?? new ModelLoadException(source.Address, $"{source} could not be resolved: {error.Message}", error) { IsTransient = error is not EntityNotFoundException };
            OnFailed(question, failure);
            if (ReferenceEquals(failure, error)) throw;
            throw failure;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Notes that somebody is told that there is no answer.</summary>
    /// <returns>Whether nobody was told before.</returns>
    public bool TryTell()
    {
        lock (_lock) return _fault is not null && !_isTold && (_isTold = true);
    }

    private void OnAnswered(long question)
    {
        SourceFault? before;
        bool isTold;
        lock (_lock)
        {
            if (!TrySettle(question)) return;
            (before, isTold) = (_fault, _isTold);
            (_fault, _isTold) = (null, false);
        }

        if (isTold && before is not null) LogAnswersAgain(source, model, (time.GetUtcNow() - before.Since).TotalSeconds);
    }

    private void OnFailed(long question, ModelLoadException error)
    {
        lock (_lock)
        {
            if (!TrySettle(question)) return;

            // "There is no such version" is other news than "nobody is there".
            if (_fault is { } before && before.Error.IsTransient != error.IsTransient) _isTold = false;
            _fault = new SourceFault(_fault?.Since ?? time.GetUtcNow(), error);
        }
    }

    /// <summary>Notes what has become of a question, unless it is known of a later one.</summary>
    private bool TrySettle(long question)
    {
        if (question < _settled) return false;
        _settled = question;
        return true;
    }

    private TimeoutException LetGo(Task running)
    {
        Interlocked.Increment(ref _letGo);
        _ = ForgetAsync(running);
        return new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"it has not answered for {timeout.TotalSeconds:0.###} s.{(feed.WaitsFor is { } obstacle ? $" {obstacle}" : "")}"));
    }

    private async Task ForgetAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _letGo);
    }

    private ModelLoadException StillHangs() => new(
        source.Address,
        $"{source} is not asked again by itself while an earlier question, which was let go, has not been answered. Nothing can end it from outside; {nameof(ModelHost)}.{nameof(ModelHost.ReloadAsync)} asks all the same.") { IsTransient = true };

    [LoggerMessage(3026, LogLevel.Information, "{Source} tells again what {Model} is to serve, for the first time after {Seconds:F0} s.", EventName = "SourceAnswersAgain")]
    private partial void LogAnswersAgain(ModelSource source, string model, double seconds);
}
