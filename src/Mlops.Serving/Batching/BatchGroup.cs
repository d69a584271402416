using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The waiting requests that can share a batch: of the same widths, and the same values of inputs without rows. Guarded by the lock of the queue.</summary>
/// <param name="hash">The hash of what they have in common.</param>
/// <param name="example">What they have in common; <see langword="null"/> where a model has nothing in which requests can differ.</param>
internal sealed class BatchGroup(int hash, TensorBatch? example)
{
    private readonly BatchRequest?[] _first = new BatchRequest?[BatchQueue.Classes];
    private readonly BatchRequest?[] _last = new BatchRequest?[BatchQueue.Classes];

    public int Hash => hash;

    public TensorBatch? Example => example;

    /// <summary>Gets or sets another group of the same hash.</summary>
    public BatchGroup? NextOfHash { get; set; }

    /// <summary>Gets for each class whether the group is among those that wait for their turn.</summary>
    public bool[] IsInTurn { get; } = new bool[BatchQueue.Classes];

    public int Count { get; private set; }

    public BatchRequest? First(int priority) => _first[priority];

    public void Add(BatchRequest request)
    {
        var priority = BatchQueue.ClassOf(request);
        request.Group = this;
        request.Previous = _last[priority];
        if (request.Previous is { } previous) previous.Next = request;
        else _first[priority] = request;
        _last[priority] = request;
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
        Count--;
    }
}
