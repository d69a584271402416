namespace Mlops.Data;

/// <summary>Reads the rows of a source one by one into columns.</summary>
/// <remarks>
/// A caller moves to a row, appends it as row <c>n</c> of the batch, and goes on with <c>n + 1</c>; when it is told of a problem, it truncates the batch
/// to <c>n</c> rows, since some of the columns may hold the row already.
/// </remarks>
internal abstract class RowReader(string source) : IAsyncDisposable
{
    protected const long LargestTextBytes = 64L << 20;

    /// <summary>Gets the file or dataset, for messages.</summary>
    public string Source { get; } = source;

    /// <summary>Gets the line on which the present row starts, or its number, from 1.</summary>
    public abstract long Line { get; }

    /// <summary>Gets the bytes of text in the batch so far; batches end early before they become too large for their offsets.</summary>
    public virtual long TextBytes => 0;

    /// <summary>Gets the number of rows that the batch held when <see cref="AppendAsync"/> threw.</summary>
    public int WholeRows { get; protected set; }

    /// <summary>Moves to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="DataFormatException">What comes next cannot be told into rows.</exception>
    public abstract ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken);

    /// <summary>Appends the present row to the batch.</summary>
    /// <param name="row">The number of rows before it in the batch.</param>
    /// <returns>What is wrong with it; <see langword="null"/> when it was appended.</returns>
    public abstract RowProblem? Append(int row);

    /// <summary>Appends rows to the batch until there are enough, the source ends, or a row does not fit.</summary>
    /// <param name="rows">The number of rows in the batch.</param>
    /// <param name="limit">The number of rows that are enough; fewer are when their texts are long.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The number of rows in the batch, whether the source has ended, and what is wrong with the present row, which the batch is to be truncated for.</returns>
    /// <exception cref="DataFormatException">What comes next cannot be told into rows; <see cref="WholeRows"/> says how many rows came before.</exception>
    public virtual async ValueTask<(int Rows, bool IsEnd, RowProblem? Problem)> AppendAsync(int rows, int limit, CancellationToken cancellationToken)
    {
        WholeRows = rows;
        while (rows < limit && TextBytes < LargestTextBytes)
        {
            var moving = MoveNextAsync(cancellationToken);
            if (!(moving.IsCompletedSuccessfully ? moving.Result : await moving.ConfigureAwait(false))) return (rows, true, null);
            if (Append(rows) is { } problem) return (rows, false, problem);
            WholeRows = ++rows;
        }

        return (rows, false, null);
    }

    /// <summary>Takes the last rows from the batch.</summary>
    /// <param name="rows">The number of rows that stay.</param>
    public abstract void Truncate(int rows);

    /// <summary>Makes the batch and begins a new one.</summary>
    public abstract DataBatch Build(int rows);

    /// <summary>Gets the present row as the source wrote it, or as near to it as can be had.</summary>
    public abstract string GetText();

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
