namespace Mlops.Testing.Tests;

public sealed class ManualTimeProviderTests
{
    [Fact]
    public void Advance_PastATimer_FiresItAtItsTime()
    {
        var clock = new ManualTimeProvider();
        var start = clock.GetUtcNow();
        var fired = new List<TimeSpan>();
        using var timer = clock.CreateTimer(_ => fired.Add(clock.GetUtcNow() - start), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));

        clock.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(8)], fired);
        Assert.Equal(TimeSpan.FromSeconds(9), clock.GetUtcNow() - start);
        Assert.Equal(TimeSpan.FromSeconds(9), clock.GetElapsedTime(start.UtcTicks));
    }

    [Fact]
    public void Change_AndDispose_StopATimer()
    {
        var clock = new ManualTimeProvider();
        var fired = 0;
        var timer = clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        Assert.True(timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, fired);

        timer.Change(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, fired);

        timer.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        timer.Dispose();
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, fired);
    }

    [Fact]
    public async Task Delay_OverTheClock_EndsWhenItIsMoved()
    {
        var clock = new ManualTimeProvider();
        var delay = Task.Delay(TimeSpan.FromDays(1), clock, TestContext.Current.CancellationToken);
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromDays(1));
        await delay;
    }

    [Fact]
    public void AdvanceTo_ThePast_IsRefused()
    {
        var clock = new ManualTimeProvider();
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.AdvanceTo(clock.GetUtcNow() - TimeSpan.FromTicks(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Advance(TimeSpan.FromTicks(-1)));
    }
}
