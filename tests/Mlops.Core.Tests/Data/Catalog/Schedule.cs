namespace Mlops.Core.Tests.Data.Catalog;

/// <summary>Lets actors do their steps one at a time, in an order drawn at random: now many of one actor, now turn by turn.</summary>
internal sealed class Schedule(int seed)
{
    private readonly Random _random = new(seed);
    private readonly Lock _lock = new();
    private readonly List<(int Actor, TaskCompletionSource Step)> _waiting = [];

    public Task StepAsync(int actor)
    {
        var step = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _waiting.Add((actor, step));
        return step.Task;
    }

    public async Task RunAsync(params Task[] actors)
    {
        var (all, current) = (Task.WhenAll(actors), 0);
        while (!all.IsCompleted)
        {
            TaskCompletionSource? next = null;
            lock (_lock)
            {
                if (_random.Next(4) == 0) current = _random.Next(actors.Length);
                var index = _waiting.FindIndex(waiting => waiting.Actor == current);
                // One who does nothing yet is waited for a while, and then another one goes on.
                if (index < 0 && _waiting.Count > 0 && _random.Next(20) == 0) index = _random.Next(_waiting.Count);
                if (index >= 0)
                {
                    next = _waiting[index].Step;
                    _waiting.RemoveAt(index);
                }
            }

            next?.SetResult();
            await Task.Yield();
        }

        await all;
    }
}
