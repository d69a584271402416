namespace Mlops.Serving;

/// <summary>Tells the caller's cancellation, which is never wrapped, from a timeout somewhere below, which is a failure.</summary>
internal static class Cancellation
{
    public static bool IsCancellation(this Exception error, CancellationToken cancellationToken)
        => error is OperationCanceledException && cancellationToken.IsCancellationRequested;

    /// <summary>Makes the failed or cancelled task that an async method would return for the exception.</summary>
    public static ValueTask ToValueTask(this Exception error, CancellationToken cancellationToken)
        => error.IsCancellation(cancellationToken) ? ValueTask.FromCanceled(cancellationToken) : ValueTask.FromException(error);
}
