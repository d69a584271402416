using Mlops.Artifacts;
using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>A run that is going on: the handle that logs to it.</summary>
/// <remarks>
/// <para>Safe for concurrent use. What is logged is buffered and written in the background, in order; the buffer is bounded, so a slow store slows the caller down.
/// <see cref="FlushAsync"/> and <see cref="CompleteAsync"/> return when everything logged before, by any thread, is durable: in the store or, while that cannot be written, in the
/// spool of the tracker.</para>
/// <para>The values of params and tags whose names say that they are secret are masked, and so are secrets within texts.</para>
/// <para>Disposed without having been completed, the run ends as <see cref="RunStatus.Failed"/>.</para>
/// </remarks>
public abstract class Run : IAsyncDisposable
{
    /// <summary>Gets the identifier, 32 hexadecimal digits.</summary>
    public abstract string Id { get; }

    /// <summary>Gets the experiment it belongs to.</summary>
    public abstract string ExperimentId { get; }

    /// <summary>Gets the run as it was left when this handle completed it; <see langword="null"/> while it goes on, and when it ended in another way.</summary>
    public virtual RunSnapshot? CompletedSnapshot => null;

    /// <summary>Gives the run another name, for people.</summary>
    /// <param name="name">The name, 1 to 250 characters.</param>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public abstract void SetName(string name);

    /// <summary>Logs a param.</summary>
    /// <param name="name">The name, 1 to 250 characters.</param>
    /// <param name="value">The value, at most 6000 characters.</param>
    /// <exception cref="EntityConflictException">The param was logged to this handle with another value; params are immutable.</exception>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public abstract void LogParam(string name, string value);

    /// <summary>Logs a param.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="name">The name, 1 to 250 characters.</param>
    /// <param name="value">The value, written in the invariant culture; dates and times as ISO 8601 has them.</param>
    /// <exception cref="EntityConflictException">The param was logged to this handle with another value; params are immutable.</exception>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public void LogParam<T>(string name, T value)
        where T : IFormattable
    {
        ArgumentNullException.ThrowIfNull(value);
        LogParam(name, value.ToString(value is DateTime or DateTimeOffset or DateOnly or TimeOnly ? "O" : null, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Logs several params: all of them, or none when one of them is not allowed or known with another value.</summary>
    /// <param name="values">The params by name.</param>
    /// <exception cref="EntityConflictException">A param was logged to this handle with another value; params are immutable.</exception>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public abstract void LogParams(IEnumerable<KeyValuePair<string, string>> values);

    /// <summary>Logs a measurement.</summary>
    /// <param name="name">The name, 1 to 250 characters.</param>
    /// <param name="value">The value; NaN and infinities are kept.</param>
    /// <param name="step">Where in the series it belongs.</param>
    /// <param name="timestamp">When it was measured, from 1970 on; now when <see langword="null"/>.</param>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public abstract void LogMetric(string name, double value, long step = 0, DateTimeOffset? timestamp = null);

    /// <summary>Sets a tag, replacing an earlier value.</summary>
    /// <param name="name">The name, 1 to 250 characters.</param>
    /// <param name="value">The value, at most 8000 characters.</param>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public abstract void SetTag(string name, string value);

    /// <summary>Removes a tag; one that is absent is passed over.</summary>
    /// <param name="name">The name, 1 to 250 characters.</param>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public abstract void RemoveTag(string name);

    /// <summary>Notes a dataset that the run used.</summary>
    /// <param name="dataset">The dataset, with its fingerprint.</param>
    /// <param name="context">What it was used for: <c>training</c>, <c>validation</c>, <c>test</c>; empty when that is not said.</param>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public abstract void LogInput(DatasetReference dataset, string context = "");

    /// <summary>Stores a file with the run, at once.</summary>
    /// <param name="path">The path within the run, with <c>/</c>.</param>
    /// <param name="content">The content, read to its end.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The file as it is in the artifact store.</returns>
    /// <exception cref="RunFinishedException">The run has ended.</exception>
    public abstract Task<Artifact> LogArtifactAsync(string path, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Waits until everything logged so far is durable.</summary>
    /// <param name="cancellationToken">Cancels the waiting, not the writing.</param>
    /// <returns>A task that completes when it is.</returns>
    /// <exception cref="StorageException">Something could not be written; it is kept and tried again. Where <see cref="StorageException.IsContentRefused"/> says so, it cannot be kept and is left out.</exception>
    /// <exception cref="EntityConflictException">A param has another value in the store already; it is left out, and the rest is written.</exception>
    public abstract Task FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>Flushes and ends the run.</summary>
    /// <param name="status">How it ended: <see cref="RunStatus.Finished"/>, <see cref="RunStatus.Failed"/> or <see cref="RunStatus.Killed"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>
    /// The run as it was left. While the store cannot be written, the end waits in the spool like everything else; what is returned then is what this handle knows, without metrics.
    /// </returns>
    /// <exception cref="RunFinishedException">The run had ended before.</exception>
    /// <exception cref="StorageException">Something could not be written; the run goes on. Where <see cref="StorageException.IsContentRefused"/> says so, the run has ended without it.</exception>
    /// <exception cref="EntityConflictException">A param has another value in the store already; the run has ended with the rest.</exception>
    public abstract Task<RunSnapshot> CompleteAsync(RunStatus status = RunStatus.Finished, CancellationToken cancellationToken = default);

    /// <summary>Ends the run as <see cref="RunStatus.Failed"/> unless it was completed; the tag <see cref="RunTags.Error"/> says so, unless it says something already.</summary>
    /// <returns>A task that completes when everything logged is durable.</returns>
    public async ValueTask DisposeAsync()
    {
        await DisposeAsyncCore().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the run as <see cref="RunStatus.Failed"/> unless it was completed.</summary>
    /// <returns>A task that completes when everything logged is durable.</returns>
    protected abstract ValueTask DisposeAsyncCore();
}
