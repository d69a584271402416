using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The requests that wait, and which come next. Not safe for concurrent use: the scheduler's lock guards it.</summary>
/// <remarks>
/// <para>The highest class that has requests leads a batch; but a class that was passed over eight times in a row leads the next one, so none starves.
/// Of the leading class, the groups take turns. The batch is filled with the group's requests in order of their arrival: those of the leading class, then the others' from the highest on.</para>
/// <para>Taking, adding and removing are O(1) for each request.</para>
/// </remarks>
internal sealed class BatchQueue(BatchLayout layout)
{
    /// <summary>The number of priority classes.</summary>
    public const int Classes = 3;

    private const int MaxPassedOver = 8;

    /// <summary>Of more groups, the time that some take tells that of the others: whoever asks holds up the queue.</summary>
    private const int MaxSeenGroups = 64;

    private readonly Dictionary<int, BatchGroup> _groups = [];
    private readonly BatchGroup? _onlyGroup = layout.HasGroups ? null : new BatchGroup(0, null);
    private readonly Queue<BatchGroup>[] _turns = [new(), new(), new()];
    private readonly int[] _rows = new int[Classes];
    private readonly int[] _passedOver = new int[Classes];
    private long _lastTurn;

    /// <summary>Gets how many rows wait.</summary>
    public int Rows => _rows[0] + _rows[1] + _rows[2];

    public static int ClassOf(BatchRequest request) => ClassOf(request.Priority);

    public static int ClassOf(PredictionPriority priority) => Math.Clamp((int)priority, 0, Classes - 1);

    /// <summary>What it takes until a new request is answered: the batches that go before it, of other groups too, and its own.</summary>
    /// <param name="inputs">The inputs of the request.</param>
    /// <param name="hash">What the layout says of them.</param>
    /// <param name="priority">Its class.</param>
    /// <param name="limit">How many rows a batch has at most.</param>
    /// <returns>The batches, ≥ 1, and the rows in them.</returns>
    public (long Batches, long Rows) MeasureUntil(TensorBatch inputs, int hash, int priority, int limit)
    {
        var own = _onlyGroup ?? Find(inputs, hash);
        var rows = inputs.Rows + (long)(own?.RowsUpTo(priority) ?? 0);
        var batches = BatchesOf(rows, limit);
        var others = MeasureOthers(own, priority, limit, batches);
        (batches, rows) = (batches + others.Batches, rows + others.Rows);
        for (var lower = priority + 1; lower < Classes; lower++)
        {
            if (_rows[lower] == 0) continue;
            var led = (batches - 1 + _passedOver[lower]) / MaxPassedOver;
            (batches, rows) = (batches + led, rows + Math.Min(led * limit, _rows[lower]));
        }

        return (batches, rows);
    }

    /// <summary>Adds a request, of which the queue then holds a reference.</summary>
    /// <param name="request">The request.</param>
    /// <param name="hash">What the layout says of its inputs.</param>
    public void Add(BatchRequest request, int hash)
    {
        request.AddReference();
        var group = _onlyGroup ?? FindGroup(request.Inputs, hash);
        group.Add(request);
        var priority = ClassOf(request);
        _rows[priority] += request.Rows;
        if (!group.IsInTurn[priority]) AddTurn(group, priority);
    }

    /// <summary>Removes a request, if it waits here.</summary>
    public void Remove(BatchRequest request)
    {
        if (request.Group is not { } group) return;
        _rows[ClassOf(request)] -= request.Rows - request.TakenRows;
        group.Remove(request);
        if (group.Count == 0) RemoveGroup(group);
        request.Release();
    }

    /// <summary>Takes the rows of the next batch.</summary>
    /// <param name="parts">Receives them.</param>
    /// <param name="limit">How many rows at most.</param>
    /// <param name="admit">Given a request and the limit: how many rows its batch may have at most, ≥ 1; −1 where it is to be dropped, of which the callee has told it.</param>
    /// <returns>How many rows were taken; 0 when none wait.</returns>
    public int Take(List<BatchPart> parts, int limit, Func<BatchRequest, int, int> admit)
    {
        while (true)
        {
            var lead = ChooseClass();
            if (lead < 0) return 0;
            var group = NextInTurn(lead);
            if (group is null) continue;
            var rows = Fill(parts, group, lead, 0, ref limit, admit);
            for (var priority = 0; priority < Classes; priority++)
            {
                if (priority != lead) rows = Fill(parts, group, priority, rows, ref limit, admit);
            }

            if (group.First(lead) is not null) AddTurn(group, lead);
            if (rows == 0) continue;
            OnLed(lead);
            return rows;
        }
    }

    /// <summary>When the oldest request arrived; the queue is not empty.</summary>
    public long Oldest()
    {
        var oldest = long.MaxValue;
        foreach (var turns in _turns)
        {
            foreach (var group in turns)
            {
                for (var priority = 0; priority < Classes; priority++)
                {
                    if (group.First(priority) is { } first) oldest = Math.Min(oldest, first.EnqueuedAt);
                }
            }
        }

        return oldest;
    }

