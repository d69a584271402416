using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Mlops.Data;

/// <summary>Reads several sources of batches at the same time, and delivers them one source after another.</summary>
internal static class OrderedParallel
{
    private const int WaitingBatches = 4;

    /// <summary>Reads the sources.</summary>
    /// <param name="sources">Start to read a source.</param>
    /// <param name="parallelism">How many are read at the same time.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The batches of the first source, then those of the second, and so on; an error of a source comes after the batches before it.</returns>
    public static async IAsyncEnumerable<DataBatch> ReadAsync(
        IAsyncEnumerable<Func<CancellationToken, IAsyncEnumerable<DataBatch>>> sources, int parallelism, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Queue<(ChannelReader<DataBatch> Batches, Task Reading)>();
        var next = sources.GetAsyncEnumerator(stopping.Token);
        try
        {
            while (true)
            {
                while (running.Count < parallelism && await MoveNextAsync(next).ConfigureAwait(false) is { } source) running.Enqueue(Start(source, stopping.Token));
                if (running.Count == 0) yield break;
                // The reader of the finished source writes its error, if any, into the channel, after its batches.
                await foreach (var batch in running.Peek().Batches.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return batch;
                running.Dequeue();
            }
        }
        finally
        {
            await stopping.CancelAsync().ConfigureAwait(false);
            foreach (var (_, reading) in running) await reading.ConfigureAwait(false);
            await next.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gets the next source; what goes wrong here is told where the source would have been, after the batches before it.</summary>
    private static async ValueTask<Func<CancellationToken, IAsyncEnumerable<DataBatch>>?> MoveNextAsync(IAsyncEnumerator<Func<CancellationToken, IAsyncEnumerable<DataBatch>>> sources)
    {
        try
        {
            return await sources.MoveNextAsync().ConfigureAwait(false) ? sources.Current : null;
        }
        catch (DataFormatException error)
        {
            return _ => FailAsync(error);
        }
    }

    private static async IAsyncEnumerable<DataBatch> FailAsync(DataFormatException error)
    {
        yield return await Task.FromException<DataBatch>(error).ConfigureAwait(false);
    }

    private static (ChannelReader<DataBatch> Batches, Task Reading) Start(Func<CancellationToken, IAsyncEnumerable<DataBatch>> source, CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<DataBatch>(new BoundedChannelOptions(WaitingBatches) { SingleReader = true, SingleWriter = true });
        return (channel.Reader, Task.Run(() => ReadOneAsync(source, channel.Writer, cancellationToken), CancellationToken.None));
    }

    private static async Task ReadOneAsync(Func<CancellationToken, IAsyncEnumerable<DataBatch>> source, ChannelWriter<DataBatch> target, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var batch in source(cancellationToken).ConfigureAwait(false)) await target.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            target.Complete();
        }
        catch (Exception error) // The one who reads the channel gets it.
        {
            target.Complete(error);
        }
    }
}
