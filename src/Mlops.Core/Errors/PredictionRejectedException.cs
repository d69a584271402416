namespace Mlops;

/// <summary>A prediction was not attempted, because the host is over its capacity, shutting down, or the deadline had passed.</summary>
public sealed class PredictionRejectedException : MlopsException
{
    /// <summary>Creates the exception; it is transient where another attempt is of use.</summary>
    /// <param name="message">Why, and what to do.</param>
    /// <param name="retryAfter">How long to wait before another attempt; <see langword="null"/> where another attempt is useless.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public PredictionRejectedException(string message, TimeSpan? retryAfter = null, Exception? innerException = null)
        : base(message, innerException)
    {
        RetryAfter = retryAfter;
        IsTransient = retryAfter is not null;
    }

    /// <summary>Gets how long to wait before another attempt; <see langword="null"/> where another attempt is useless.</summary>
    public TimeSpan? RetryAfter { get; }
}
