using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The waiting requests that can share a batch: of the same widths, and the same values of inputs without rows. Guarded by the lock of the queue.</summary>
/// <param name="hash">The hash of what they have in common.</param>
/// <param name="example">What they have in common; <see langword="null"/> where a model has nothing in which requests can differ.</param>
internal sealed class BatchGroup(int hash, TensorBatch? example)
{
    private readonly BatchRequest?[] _first = new BatchRequest?[BatchQueue.Classes];
    private readonly BatchRequest?[] _last = new BatchRequest?[BatchQueue.Classes];
    private readonly int[] _rows = new int[BatchQueue.Classes];

    public int Hash => hash;

    public TensorBatch? Example => example;

    /// <summary>Gets or sets another group of the same hash.</summary>
    public BatchGroup? NextOfHash { get; set; }

    /// <summary>Gets for each class whether the group is among those that wait for their turn.</summary>
    public bool[] IsInTurn { get; } = new bool[BatchQueue.Classes];

    /// <summary>Gets for each class in what place the group waits for its turn, while it does: the smallest number comes next.</summary>
    public long[] Turn { get; } = new long[BatchQueue.Classes];

    public int Count { get; private set; }

    public BatchRequest? First(int priority) => _first[priority];

    /// <summary>How many rows wait of a class and those above it.</summary>
    public int RowsUpTo(int priority)
    {
        var rows = 0;
        for (var i = 0; i <= priority; i++) rows += _rows[i];
        return rows;
    }

    /// <summary>Counts rows that a batch has taken.</summary>
    public void OnTaken(int priority, int rows) => _rows[priority] -= rows;

    public void Add(BatchRequest request)
    {
        var priority = BatchQueue.ClassOf(request);
        request.Group = this;
        request.Previous = _last[priority];
        if (request.Previous is { } previous) previous.Next = request;
        else _first[priority] = request;
        _last[priority] = request;
        _rows[priority] += request.Rows;
        Count++;
    }

    public void Remove(BatchRequest request)
    {
        var priority = BatchQueue.ClassOf(request);
        if (request.Previous is { } previous) previous.Next = request.Next;
        else _first[priority] = request.Next;
        if (request.Next is { } next) next.Previous = request.Previous;
        else _last[priority] = request.Previous;
        (request.Previous, request.Next, request.Group) = (null, null, null);
        _rows[priority] -= request.Rows - request.TakenRows;
        Count--;
    }
}
