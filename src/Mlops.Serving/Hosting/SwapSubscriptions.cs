using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Who is told of the swaps of a host: of what serves already when they subscribe, and then of each swap once, in order and one at a time. Safe for concurrent use.</summary>
/// <param name="onFailed">Is told what a subscriber throws, and of which model it was told.</param>
internal sealed class SwapSubscriptions(Action<Exception, string> onFailed)
{
    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];
    private long _last;

    /// <summary>Adds a subscriber and tells it of what serves, as far as the others were told of that.</summary>
    public IDisposable Add(Action<ModelSwap> callback, IEnumerable<ModelSlot> slots)
    {
        lock (_lock)
        {
            var subscription = new Subscription(this, callback, ++_last);
            _subscriptions.Add(subscription);
            foreach (var slot in slots)
            {
                // What was switched to a moment ago is told to all, in its turn.
                var (model, change) = slot.Generations.Present;
                if (model is null || change != slot.Told.Change) continue;
                slot.Told = (change, subscription.Number);
                Call(subscription, new ModelSwap(null, model));
            }

            return subscription;
        }
    }

    /// <summary>Tells of the swaps of a slot that nobody was told of yet.</summary>
    public void Tell(ModelSlot slot)
    {
        lock (_lock)
        {
            while (slot.Generations.TryDequeueChange() is { } next)
            {
                var before = slot.Told.Subscription;
                slot.Told = (next.Number, _last);
                foreach (var subscription in _subscriptions.ToArray())
                {
                    // Who came while the model was out of memory does not know it yet.
                    if (!next.IsAgain) Call(subscription, next.Swap);
                    else if (subscription.Number > before) Call(subscription, new ModelSwap(null, next.Swap.Current));
                }
            }
        }
    }

    private void Call(Subscription subscription, ModelSwap swap)
    {
        try
        {
            subscription.Callback(swap);
        }
        catch (Exception error)
        {
            onFailed(error, swap.Current.Name);
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (_lock) _subscriptions.Remove(subscription);
    }

    private sealed class Subscription(SwapSubscriptions subscriptions, Action<ModelSwap> callback, long number) : IDisposable
    {
        public Action<ModelSwap> Callback => callback;

        /// <summary>Gets how many had subscribed when this one did.</summary>
        public long Number => number;

        public void Dispose() => subscriptions.Remove(this);
    }
}
