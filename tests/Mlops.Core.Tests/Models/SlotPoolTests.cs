using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class SlotPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void TryReturn_MoreThanTheCapacity_KeepsAsManyAndGivesEachOnce(int capacity)
    {
        var pool = new SlotPool<object>(capacity);
        Assert.Null(pool.TryRent());
        var kept = Enumerable.Range(0, capacity).Select(_ => new object()).ToArray();
        Assert.All(kept, item => Assert.True(pool.TryReturn(item)));
        Assert.False(pool.TryReturn(new object()));
        var rented = kept.Select(_ => pool.TryRent()!).ToArray();
        Assert.Equal(capacity, rented.Intersect(kept).Count());
        Assert.Null(pool.TryRent());
        Assert.True(pool.TryReturn(rented[0]));
        Assert.Same(rented[0], pool.TryRent());
    }

    [Fact]
    public async Task TryRent_ManyThreads_NoTwoHaveTheSame()
    {
        var pool = new SlotPool<Owned>(3);
        var created = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () =>
            {
                for (var i = 0; i < 50_000; i++)
                {
                    var item = pool.TryRent();
                    if (item is null)
                    {
                        item = new Owned();
                        Interlocked.Increment(ref created);
                    }

                    Assert.Equal(1, Interlocked.Increment(ref item.Owners));
                    if (i % 16 == 0) Thread.Yield();
                    Interlocked.Decrement(ref item.Owners);
                    pool.TryReturn(item);
                }
            },
            TestContext.Current.CancellationToken)));
        Assert.InRange(created, 1, 8 * 50_000 / 2);
    }

    private sealed class Owned
    {
        public int Owners;
    }
}
