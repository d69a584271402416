namespace Mlops.Data;

/// <summary>Reads the rows of a source one by one into columns.</summary>
/// <remarks>
/// A caller moves to a row, appends it as row <c>n</c> of the batch, and goes on with <c>n + 1</c>; when it is told of a problem, it truncates the batch
/// to <c>n</c> rows, since some of the columns may hold the row already.
/// </remarks>
internal abstract class RowReader(string source) : IAsyncDisposable
{
    /// <summary>Gets the file or dataset, for messages.</summary>
    public string Source { get; } = source;

    /// <summary>Gets the line on which the present row starts, or its number, from 1.</summary>
    public abstract long Line { get; }

    /// <summary>Gets the bytes of text in the batch so far; batches end early before they become too large for their offsets.</summary>
    public virtual long TextBytes => 0;

    /// <summary>Moves to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="DataFormatException">What comes next cannot be told into rows.</exception>
    public abstract ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken);

    /// <summary>Appends the present row to the batch.</summary>
    /// <param name="row">The number of rows before it in the batch.</param>
    /// <returns>What is wrong with it; <see langword="null"/> when it was appended.</returns>
    public abstract RowProblem? Append(int row);

    /// <summary>Takes the last rows from the batch.</summary>
    /// <param name="rows">The number of rows that stay.</param>
    public abstract void Truncate(int rows);

    /// <summary>Makes the batch and begins a new one.</summary>
    public abstract DataBatch Build(int rows);

    /// <summary>Gets the present row as the source wrote it, or as near to it as can be had.</summary>
    public abstract string GetText();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
