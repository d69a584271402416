using System.Collections.Concurrent;
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
            Assert.IsType<ModelLoadException>(error.InnerException);
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
    public async Task Load_LargerThanTheBudget_ThrowsAndEvictsNothing()
    {
        await using var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = 100 });
        Add(host, "small", 100);
        Add(host, "large", 101);
        await UseAsync(host, "small");
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AcquireAsync("large", ServingFixture.Token));
        Assert.False(error.IsTransient);
        Assert.Contains("101 bytes", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync("start", Sized("start", 101), cancellationToken: ServingFixture.Token));
        Assert.NotNull(host.GetModel("small"));
        Assert.Equal(100, host.LoadedBytes);
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
        var size = new DirectoryInfo(directory.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
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
        await _fixture.PointToAsync(2);
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
        const int count = 2000, size = 1000, most = 100;
        long live = 0, peak = 0;
        await using (var host = CreateHost(new ModelHostOptions { MemoryBudgetBytes = most * size }))
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
            long highest = 0;
            await Parallel.ForAsync(0, 8, ServingFixture.Token, async (caller, token) =>
            {
                var random = new Random(caller);
                for (var i = 0; i < count; i++)
                {
                    // Each model once by somebody, and some of them again and again.
                    var model = i % 2 == 0 ? (i * 4 + caller) % count : random.Next(50);
                    var output = await host.GetTyped<X, Y>($"model-{model}").PredictAsync(new X(2), cancellationToken: token);
                    answers.Add(output == new Y(2 * model, model));
                    Max(ref highest, host.LoadedBytes);
                }
            });
            Assert.Equal(8 * count, answers.Count(right => right));
            Assert.InRange(highest, 1, most * size);
            Assert.InRange(peak, most, most + 8);
            Assert.InRange(host.GetStatus().Count(status => status.Current is not null), 1, most);
        }

        Assert.Equal(0, live);

        static void Max(ref long target, long value)
        {
            for (var seen = Interlocked.Read(ref target); seen < value; seen = Interlocked.Read(ref target))
                Interlocked.CompareExchange(ref target, value, seen);
        }
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

    private static async Task UseAsync(ModelHost host, string name)
        => await host.GetTyped<X, Y>(name).PredictAsync(new X(1), cancellationToken: ServingFixture.Token);

    private static ModelSource Sized(string name, long size) => ModelSource.FromModel(_ => Task.FromResult<IModel>(new SizedModel(name.Length, size)));

    private static void Add(ModelHost host, string name, long size, HostedModelOptions? options = null) => host.Add(name, Sized(name, size), options);

    private ModelHost CreateHost(ModelHostOptions? options = null, params IPredictionObserver[] observers) => _fixture.CreateHost(options, observers);

    private sealed class SizedModel(float factor, long size, Action? onDisposed = null) : IModel, ISizedModel, IDisposable
    {
        private readonly FactorModel _model = new(factor);

        public ModelSignature Signature => _model.Signature;

        public long SizeBytes => size;

        public IPredictor CreatePredictor() => _model.CreatePredictor();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public void Dispose() => onDisposed?.Invoke();
    }
}
