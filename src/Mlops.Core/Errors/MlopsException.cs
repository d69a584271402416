namespace Mlops;

/// <summary>The root of every failure that Mlops for .NET reports by a type of its own.</summary>
/// <remarks>
/// <para>Mistakes of the caller are BCL exceptions (<see cref="ArgumentException"/>, <see cref="InvalidOperationException"/>,
/// <see cref="ObjectDisposedException"/>); cancellation is always <see cref="OperationCanceledException"/>, never wrapped.</para>
/// <para>A message says what happened, where, and what to do. It never holds a feature value or a secret.</para>
/// </remarks>
public abstract class MlopsException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    protected MlopsException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets whether the same call may succeed when it is repeated later without any change.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IsTransient { get; init; }
}
