using Mlops.Testing;

namespace Mlops.Serving.Tests.Health;

public sealed class RunningCallsTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly HangWatch _watch;

    public RunningCallsTests()
    {
        _watch = new HangWatch(TimeSpan.FromSeconds(10), _time, static () => { });
        _watch.Start();
    }

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void Measure_NestedCallsOfSeveralOwners_TellsThemApart()
    {
        var (outer, inner) = (new RunningCalls(_watch), new RunningCalls(_watch));
        var thread = outer.Begin(out var began);
        for (var second = 0; second < 20; second++) _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Same(thread, inner.Begin(out _));
        Assert.Equal(1, MeasureElsewhere(outer).Hanging);
        Assert.Equal(0, MeasureElsewhere(inner).Hanging);
        for (var second = 0; second < 20; second++) _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1), (MeasureElsewhere(outer).Hanging, MeasureElsewhere(inner).Hanging));
        Assert.InRange(MeasureElsewhere(outer).Longest, TimeSpan.FromSeconds(38), TimeSpan.FromSeconds(40));
        Assert.InRange(MeasureElsewhere(inner).Longest, TimeSpan.FromSeconds(18), TimeSpan.FromSeconds(20));
        thread.Pop();
        Assert.Equal((1, default), (MeasureElsewhere(outer).Hanging, MeasureElsewhere(inner)));
        thread.Pop();
        Assert.Equal(default, MeasureElsewhere(outer));
        Assert.True(began > 0);
    }

    [Fact]
    public void Begin_DeeperThanAnybodyExpected_NotesEachCall()
    {
        const int Depth = 100;
        var calls = new RunningCalls(_watch);
        for (var depth = 0; depth < Depth; depth++) calls.Begin(out _);
        for (var second = 0; second < 20; second++) _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Depth, MeasureElsewhere(calls).Hanging);
        for (var depth = 0; depth < Depth; depth++) ThreadCalls.Own.Pop();
        Assert.Equal(default, MeasureElsewhere(calls));
    }

    /// <summary>However many calls are awaited, the next one looks at one place only: the one that was given up last.</summary>
    [Fact]
    public void BeginAwait_ThousandsInFlight_TakesThePlaceThatBecameFree()
    {
        const int Calls = 10_000;
        var calls = new RunningCalls(_watch);
        var places = Enumerable.Range(0, Calls).Select(_ => calls.BeginAwait(_watch.Now)).ToArray();
        Assert.Equal(Calls, places.Distinct().Count());
        foreach (var place in new[] { places[17], places[^1], places[0] })
        {
            calls.EndAwait(place);
            Assert.Equal(place, calls.BeginAwait(_watch.Now));
        }

        for (var second = 0; second < 20; second++) _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Calls, calls.Measure().Hanging);
        foreach (var place in places) calls.EndAwait(place);
        Assert.Equal(default, calls.Measure());
    }

    [Fact]
    public void Begin_OnAThreadThatHasCalledBefore_AllocatesNothing()
    {
        var calls = new RunningCalls(_watch);
        calls.Begin(out _).Pop();
        calls.EndAwait(calls.BeginAwait(1));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var call = 0; call < 1000; call++)
        {
            var thread = calls.Begin(out var stamp);
            calls.EndAwait(calls.BeginAwait(stamp));
            thread.Pop();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Measure_WhileThreadsComeAndGo_SeesThoseThatRun()
    {
        var calls = new RunningCalls(_watch);
        using var gate = new ManualResetEventSlim();
        using var begun = new CountdownEvent(8);
        var waiting = Enumerable.Range(0, begun.InitialCount).Select(_ => Start(() =>
        {
            begun.Signal();
            gate.Wait();
        })).ToArray();
        begun.Wait(TestContext.Current.CancellationToken);
        for (var round = 0; round < 100; round++) Start(static () => { }).Join();
        for (var second = 0; second < 20; second++) _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(waiting.Length, calls.Measure().Hanging);
        gate.Set();
        foreach (var thread in waiting) thread.Join();
        Assert.Equal(default, calls.Measure());

        Thread Start(Action during)
        {
            var thread = new Thread(() =>
            {
                var own = calls.Begin(out _);
                during();
                own.Pop();
            });
            thread.Start();
            return thread;
        }
    }

    private static (int Hanging, TimeSpan Longest) MeasureElsewhere(RunningCalls calls)
    {
        (int, TimeSpan) measured = default;
        var thread = new Thread(() => measured = calls.Measure());
        thread.Start();
        thread.Join();
        return measured;
    }
}
