using Mlops.Models;

namespace Mlops.Serving.Tests;

/// <summary>Models that are made of other models of the same host.</summary>
public sealed class NestedLoadTests : IDisposable
{
    private readonly ServingFixture _fixture = new();
    private readonly ModelHostOptions _options = new() { AutoReload = false, MaxConcurrentLoads = 1, LoadTimeout = TimeSpan.FromDays(40) };

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_MadeOfAnotherModel_LoadsBothInOnePlace(bool isReloaded)
    {
        await using var host = _fixture.CreateHost(_options);
        host.Add("base", ModelSource.FromModel(_ => Task.FromResult<IModel>(new FactorModel(3))));
        host.Add("middle", ModelSource.FromModel(token => MakeOfAsync(host, "base", isReloaded, token)));
        host.Add("top", ModelSource.FromModel(token => MakeOfAsync(host, "middle", isReloaded, token)));
        Assert.Equal(new Y(10, 5), await EndAsync(PredictAsync(host, "top")));
        Assert.Equal(["base", "middle", "top"], host.GetStatus().Where(status => status.Current is not null).Select(status => status.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_MadeOfAModelThatWaitsForItsTurn_HasItLoadedAtOnce(bool isReloaded)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = _fixture.CreateHost(_options);
        host.Add("base", ModelSource.FromModel(_ => Task.FromResult<IModel>(new FactorModel(3))));
        host.Add("top", ModelSource.FromModel(async token =>
        {
            await gate.Task.WaitAsync(token);
            return await MakeOfAsync(host, "base", isReloaded, token);
        }));
        host.Add("later", ModelSource.FromModel(_ => Task.FromResult<IModel>(new FactorModel(9))));
        var top = PredictAsync(host, "top");
        await UntilAsync(() => host.GetStatus("top").Loading?.Step == ModelLoadStep.Loading);
        var later = PredictAsync(host, "later");
        var bottom = PredictAsync(host, "base");
        await UntilAsync(() => new[] { "base", "later" }.All(name => host.GetStatus(name).Loading?.Step == ModelLoadStep.Waiting));
        gate.SetResult();
        Assert.Equal((new Y(8, 4), new Y(6, 3), new Y(18, 9)), (await EndAsync(top), await EndAsync(bottom), await EndAsync(later)));
    }

    [Fact]
    public async Task PredictAsync_MadeOfItself_IsToldSo()
    {
        await using var host = _fixture.CreateHost(_options);
        host.Add("base", ModelSource.FromModel(token => MakeOfAsync(host, "top", false, token)));
        host.Add("top", ModelSource.FromModel(token => MakeOfAsync(host, "base", false, token)));
        var error = await Assert.ThrowsAsync<PredictionRejectedException>(() => EndAsync(PredictAsync(host, "top")));
        Assert.Contains("The model 'top' is asked for by what loads it", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Each has begun to load, and has a place, when it asks for the other.</summary>
    [Fact]
    public async Task PredictAsync_TwoModelsMadeOfEachOtherAtOnce_AreToldSoAndKeepNoPlace()
    {
        _options.MaxConcurrentLoads = 2;
        var begun = 0;
        var bothBegun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = _fixture.CreateHost(_options);
        foreach (var (name, other) in new[] { ("left", "right"), ("right", "left") })
        {
            host.Add(name, ModelSource.FromModel(async token =>
            {
                if (Interlocked.Increment(ref begun) == 2) bothBegun.SetResult();
                await bothBegun.Task.WaitAsync(token);
                return await MakeOfAsync(host, other, false, token);
            }));
        }

        host.Add("other", ModelSource.FromModel(_ => Task.FromResult<IModel>(new FactorModel(3))));
        var calls = new[] { PredictAsync(host, "left"), PredictAsync(host, "right") };
        foreach (var call in calls)
        {
            // The clock stands still: nothing is let go.
            var error = await Assert.ThrowsAsync<PredictionRejectedException>(() => call);
            Assert.Contains("each would wait for the other", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(new Y(6, 3), await PredictAsync(host, "other"));
    }

    /// <summary>A place that is given in the moment in which its load needs it no more, and is cancelled, is not lost.</summary>
    [Fact]
    public async Task TakeAsync_GivenNeededAndCancelledAtOnce_LosesNoPlace()
    {
        await using var host = _fixture.CreateHost(_options);
        host.Add("needed", ModelSource.FromModel(_ => Task.FromResult<IModel>(new FactorModel(3))));
        host.Add("needing", ModelSource.FromModel(_ => Task.FromResult<IModel>(new FactorModel(3))));
        var (needed, needing) = (host.Declare("needed", host.GetStatus("needed").Source, null, true), host.Declare("needing", host.GetStatus("needing").Source, null, true));
        var limit = new LoadLimit(1);
        for (var trial = 0; trial < 500; trial++)
        {
            var held = await limit.TakeAsync(needing, static () => { }, ServingFixture.Token);
            using var cancellation = new CancellationTokenSource();
            var taking = limit.TakeAsync(needed, static () => { }, cancellation.Token).AsTask();
            using var start = new Barrier(3);
            await Task.WhenAll(
                AtStart(start, held.Dispose),
                AtStart(start, () =>
                {
                    using var outer = new LoadPlace(needing, null);
                    outer.Enter();
                    using var waiter = needed.LoadNeed.BeginWait();
                }),
                AtStart(start, cancellation.Cancel));
            await ((Task)taking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (taking.IsCompletedSuccessfully) (await taking).Dispose();
            (await limit.TakeAsync(needing, static () => { }, ServingFixture.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(60), ServingFixture.Token)).Dispose();
        }
    }

    /// <summary>What a model begins to do when it is made goes on when it has been loaded, and is no part of that load then.</summary>
    [Fact]
    public async Task PredictAsync_FromWorkThatALoadHasBegun_WaitsForItsTurnAsAllOthers()
    {
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Y>? own = null, other = null;
        await using var host = _fixture.CreateHost(_options);
        host.Add("other", ModelSource.FromModel(_ => Task.FromResult<IModel>(new FactorModel(3))));
        host.Add("slow", ModelSource.FromModel(async token =>
        {
            await gate.Task.WaitAsync(token);
            return new FactorModel(7);
        }));
        host.Add("top", ModelSource.FromModel(_ =>
        {
            own = Task.Run(async () =>
            {
                await made.Task;
                return await PredictAsync(host, "top");
            });
            other = Task.Run(async () =>
            {
                await made.Task;
                return await PredictAsync(host, "other");
            });
            return Task.FromResult<IModel>(new FactorModel(5));
        }));
        await PredictAsync(host, "top");
        var slow = PredictAsync(host, "slow");
        await UntilAsync(() => host.GetStatus("slow").Loading?.Step == ModelLoadStep.Loading);
        made.SetResult();
        Assert.Equal(new Y(10, 5), await own!);
        await UntilAsync(() => host.GetStatus("other").Loading?.Step == ModelLoadStep.Waiting);
        gate.SetResult();
        Assert.Equal((new Y(14, 7), new Y(6, 3)), (await slow, await other!));
    }

    /// <summary>Runs on a thread of its own, when all others have come there too.</summary>
    private static Task AtStart(Barrier start, Action action) => Task.Factory.StartNew(
        () =>
        {
            start.SignalAndWait();
            action();
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <summary>Makes a model whose factor is one more than that of another one.</summary>
    private static async Task<IModel> MakeOfAsync(ModelHost host, string name, bool isReloaded, CancellationToken token)
    {
        if (isReloaded) await host.ReloadAsync(name, token);
        using var lease = await host.AcquireAsync(name, token);
        return new FactorModel((await ServingFixture.PredictAsync(lease)).Output.Factor + 1);
    }

    private static async Task<Y> PredictAsync(ModelHost host, string name) => await host.GetTyped<X, Y>(name).PredictAsync(new X(2), cancellationToken: ServingFixture.Token);

    /// <summary>Waits for a call; the clock moves on meanwhile, so that a load which waits for itself ends at last.</summary>
    private async Task<Y> EndAsync(Task<Y> call)
    {
        await _fixture.UntilAsync(() => call.IsCompleted);
        return await call;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            ServingFixture.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
