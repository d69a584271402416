using System.Globalization;
using Mlops.Testing;

namespace Mlops.Core.Tests;

public sealed class IdsTests
{
    [Fact]
    public void Create_WithinOneMillisecond_Grows()
    {
        var time = new ManualTimeProvider();
        var ids = Enumerable.Range(0, 10_000).Select(_ => Ids.Create(time)).ToArray();
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        var milliseconds = time.GetUtcNow().ToUnixTimeMilliseconds();
        // 4,096 in each; further ones take from the next milliseconds.
        Assert.Equal([milliseconds, milliseconds, milliseconds + 1, milliseconds + 2], new[] { ids[0], ids[4095], ids[4096], ids[9999] }.Select(Milliseconds));
        Assert.All(ids, id => Assert.Equal('7', id[12]));
        Assert.All(ids, id => Assert.Contains(id[16], "89ab"));
    }

    [Fact]
    public void Create_ClockOfItsOwn_TellsItsTime()
    {
        var (early, late) = (new ManualTimeProvider(new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.Zero)), new ManualTimeProvider(new DateTimeOffset(2199, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        foreach (var time in new[] { late, early, late, early }) Assert.Equal(time.GetUtcNow().ToUnixTimeMilliseconds(), Milliseconds(Ids.Create(time)));
        var before = Ids.Create(late);
        late.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(Milliseconds(before) + 1, Milliseconds(Ids.Create(late)));
    }

    [Fact]
    public void Create_SeveralThreads_NeverTheSameAndGrowingInEach()
    {
        var perThread = new string[4][];
        Parallel.For(0, 4, thread => perThread[thread] = [.. Enumerable.Range(0, 5000).Select(_ => Ids.Create(TimeProvider.System))]);
        Assert.All(perThread, ids => Assert.Equal(ids.Order(StringComparer.Ordinal), ids));
        Assert.Equal(20_000, perThread.SelectMany(ids => ids).Distinct().Count());
    }

    private static long Milliseconds(string id) => long.Parse(id[..12], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
