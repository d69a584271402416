using System.Collections.Concurrent;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Serving.Tests;

public sealed class LazyModelTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Add_NotUsed_LoadsNothing()
    {
        await using var host = CreateHost();
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("nothing")));
        Assert.Null(host.GetModel(Name));
        Assert.Equal(0, host.LoadedBytes);
        Assert.Null(host.GetStatus()[0].LastError);
        var error = Assert.Throws<PredictionRejectedException>(() => host.Acquire(Name));
        Assert.Contains(nameof(ModelHost.AcquireAsync), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_ManyCallersAtOnce_LoadOnceAndAllAnswer()
    {
        await _fixture.SaveAsync("model", 3);
        var gate = new TaskCompletionSource();
        var loads = 0;
        _fixture.Flavor.BeforeLoad = (_, _) =>
        {
            Interlocked.Increment(ref loads);
            return gate.Task;
        };
        await using var host = CreateHost();
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")));
        var typed = host.GetTyped<X, Y>(Name);
        var calls = Enumerable.Range(0, 20).Select(_ => typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token).AsTask()).ToList();
        await _fixture.UntilAsync(() => Volatile.Read(ref loads) > 0);
        Assert.All(calls, call => Assert.False(call.IsCompleted));
        gate.SetResult();
        Assert.All(await Task.WhenAll(calls), output => Assert.Equal(new Y(6, 3), output));
        Assert.Equal(1, loads);
        Assert.True(typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token).AsTask().IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_FirstCallIsByNames_LoadsTheModel(bool isBatch)
    {
        await _fixture.SaveAsync("model", 3);
        await using var host = CreateHost();
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")));
        Assert.Equal(6f, await PredictByNamesAsync(host.Get(Name), isBatch));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_FirstCallIsByNamesAndTheModelIsBroken_SaysWhy(bool isBatch)
    {
        await _fixture.SaveAsync("model", 3);
        _fixture.Flavor.BeforeLoad = (_, _) => throw new InvalidOperationException("no such operator");
        await using var host = CreateHost();
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")));
        var error = await Assert.ThrowsAsync<PredictionRejectedException>(() => PredictByNamesAsync(host.Get(Name), isBatch));
        Assert.Contains("no such operator", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);

        // Nor can who needs the signature at once be told less.
        Assert.Contains("no such operator", Assert.Throws<PredictionRejectedException>(() => host.Get(Name).Signature).Message, StringComparison.Ordinal);
    }

    private static async Task<object> PredictByNamesAsync(IPredictor predictor, bool isBatch)
    {
        if (!isBatch) return (await predictor.PredictAsync(new Dictionary<string, object?> { ["x"] = 2f }, cancellationToken: ServingFixture.Token))["y"];
        var rows = new DataBatch(new DataSchema(new ColumnSchema("x", ElementType.Float32)), new Column<float>([2f]));
        return ((Column<float>)(await predictor.PredictAsync(rows, cancellationToken: ServingFixture.Token))["y"]).Values[0];
    }

    [Fact]
    public async Task PredictAsync_WaitingForTheLoad_HeedsTheCallersTokenAndDeadline()
    {
        await _fixture.SaveAsync("model", 3);
        var gate = new TaskCompletionSource();
        _fixture.Flavor.BeforeLoad = (_, _) => gate.Task;
        await using var host = CreateHost();
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")));
        var typed = host.GetTyped<X, Y>(Name);
        using var source = new CancellationTokenSource();
        var cancelled = typed.PredictAsync(new X(2), cancellationToken: source.Token).AsTask();
        var late = typed.PredictAsync(new X(2), new PredictionContext { Deadline = _fixture.Time.GetUtcNow().AddSeconds(5) }, ServingFixture.Token).AsTask();
        var patient = typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _fixture.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(late.IsCompleted);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("deadline", (await Assert.ThrowsAsync<PredictionRejectedException>(() => late)).Message, StringComparison.Ordinal);
        gate.SetResult();
        Assert.Equal(new Y(6, 3), await patient);
    }

    [Fact]
    public async Task PredictAsync_LoadFails_TellsCallersAndTriesAgainAfterAWhileOnly()
    {
        var observer = new RecordingObserver();
        await using var host = CreateHost(new ModelHostOptions { AutoReload = false }, observer);
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")));
        var typed = host.GetTyped<X, Y>(Name);
        for (var i = 0; i < 10; i++)
        {
            var error = await Assert.ThrowsAsync<PredictionRejectedException>(() => typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token).AsTask());
            Assert.Null(Assert.IsType<ModelLoadException>(error.InnerException).InnerException);
            Assert.Contains("There is no directory", error.Message, StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(1), error.RetryAfter);
        }

        Assert.Equal(1, _fixture.Loggers.Count("FirstLoadFailed"));
        Assert.Equal(10, observer.Events.Count);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ModelLoadException>(() => host.AcquireAsync(Name, ServingFixture.Token));
        await _fixture.SaveAsync("model", 3);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<ModelLoadException>(() => host.AcquireAsync(Name, ServingFixture.Token));
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new Y(6, 3), await typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
    }

    [Fact]
    public async Task AcquireAsync_NotLoaded_LoadsAndKeepsTheModel()
    {
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 100 });
        Add(host, "a", 60);
        Add(host, "b", 60);
        using (var lease = await host.AcquireAsync("a", ServingFixture.Token))
        {
            var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AcquireAsync("b", ServingFixture.Token));
            Assert.True(error.IsTransient);
            Assert.Contains(nameof(ModelHostOptions.MemoryBudgetBytes), error.Message, StringComparison.Ordinal);
            Assert.Equal(60, host.LoadedBytes);
            await ServingFixture.PredictAsync(lease);
        }

        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        (await host.AcquireAsync("b", ServingFixture.Token)).Dispose();
        Assert.Null(host.GetModel("a"));
        Assert.Equal(60, host.LoadedBytes);
    }

    [Fact]
    public async Task PredictAsync_BudgetPassed_EvictsTheLeastRecentlyUsed()
    {
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 300 });
        foreach (var name in new[] { "a", "b", "c", "d", "e" }) Add(host, name, 100);
        foreach (var name in new[] { "a", "b", "c", "a", "d", "a", "e" }) await UseAsync(host, name);
        Assert.Equal(["a", "d", "e"], host.GetStatus().Where(status => status.Current is not null).Select(status => status.Name));
        Assert.Equal(300, host.LoadedBytes);
        await UseAsync(host, "a");
        await UseAsync(host, "b");
        Assert.Equal(["a", "b", "e"], host.GetStatus().Where(status => status.Current is not null).Select(status => status.Name).Order(StringComparer.Ordinal));
        Assert.Equal(3, _fixture.Loggers.Count("Evicted"));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(Timeout.Infinite)]
    public async Task PredictAsync_UsedWithoutALoadInBetween_EvictsTheLeastRecentlyUsed(int hangSeconds)
    {
        var hangTimeout = hangSeconds == Timeout.Infinite ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(hangSeconds);
        var tick = hangSeconds == Timeout.Infinite ? TimeSpan.FromSeconds(5) : hangTimeout / 10;
        string[] names = ["a", "b", "c"];
        foreach (var last in names)
        {
            foreach (var first in names.Where(name => name != last))
            {
                await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 300, AutoReload = false, HangTimeout = hangTimeout });
                foreach (var name in names.Append("d")) Add(host, name, 100);
                foreach (var name in names) await UseAsync(host, name);
                foreach (var name in (string[])[first, .. names.Where(name => name != first && name != last), last])
                {
                    _fixture.Time.Advance(tick);
                    await UseAsync(host, name);
                }

                await UseAsync(host, "d");
                Assert.Null(host.GetModel(first));
                Assert.All(names.Where(name => name != first), name => Assert.NotNull(host.GetModel(name)));
            }
        }
    }

    [Fact]
    public async Task PredictAsync_EvictedModelHangsInItsDisposal_OthersGoAndItsMemoryCounts()
    {
        var gate = new TaskCompletionSource();
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 200, AutoReload = false });
        host.Add("hangs", ModelSource.FromModel(_ => Task.FromResult<IModel>(new SlowlyDisposedModel(100, gate.Task))));
        foreach (var name in new[] { "a", "b", "c" }) Add(host, name, 100);
        foreach (var name in new[] { "hangs", "a" }) await UseAsync(host, name);
        var load = UseAsync(host, "b");
        await EvictedAsync(1);
        while (_fixture.Loggers.Count("Evicted") == 1)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, ServingFixture.Token);
        }

        // From here on nobody moves the clock: nothing waits for what hangs.
        await load;
        await UseAsync(host, "c");
        Assert.Equal(["c"], host.GetStatus().Where(status => status.Current is not null).Select(status => status.Name));
        Assert.Equal(200, host.LoadedBytes);
        using (await host.AcquireAsync("c", ServingFixture.Token))
            Assert.Contains("or disposed", (await Assert.ThrowsAsync<PredictionRejectedException>(() => UseAsync(host, "a"))).Message, StringComparison.Ordinal);

        gate.SetResult();
        await _fixture.UntilAsync(() => host.LoadedBytes == 100);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_EvictedModelIsDisposedSlowlyAndNoOtherCanGo_IsWaitedForAWhile(bool isDisposed)
    {
        var gate = new TaskCompletionSource();
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 100, AutoReload = false });
        host.Add("slow", ModelSource.FromModel(_ => Task.FromResult<IModel>(new SlowlyDisposedModel(100, gate.Task))));
        Add(host, "a", 100);
        await UseAsync(host, "slow");
        var load = UseAsync(host, "a");
        await EvictedAsync(1);
        for (var i = 0; i < 5; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, ServingFixture.Token);
        }

        Assert.False(load.IsCompleted);
        Assert.Equal(100, host.LoadedBytes);
        if (isDisposed)
        {
            gate.SetResult();
            await load;
            Assert.Equal(100, host.LoadedBytes);
            return;
        }

        await _fixture.UntilAsync(() => load.IsCompleted);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => load);
        Assert.Equal(100, host.LoadedBytes);
        gate.SetResult();
        await _fixture.UntilAsync(() => host.LoadedBytes == 0);
    }

    [Fact]
    public async Task PredictAsync_LoadedAgainAfterAnEviction_IsASwapOnlyWhereTheVersionIsAnother()
    {
        await _fixture.SaveAsync("model", 1);
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 1 << 20, AutoReload = false });
        Add(host, "other", 1 << 20);
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")));
        var swaps = new List<ModelSwap>();
        using var subscription = host.OnSwapped(swap =>
        {
            if (swap.Current.Name == Name) swaps.Add(swap);
        });
        foreach (var name in new[] { Name, "other", Name, "other" }) await UseAsync(host, name);
        Assert.Null(Assert.Single(swaps).Previous);
        Assert.Equal(2, _fixture.Loggers.Count("LoadedAgain"));

        Directory.Delete(_fixture.PathOf("model"), recursive: true);
        await _fixture.SaveAsync("model", 2);
        await UseAsync(host, Name);
        Assert.Equal(new (int?, int)[] { (null, 1), (1, 2) }, swaps.Select(swap => (swap.Previous?.Version.Version, swap.Current.Version.Version)));
    }

    [Fact]
    public async Task OnSwapped_SubscribedWhileEvicted_IsToldWhenTheModelIsBack()
    {
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 100, AutoReload = false });
        Add(host, Name, 100);
        Add(host, "other", 100);
        var (early, late, later) = (new List<ModelSwap>(), new List<ModelSwap>(), new List<ModelSwap>());
        using var first = host.OnSwapped(early.Add);
        foreach (var name in new[] { Name, "other" }) await UseAsync(host, name);
        using var second = host.OnSwapped(late.Add);
        Assert.Equal(["other"], late.Select(swap => swap.Current.Name));
        await UseAsync(host, Name);
        using var third = host.OnSwapped(later.Add);
        foreach (var name in new[] { "other", Name }) await UseAsync(host, name);
        Assert.Equal([Name, "other"], early.Select(swap => swap.Current.Name));
        Assert.Equal(["other", Name], late.Select(swap => swap.Current.Name));
        Assert.Equal([Name, "other"], later.Select(swap => swap.Current.Name));
        Assert.All([.. early, .. late, .. later], swap => Assert.Null(swap.Previous));
    }

    [Fact]
    public async Task PredictAsync_OnProbationOrRolledBack_IsNotEvicted()
    {
        await _fixture.PointToAsync(1);
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 1 << 20, AutoReload = false });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion), new HostedModelOptions().UseProbation());
        await UseAsync(host, Name);
        await _fixture.PointToAsync(2);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal(HostedModelState.Probation, host.GetStatus(Name).State);
        await AskForAllAsync();
        Assert.Equal((2, 1), (host.GetModel(Name)!.Version.Version, host.GetStatus(Name).Fallback!.Version.Version));

        _fixture.Flavor.Failure = new PredictionFailedException(Name, "a broken model");
        while (host.GetModel(Name)!.Version.Version == 2) await Assert.ThrowsAsync<PredictionFailedException>(() => UseAsync(host, Name));
        _fixture.Flavor.Failure = null;
        await _fixture.UntilAsync(() => host.GetStatus(Name).Draining.Count == 0);
        await AskForAllAsync();
        Assert.Equal(1, host.GetModel(Name)!.Version.Version);

        // Another version lifts the refusal, and when it has passed, all is as ever.
        await _fixture.PointToAsync(3);
        await host.ReloadAsync(Name, ServingFixture.Token);
        for (var i = 0; i < 500; i++) await UseAsync(host, Name);
        await _fixture.UntilAsync(() => host.GetStatus(Name).State == HostedModelState.Serving);
        while (host.GetModel(Name) is not null)
        {
            // The version that was replaced is let go in the background, and is in memory until then.
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
            await Record.ExceptionAsync(() => UseAsync(host, "all"));
        }

        async Task AskForAllAsync()
        {
            if (host.GetStatus().All(status => status.Name != "all")) Add(host, "all", 1 << 20);
            await Assert.ThrowsAsync<PredictionRejectedException>(() => UseAsync(host, "all"));
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    [Fact]
    public async Task PredictAsync_PinnedAndLoadedAtStart_AreNeverEvicted()
    {
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 300 });
        await host.AddAsync("start", Sized("start", 100), cancellationToken: ServingFixture.Token);
        Add(host, "pinned", 100, new HostedModelOptions { IsPinned = true });
        Add(host, "a", 100);
        Add(host, "b", 100);
        foreach (var name in new[] { "pinned", "a", "b", "a", "b" }) await UseAsync(host, name);
        Assert.Equal(["b", "pinned", "start"], host.GetStatus().Where(status => status.Current is not null).Select(status => status.Name));
    }

    [Fact]
    public async Task AcquireAsync_LargerThanTheBudget_IsLoadedAlone()
    {
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 100 });
        Add(host, "small", 100);
        Add(host, "large", 101);
        await UseAsync(host, "small");
        using (await host.AcquireAsync("large", ServingFixture.Token))
        {
            Assert.Null(host.GetModel("small"));
            Assert.Equal(101, host.LoadedBytes);
            Assert.Equal(1, _fixture.Loggers.Count("OverBudget"));
            Assert.True((await Assert.ThrowsAsync<ModelLoadException>(() => host.AcquireAsync("small", ServingFixture.Token))).IsTransient);
        }

        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await UseAsync(host, "small");
        Assert.Equal(100, host.LoadedBytes);
        await host.AddAsync("start", Sized("start", 101), cancellationToken: ServingFixture.Token);
        Assert.Equal(101, host.LoadedBytes);

        // What is never evicted takes the whole budget, and one of the others is served all the same.
        await UseAsync(host, "small");
        await UseAsync(host, "large");
        Assert.Equal(202, host.LoadedBytes);
    }

    [Fact]
    public async Task PredictAsync_FiveHundredFirstUsesAtOnce_AreBoundedInNumberAndMemory()
    {
        const int count = 500, loads = 3, most = 20;
        var size = DirectorySize((await _fixture.SaveAsync("model", 3)).Path);
        int loading = 0, peakLoading = 0, begun = 0, peak = 0;
        _fixture.Flavor.BeforeLoad = async (_, _) =>
        {
            Max(ref peakLoading, Interlocked.Increment(ref loading));
            Max(ref peak, Interlocked.Increment(ref begun) - _fixture.Flavor.Predictors.Count(predictor => predictor.Disposals > 0));
            await Task.Yield();
            Interlocked.Decrement(ref loading);
        };
        await using var host = CreateHost(new ModelHostOptions { AutoReload = false, MaxConcurrentLoads = loads, MemoryBudgetBytes = most * size });
        for (var i = 0; i < count; i++) host.Add($"model-{i}", ModelSource.FromDirectory(_fixture.PathOf("model")));
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(async () =>
        {
            while (true)
            {
                try
                {
                    Assert.Equal(new Y(6, 3), await host.GetTyped<X, Y>($"model-{i}").PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
                    return;
                }
                catch (PredictionRejectedException error) when (error.InnerException is ModelLoadException { IsTransient: true })
                {
                    // All models in memory are waited for by callers that have not had their turn: to be tried again.
                    _fixture.Time.Advance(error.RetryAfter!.Value);
                    await Task.Yield();
                }
            }
        })));
        Assert.InRange(peakLoading, 1, loads);
        Assert.InRange(peak, loads, most);
        Assert.InRange(host.LoadedBytes, size, most * size);
    }

    [Fact]
    public async Task AutoReload_ManyLoadedOnFirstUse_AreLoadedBesideOneAnother()
    {
        await _fixture.SaveAsync("one", 1);
        await _fixture.SaveAsync("two", 1);
        await using var host = CreateHost(new ModelHostOptions { MaxConcurrentLoads = 2 });
        foreach (var name in new[] { "one", "two" })
        {
            host.Add(name, ModelSource.FromDirectory(_fixture.PathOf(name)));
            await UseAsync(host, name);
        }

        var begun = 0;
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforeLoad = (_, token) =>
        {
            if (Interlocked.Increment(ref begun) == 2) both.SetResult();
            return both.Task.WaitAsync(token);
        };
        foreach (var name in new[] { "one", "two" })
        {
            await _fixture.SaveAsync("next", 2);
            Directory.Delete(_fixture.PathOf(name), recursive: true);
            Directory.Move(_fixture.PathOf("next"), _fixture.PathOf(name));
        }

        await _fixture.UntilAsync(() => host.GetStatus().All(status => status.Current!.Version.Version == 2));
    }

    [Fact]
    public async Task PredictAsync_FailedOnceThenReloadedAndEvicted_IsLoadedAtOnce()
    {
        await using var host = CreateHost(new ModelHostOptions { AutoReload = false, MemoryBudgetBytes = 1 << 20 });
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")));
        Add(host, "other", 1 << 20);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => UseAsync(host, Name));
        await _fixture.SaveAsync("model", 1);
        await host.ReloadAsync(Name, ServingFixture.Token);
        await UseAsync(host, "other");
        Assert.Null(host.GetModel(Name));
        await UseAsync(host, Name);
    }

    /// <summary>The caller of a batched call is let go at its deadline, the model hangs on.</summary>
    [Fact]
    public async Task PredictAsync_ModelOfAHangingBatchWouldHaveToGo_HoldsUpNobody()
    {
        var hangs = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isHanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.SaveAsync("model", 1);
        var size = DirectorySize(_fixture.PathOf("model"));
        await using var host = CreateHost(new ModelHostOptions { AutoReload = false, WarmUp = false, MemoryBudgetBytes = size + 100 });
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")), new HostedModelOptions().UseBatching(batching => batching.WorkerCount = 1));
        Add(host, "large", 101);
        Add(host, "small", 100);
        await UseAsync(host, Name);
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforePredict = _ => first.Task;
        var running = UseAsync(host, Name);
        var late = host.GetTyped<X, Y>(Name).PredictAsync(new X(1), new PredictionContext { Deadline = _fixture.Time.GetUtcNow().AddSeconds(5) }, ServingFixture.Token).AsTask();
        _fixture.Flavor.BeforePredict = _ =>
        {
            isHanging.TrySetResult();
            return hangs.Task;
        };
        first.SetResult();
        await running;
        await isHanging.Task;
        _fixture.Time.Advance(TimeSpan.FromSeconds(6));
        await Assert.ThrowsAsync<PredictionFailedException>(() => late);
        _fixture.Flavor.BeforePredict = null;

        var rejected = await Assert.ThrowsAsync<PredictionRejectedException>(() => UseAsync(host, "large"));
        Assert.True(Assert.IsType<ModelLoadException>(rejected.InnerException).IsTransient);
        await UseAsync(host, "small");
        hangs.SetResult();
        await _fixture.UntilAsync(() => host.Get(Name).GetService<BatchingPredictor>()!.GetStatus() is { BusyWorkers: 0, HangingWorkers: 0 });
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await UseAsync(host, "large");
    }

    [Fact]
    public async Task AddAsync_AtStartOverTheBudget_IsLetInAndSaysSo()
    {
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 100 });
        await host.AddAsync("one", Sized("one", 60), cancellationToken: ServingFixture.Token);
        await host.AddAsync("two", Sized("two", 60), cancellationToken: ServingFixture.Token);
        Assert.Equal(120, host.LoadedBytes);
        Assert.Equal(1, _fixture.Loggers.Count("OverBudget"));
        await host.RemoveAsync("one");
        Assert.Equal(60, host.LoadedBytes);
    }

    [Fact]
    public async Task LoadedBytes_ModelThatDoesNotSay_IsTheSizeOfItsDirectory()
    {
        var directory = await _fixture.SaveAsync("model", 3);
        var size = DirectorySize(directory.Path);
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = size });
        host.Add(Name, ModelSource.FromDirectory(directory.Path));
        await UseAsync(host, Name);
        Assert.Equal(size, host.LoadedBytes);
    }

    [Fact]
    public async Task AutoReload_LoadedOnFirstUse_IsFollowedWithoutAWatchOfItsOwn()
    {
        await _fixture.PointToAsync(1);
        await _fixture.SaveAsync("model", 1);
        await using var host = CreateHost(new ModelHostOptions());
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        host.Add("directory", ModelSource.FromDirectory(_fixture.PathOf("model")));
        await UseAsync(host, Name);
        await UseAsync(host, "directory");
        var second = await _fixture.PointToAsync(2);
        Directory.Delete(_fixture.PathOf("model"), recursive: true);
        await _fixture.SaveAsync("model", 2);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 2 && host.GetModel("directory")!.Version.Version == 2);
        Assert.Equal(0, _fixture.Resolver.Watches);

        await _fixture.PointToAsync(3, new FactorModel(3, inputName: "other"));
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LoadFailed") == 1);
        for (var i = 0; i < 1000; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.Equal(1, _fixture.Loggers.Count("LoadFailed"));
        Assert.Equal(2f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);

        // Nothing stands in the way of what is there already.
        _fixture.Resolver.Point(second);
        await _fixture.UntilAsync(() => host.GetStatus(Name).LastError is null);
    }

    [Fact]
    public async Task AutoReload_LoadOfOneHangs_OthersAreFollowed()
    {
        var gate = new TaskCompletionSource();
        _fixture.Flavor.BeforeLoad = (factor, token) => factor == 9 ? gate.Task : Task.CompletedTask;
        await using var host = CreateHost(new ModelHostOptions { MaxConcurrentLoads = 2 });
        foreach (var name in new[] { "hangs", "goes on" })
        {
            await _fixture.SaveAsync(name, 1);
            host.Add(name, ModelSource.FromDirectory(_fixture.PathOf(name)));
            await UseAsync(host, name);
        }

        await ReplaceAsync("hangs", 9);
        await _fixture.UntilAsync(() => host.GetStatus("hangs").Loading is { Step: ModelLoadStep.Loading });
        for (var factor = 2; factor < 5; factor++)
        {
            await ReplaceAsync("goes on", factor);
            await _fixture.UntilAsync(() => host.GetModel("goes on")!.Version.Version == factor);
        }

        gate.SetResult();
        await _fixture.UntilAsync(() => host.GetModel("hangs")!.Version.Version == 2);

        async Task ReplaceAsync(string name, float factor)
        {
            await _fixture.SaveAsync("next", factor);
            Directory.Delete(_fixture.PathOf(name), recursive: true);
            Directory.Move(_fixture.PathOf("next"), _fixture.PathOf(name));
        }
    }

    [Fact]
    public async Task RemoveAsync_WhileCallersWaitForTheLoad_RejectsThem()
    {
        await _fixture.SaveAsync("model", 3);
        _fixture.Flavor.BeforeLoad = (_, token) => Task.Delay(Timeout.Infinite, token);
        await using var host = CreateHost();
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")));
        var call = host.GetTyped<X, Y>(Name).PredictAsync(new X(1), cancellationToken: ServingFixture.Token).AsTask();
        Assert.True(await host.RemoveAsync(Name));
        Assert.Contains("not served any more", (await Assert.ThrowsAsync<PredictionRejectedException>(() => call)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signature_NotLoaded_BeginsToLoad()
    {
        await using var host = CreateHost();
        Add(host, "a", 1);
        Assert.NotNull(Assert.Throws<PredictionRejectedException>(() => host.Get("a").Signature).RetryAfter);
        await _fixture.UntilAsync(() => host.GetModel("a") is not null);
        Assert.NotEmpty(host.Get("a").Signature.Inputs);
    }

    [Fact]
    public async Task PredictAsync_TwoThousandModelsFromEightCallers_AllAnswerWithinTheBudget()
    {
        const int count = 2000, size = 1000, most = 100, loads = 2;
        int live = 0, peak = 0;
        await using (var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = most * size, MaxConcurrentLoads = loads }))
        {
            for (var i = 0; i < count; i++)
            {
                var factor = i;
                host.Add($"model-{i}", ModelSource.FromModel(_ =>
                {
                    Max(ref peak, Interlocked.Increment(ref live));
                    return Task.FromResult<IModel>(new SizedModel(factor, size, () => Interlocked.Decrement(ref live)));
                }));
            }

            var answers = new ConcurrentBag<bool>();
            var highest = 0;
            await Parallel.ForAsync(0, 8, ServingFixture.Token, async (caller, token) =>
            {
                var random = new Random(caller);
                for (var i = 0; i < count; i++)
                {
                    // Each model once by somebody, and some of them again and again.
                    var model = i % 2 == 0 ? (i * 4 + caller) % count : random.Next(50);
                    var output = await host.GetTyped<X, Y>($"model-{model}").PredictAsync(new X(2), cancellationToken: token);
                    answers.Add(output == new Y(2 * model, model));
                    Max(ref highest, (int)host.LoadedBytes);
                }
            });
            Assert.Equal(8 * count, answers.Count(right => right));
            Assert.InRange(highest, 1, most * size);

            // What a function makes is of unknown size when it is made first, so those that are being made may be beyond.
            Assert.InRange(peak, most, most + loads);
            Assert.InRange(host.GetStatus().Count(status => status.Current is not null), 1, most);
        }

        Assert.Equal(0, live);
    }

    [Fact]
    public async Task PredictAsync_SwapsAndEvictionsUnderLoad_NoCallFailsAndAllIsDisposed()
    {
        var disposed = 0;
        var made = 0;
        await using (var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 2, AutoReload = false }))
        {
            for (var i = 0; i < 10; i++)
            {
                var factor = i;
                host.Add($"model-{i}", ModelSource.FromModel(_ =>
                {
                    Interlocked.Increment(ref made);
                    return Task.FromResult<IModel>(new SizedModel(factor, 1, () => Interlocked.Increment(ref disposed)));
                }));
            }

            // Two callers, room for two: nobody is ever without room.
            await Parallel.ForAsync(0, 2, ServingFixture.Token, async (caller, token) =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    var model = (i * 7 + caller * 3) % 10;
                    Assert.Equal(new Y(2 * model, model), await host.GetTyped<X, Y>($"model-{model}").PredictAsync(new X(2), cancellationToken: token));
                }
            });
        }

        Assert.Equal(made, disposed);
        Assert.True(made > 10);
    }

    private static void Max(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target)) Interlocked.CompareExchange(ref target, value, seen);
    }

    private static long DirectorySize(string path) => new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private async Task EvictedAsync(int count)
    {
        while (_fixture.Loggers.Count("Evicted") < count) await Task.Delay(1, ServingFixture.Token);
    }

    private static async Task UseAsync(ModelHost host, string name)
        => await host.GetTyped<X, Y>(name).PredictAsync(new X(1), cancellationToken: ServingFixture.Token);

    private static ModelSource Sized(string name, long size) => ModelSource.FromModel(_ => Task.FromResult<IModel>(new SizedModel(name.Length, size)));

    private static void Add(ModelHost host, string name, long size, HostedModelOptions? options = null) => host.Add(name, Sized(name, size), options);

    private ModelHost CreateHost(ModelHostOptions? options = null, params IPredictionObserver[] observers) => _fixture.CreateHost(options, observers);

    private sealed class SlowlyDisposedModel(long size, Task disposal) : IModel, ISizedModel, IAsyncDisposable
    {
        private readonly FactorModel _model = new(1);

        public ModelSignature Signature => _model.Signature;

        public long SizeBytes => size;

        public IPredictor CreatePredictor() => _model.CreatePredictor();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => new(disposal);
    }
}
