using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Asks a source what to serve, in bounded time, and leaves no question behind for each attempt where none is answered. Safe for concurrent use.</summary>
internal sealed class SourceResolver(ModelSource source, IModelFeed feed, TimeSpan timeout, TimeProvider time)
{
    private int _open;
    private int _letGo;

    /// <summary>Gets whether a question has not been answered yet, also one that nobody waits for any more.</summary>
    public bool IsAsking => Volatile.Read(ref _open) > 0;

    /// <summary>Asks the source.</summary>
    /// <param name="isAsked">Whether somebody asks for it: then also while a question that was let go has not been answered.</param>
    /// <param name="cancellationToken">Cancels the question.</param>
    /// <exception cref="ModelLoadException">It does not say, or not in time.</exception>
    public async Task<ModelVersion> ResolveAsync(bool isAsked, CancellationToken cancellationToken)
    {
        if (!isAsked && Volatile.Read(ref _letGo) > 0) throw StillHangs();
        Interlocked.Increment(ref _open);
        try
        {
            return await TimedWork.RunAsync(AskAsync, timeout, time, LetGo, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ModelLoadException && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(source.Address, $"{source} could not be resolved: {error.Message}", error) { IsTransient = error is not EntityNotFoundException };
        }
    }

    private async Task<ModelVersion> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await feed.ResolveAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
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
}