    /// <summary>Shows every request that waits; the callee may remove the one it is shown.</summary>
    public void Visit(Action<BatchRequest> visit)
    {
        if (_onlyGroup is not null)
        {
            Visit(_onlyGroup, visit);
            return;
        }

        foreach (var first in _groups.Values.ToArray())
        {
            for (var group = first; group is not null;)
            {
                var next = group.NextOfHash;
                Visit(group, visit);
                group = next;
            }
        }
    }

    private static void Visit(BatchGroup group, Action<BatchRequest> visit)
    {
        for (var priority = 0; priority < Classes; priority++)
        {
            for (var request = group.First(priority); request is not null;)
            {
                var next = request.Next;
                visit(request);
                request = next;
            }
        }
    }

    private int Fill(List<BatchPart> parts, BatchGroup group, int priority, int rows, ref int limit, Func<BatchRequest, int, int> admit)
    {
        while (rows < limit && group.First(priority) is { } request)
        {
            var admitted = request.HasEnded ? -1 : admit(request, limit);
            if (admitted < 0)
            {
                Remove(request);
                continue;
            }

            // One that cannot wait for so large a batch leads the next one.
            if (admitted <= rows) break;
            limit = Math.Min(limit, admitted);
            var taken = Math.Min(request.Rows - request.TakenRows, limit - rows);
            request.AddReference();
            parts.Add(new BatchPart(request, request.TakenRows, taken));
            request.TakenRows += taken;
            _rows[priority] -= taken;
            group.OnTaken(priority, taken);
            rows += taken;
            if (request.TakenRows == request.Rows) Remove(request);
        }

        return rows;
    }

    private void AddTurn(BatchGroup group, int priority)
    {
        var turns = _turns[priority];
        // Of groups whose requests were all cancelled; nothing else removes them while nothing is taken.
        if (turns.Count > 64 && turns.Count > 2 * _groups.Count)
        {
            for (var i = turns.Count; i > 0; i--)
            {
                var other = turns.Dequeue();
                if (other.First(priority) is null) other.IsInTurn[priority] = false;
                else turns.Enqueue(other);
            }
        }

        group.IsInTurn[priority] = true;
        group.Turn[priority] = ++_lastTurn;
        turns.Enqueue(group);
    }

    private int ChooseClass()
    {
        for (var priority = Classes - 1; priority >= 0; priority--)
        {
            if (_turns[priority].Count > 0 && _passedOver[priority] >= MaxPassedOver) return priority;
        }

        for (var priority = 0; priority < Classes; priority++)
        {
            if (_turns[priority].Count > 0) return priority;
        }

        return -1;
    }

    private void OnLed(int lead)
    {
        for (var priority = 0; priority < Classes; priority++)
        {
            if (priority == lead || _rows[priority] == 0) _passedOver[priority] = 0;
            else if (priority > lead) _passedOver[priority]++;
        }
    }

    /// <summary>The group whose turn it is; <see langword="null"/> when what it had has gone with others' batches.</summary>
    private BatchGroup? NextInTurn(int priority)
    {
        var group = _turns[priority].Dequeue();
        group.IsInTurn[priority] = false;
        return group.First(priority) is null ? null : group;
    }

    private static long BatchesOf(long rows, int limit) => (rows + limit - 1) / limit;

    /// <summary>The batches of other groups before the last one of a group that has as many as it is said to: those of higher classes all, of its own class one in each turn.</summary>
    private (long Batches, long Rows) MeasureOthers(BatchGroup? own, int priority, int limit, long ownBatches)
    {
        var (batches, rows, seen) = (0L, 0L, 0);
        foreach (var first in _groups.Values)
        {
            for (var group = first; group is not null; group = group.NextOfHash)
            {
                if (ReferenceEquals(group, own)) continue;
                var isAfter = own?.IsInTurn[priority] == true && own.Turn[priority] < group.Turn[priority];
                var inTurn = Math.Min(BatchesOf(group.RowsUpTo(priority), limit), isAfter ? ownBatches - 1 : ownBatches);
                var before = Math.Max(BatchesOf(group.RowsUpTo(priority - 1), limit), inTurn);
                batches += before;
                rows += Math.Min(before * limit, group.RowsUpTo(priority));
                seen++;
            }

            if (seen < MaxSeenGroups) continue;
            var all = _groups.Count - (own is null ? 0 : 1);
            return (batches * all / seen, rows * all / seen);
        }

        return (batches, rows);
    }

    private BatchGroup? Find(TensorBatch inputs, int hash)
    {
        for (var group = _groups.GetValueOrDefault(hash); group is not null; group = group.NextOfHash)
        {
            if (layout.CanShare(group.Example!, inputs)) return group;
        }

        return null;
    }

    private BatchGroup FindGroup(TensorBatch inputs, int hash)
        => Find(inputs, hash) ?? (_groups[hash] = new BatchGroup(hash, layout.CreateExample(inputs)) { NextOfHash = _groups.GetValueOrDefault(hash) });

    private void RemoveGroup(BatchGroup group)
    {
        if (group.Example is not { } example) return;
        var first = _groups[group.Hash];
        if (!ReferenceEquals(first, group))
        {
            while (!ReferenceEquals(first.NextOfHash, group)) first = first.NextOfHash!;
            first.NextOfHash = group.NextOfHash;
        }
        else if (group.NextOfHash is { } next)
        {
            _groups[group.Hash] = next;
        }
        else
        {
            _groups.Remove(group.Hash);
        }

        example.Dispose();
    }
}
