using System.Collections.Concurrent;
using System.Diagnostics;

namespace Mlops.Tracking.Tests;

public sealed class RunSpanTests : IDisposable
{
    private readonly FaultyStore _store = new();
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public RunSpanTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Mlops.Core",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task RunAsync_PartOfARun_HasASpanWithinThatOfItsParent()
    {
        await using var tracker = _store.NewTracker();
        var (parentId, childId) = ("", "");
        await tracker.RunAsync(
            "spans 1",
            async parent =>
            {
                parentId = parent.Id;
                childId = (await tracker.RunAsync(parent, run => Task.CompletedTask, null, Token)).Id;
                await Assert.ThrowsAsync<InvalidOperationException>(() => tracker.RunAsync(parent, run => throw new InvalidOperationException(), null, Token));
            },
            null,
            Token);
        var (parentSpan, childSpan) = (Find(parentId), Find(childId));
        Assert.Equal(("train spans 1", parentSpan.SpanId, parentSpan.TraceId), (childSpan.DisplayName, childSpan.ParentSpanId, childSpan.TraceId));
        Assert.Equal(parentId, childSpan.GetTagItem("mlops.run.parent.id"));
        Assert.Empty(childSpan.Links);
        Assert.Null(parentSpan.GetTagItem("mlops.run.parent.id"));
        var failed = Assert.Single(_spans, span => span.Status == ActivityStatusCode.Error && span.ParentSpanId == parentSpan.SpanId);
        Assert.Equal(typeof(InvalidOperationException).FullName, failed.GetTagItem("error.type"));
    }

    [Fact]
    public async Task RunAsync_PartStartedOutsideOfTheSpan_IsLinkedToItsParent()
    {
        await using var tracker = _store.NewTracker();
        var (parentId, aloneId, elsewhereId) = ("", "", "");
        using var elsewhere = new Activity("elsewhere");
        await tracker.RunAsync(
            "spans 2",
            async parent =>
            {
                parentId = parent.Id;
                var flow = ExecutionContext.SuppressFlow();
                var alone = Task.Run(() => tracker.RunAsync(parent, run => Task.CompletedTask, null, Token), Token);
                var within = Task.Run(
                    async () =>
                    {
                        elsewhere.Start();
                        return await tracker.RunAsync(parent, run => Task.CompletedTask, null, Token);
                    },
                    Token);
                flow.Undo();
                (aloneId, elsewhereId) = ((await alone).Id, (await within).Id);
            },
            null,
            Token);
        var parentSpan = Find(parentId);
        Assert.Equal(parentSpan.SpanId, Find(aloneId).ParentSpanId);
        Assert.Equal(elsewhere.SpanId, Find(elsewhereId).ParentSpanId);
        Assert.Equal(parentSpan.Context.SpanId, Assert.Single(Find(elsewhereId).Links).Context.SpanId);
    }

    private Activity Find(string runId) => Assert.Single(_spans, span => runId.Equals(span.GetTagItem("mlops.run.id")));
}
