using System.Collections.Concurrent;
using Mlops.Models;
using Mlops.Profiles;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

public sealed class ModelHostTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AddAsync_Model_ServesAndFillsContext()
    {
        var version = await _fixture.PointToAsync(3);
        await using var host = _fixture.CreateHost();
        var model = await host.AddAsync("rides", ServingFixture.Champion, ServingFixture.Token);
        Assert.Equal(version, model.Version);
        Assert.Equal(version.Digest, model.Digest);
        Assert.Equal(_fixture.Time.GetUtcNow(), model.LoadedAt);
        Assert.Same(model, host.GetModel("rides"));

        var (output, context) = await ServingFixture.PredictAsync(host.Get("rides"));
        Assert.Equal(new Y(6, 3), output);
        Assert.Equal(("rides", "3", "primary"), (context.ModelName, context.ModelVersion, context.Route));
        Assert.Same(model, context.Model);
        context.Reset();
        Assert.Null(context.Model);
    }

    [Fact]
    public async Task AddAsync_SameAgain_ChangesNothing()
    {
        await _fixture.PointToAsync(3);
        await using var host = _fixture.CreateHost();
        var first = await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        Assert.Same(first, await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token));
        Assert.Single(_fixture.Flavor.Predictors);
        await Assert.ThrowsAsync<ArgumentException>(() => host.AddAsync(Name, ModelUri.OfVersion(Name, 3), ServingFixture.Token));
        await host.AddAsync("memory", ModelSource.FromModel(new FactorModel(1)), cancellationToken: ServingFixture.Token);
        var twice = await Assert.ThrowsAsync<ArgumentException>(() => host.AddAsync("memory", ModelSource.FromModel(new FactorModel(2)), cancellationToken: ServingFixture.Token));
        Assert.StartsWith("The model 'memory' is served from version 1 in memory; it cannot be served from another one of that kind too.", twice.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Batching")]
    [InlineData("Probation")]
    [InlineData("WarmUpRows")]
    [InlineData("WarmUpShapes")]
    [InlineData("WarmUpShape")]
    public async Task ReloadAsync_OptionsChangedAfterTheModelWasAdded_ServesByThoseItWasAddedWith(string changed)
    {
        var rows = new ConcurrentQueue<int>();
        _fixture.Flavor.OnPredict = inputs => rows.Enqueue(inputs.Rows);
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        List<int> counts = [2, 3];
        List<WarmUpShape> shapes = [new(), new() { Rows = 4 }];
        var options = new HostedModelOptions { WarmUpRows = counts, WarmUpShapes = shapes }.UseBatching().UseProbation(probation => probation.MinPredictions = 0);
        await host.AddAsync(Name, ServingFixture.Champion, options, ServingFixture.Token);
        Assert.Equal([2, 3, 4], rows);
        switch (changed)
        {
            case "Batching": options.Batching!.MaxBatchRows = 0; break;
            case "Probation": options.Probation!.Duration = TimeSpan.FromMilliseconds(1); break;
            case "WarmUpRows": counts[0] = -2; break;
            case "WarmUpShapes": shapes.Clear(); break;
            default: shapes[0].Inputs["none"] = [1]; break;
        }

        await _fixture.PointToAsync(2);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal([2, 3, 4, 2, 3, 4], rows);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HostedModelState.Probation, host.GetStatus(Name).State);
        Assert.Equal(2, host.GetModel(Name)!.Version.Version);
    }

    [Fact]
    public async Task Acquire_HostOptionsChangedAfterTheHostWasMade_WorksByThoseItWasMadeWith()
    {
        var options = new ModelHostOptions { AutoReload = false, RetryDelay = TimeSpan.FromSeconds(7) };
        await using var host = _fixture.CreateHost(options);
        options.RetryDelay = TimeSpan.Zero;
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        Assert.Equal(TimeSpan.FromSeconds(7), Assert.Throws<PredictionRejectedException>(() => host.Acquire(Name)).RetryAfter);
    }

    /// <summary>The model serves by then: a broken log is no reason to say that it could not be loaded.</summary>
    [Fact]
    public async Task ReloadAsync_LoggerThrowsAtTheSwap_HasSwapped()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        _fixture.Loggers.OnLogged = name =>
        {
            if (name == "Swapped") throw new InvalidOperationException("a broken logger");
        };
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2);
        Assert.Equal(2, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
        var status = host.GetStatus(Name);
        Assert.Equal((2, null, 2), (status.Current!.Version.Version, status.LastError, _fixture.Loggers.Count("Swapped")));
    }

    [Fact]
    public async Task RemoveAsync_LoggerThrowsAtTheDisposal_Completes()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Loggers.OnLogged = name =>
        {
            if (name == "Disposed") throw new InvalidOperationException("a broken logger");
        };
        Assert.True(await host.RemoveAsync(Name).WaitAsync(ServingFixture.Token));
        Assert.Equal((1, 0), (_fixture.Loggers.Count("Disposed"), _fixture.Loggers.Count("RemovalTimedOut")));
    }

    [Fact]
    public async Task DisposeAsync_ModelIsBeingRemoved_WaitsForItToo()
    {
        await _fixture.PointToAsync(1);
        var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var lease = host.Acquire(Name);
        var removal = host.RemoveAsync(Name);
        var disposal = host.DisposeAsync().AsTask();
        await _fixture.UntilAsync(() => disposal.IsCompleted);
        Assert.Equal(1, _fixture.Loggers.Count("DrainTimedOut"));
        Assert.True(await removal);
        lease.Dispose();
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("Disposed") == 1);
    }

    [Fact]
    public async Task AddAsync_CannotBeLoaded_AddsNothing()
    {
        await using var host = _fixture.CreateHost();
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token));
        Assert.IsType<EntityNotFoundException>(error.InnerException);
        Assert.False(error.IsTransient);
        Assert.Equal((1, 0), (_fixture.Loggers.Count("FirstLoadFailed"), _fixture.Loggers.Count("LoadFailed")));
        Assert.Empty(host.GetStatus());
        Assert.Throws<EntityNotFoundException>(() => host.Get(Name));

        await _fixture.PointToAsync(1);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        Assert.Equal(1, host.GetModel(Name)!.Version.Version);
    }

    [Fact]
    public async Task AddAsync_TwoAtOnceAndTheFirstIsCancelled_TheSecondIsServed()
    {
        await _fixture.PointToAsync(3);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforeLoad = (_, token) => begun.TrySetResult() ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        await using var host = _fixture.CreateHost();
        using var cancellation = new CancellationTokenSource();
        var first = host.AddAsync(Name, ServingFixture.Champion, cancellation.Token);
        await begun.Task;
        var second = host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Same(await second, host.GetModel(Name));
        Assert.Equal(new Y(6, 3), await host.GetTyped<X, Y>(Name).PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
    }

    [Fact]
    public async Task AddAsync_ManyAtOnceAndAllFail_AddNothing()
    {
        await using var host = _fixture.CreateHost();
        for (var round = 0; round < 20; round++)
        {
            var adding = Enumerable.Range(0, 8).Select(_ => Task.Run(() => host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token))).ToArray();
            foreach (var call in adding) await Assert.ThrowsAsync<ModelLoadException>(() => call);
            Assert.Empty(host.GetStatus());
        }

        await _fixture.PointToAsync(1);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
    }

    /// <summary>A caller has made a place for the model; before it takes it, another one has found it there, has failed to load the model and has given the place up.</summary>
    [Fact]
    public async Task AddAsync_AnotherOneGivesThePlaceUpAtOnce_MakesAnotherPlace()
    {
        await using var host = _fixture.CreateHost();
        var source = new InterruptedSource(ModelSource.FromRegistry(ServingFixture.Champion));
        var other = Task.CompletedTask;
        source.Interruption = () =>
        {
            other = host.AddAsync(Name, source, cancellationToken: ServingFixture.Token);
            ((IAsyncResult)other).AsyncWaitHandle.WaitOne();
        };
        var adding = Task.Run(() => host.AddAsync(Name, source, cancellationToken: ServingFixture.Token));
        await Assert.ThrowsAsync<ModelLoadException>(() => adding.WaitAsync(TimeSpan.FromSeconds(30), ServingFixture.Token));
        await Assert.ThrowsAsync<ModelLoadException>(() => other);
        Assert.Empty(host.GetStatus());
    }

    [Fact]
    public async Task StartAsync_SeveralModels_AreLoadedBesideOneAnother()
    {
        await _fixture.SaveAsync("one", 1);
        await _fixture.SaveAsync("two", 2);
        var begun = 0;
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforeLoad = (_, token) =>
        {
            if (Interlocked.Increment(ref begun) == 2) both.SetResult();
            return both.Task.WaitAsync(token);
        };
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, MaxConcurrentLoads = 2 });
        foreach (var name in new[] { "one", "two" }) host.Declare(name, ModelSource.FromDirectory(_fixture.PathOf(name)), null);
        await host.StartAsync(ServingFixture.Token);
        Assert.All(host.GetStatus(), status => Assert.Equal(HostedModelState.Serving, status.State));
    }

    [Fact]
    public async Task ReloadAsync_OtherLoadsGoOn_WaitsForItsTurn()
    {
        await _fixture.PointToAsync(1);
        await _fixture.SaveAsync("other", 5);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforeLoad = (factor, _) => factor == 5 ? gate.Task : Task.CompletedTask;
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, MaxConcurrentLoads = 1 });
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var other = host.AddAsync("other", ModelSource.FromDirectory(_fixture.PathOf("other")), cancellationToken: ServingFixture.Token);
        await _fixture.UntilAsync(() => host.GetStatus("other").Loading?.Step == ModelLoadStep.Loading);
        await _fixture.PointToAsync(2);
        var reload = host.ReloadAsync(Name, ServingFixture.Token);
        await _fixture.UntilAsync(() => host.GetStatus(Name).Loading?.Step == ModelLoadStep.Waiting);
        gate.SetResult();
        await other;
        Assert.Equal(2, (await reload).Version.Version);
    }

    [Fact]
    public async Task GetModel_ProfileSavedWithModel_HasIt()
    {
        await _fixture.PointToAsync(1, options: new ModelSaveOptions { Profile = new DatasetProfile(1234) });
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        Assert.Equal(1234, host.GetModel(Name)!.Profile!.RowCount);
    }

    [Fact]
    public async Task ReloadAsync_AliasMoved_SwitchesSamePredictorAndDisposesOld()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var predictor = host.Get(Name);
        var old = Assert.Single(_fixture.Flavor.Predictors);
        await _fixture.PointToAsync(2);

        var model = await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal(2, model.Version.Version);
        Assert.Equal(2f, (await ServingFixture.PredictAsync(predictor)).Output.Factor);
        Assert.Same(predictor, host.Get(Name));
        await old.DisposedSource.Task.WaitAsync(ServingFixture.Token);
        Assert.Equal(1, old.Disposals);
    }

    [Fact]
    public async Task ReloadAsync_NothingMoved_LoadsNothing()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        var model = await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        Assert.Same(model, await host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Single(_fixture.Flavor.Predictors);
    }

    [Fact]
    public async Task GetStatus_ToString_TellsVersionAndError()
    {
        await _fixture.PointToAsync(3);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        Assert.Equal("factors (models:/factors@champion): version 3", host.GetStatus()[0].ToString());
        _fixture.Resolver.Fail(new IOException("unreachable"));
        await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.EndsWith("unreachable", host.GetStatus()[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReloadAsync_SameModelRegisteredAgain_ServesUnderNewVersion()
    {
        var version = await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Resolver.Point(version with { Version = 2 });
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal("2", (await ServingFixture.PredictAsync(host.Get(Name))).Context.ModelVersion);
    }

    [Theory]
    [InlineData("tampered")]
    [InlineData("signature")]
    [InlineData("golden rows")]
    [InlineData("flavor")]
    [InlineData("warm-up")]
    [InlineData("unreachable")]
    public async Task ReloadAsync_NewVersionCannotServe_OldGoesOnAndReasonIsReported(string defect)
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var expected = await MakeDefectAsync(defect);

        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(defect == "unreachable", error.IsTransient);
        Assert.Equal(1, _fixture.Loggers.Count("LoadFailed"));
        var status = Assert.Single(host.GetStatus());
        Assert.Same(error, status.LastError);
        Assert.Equal(1, status.Current!.Version.Version);

        _fixture.Flavor.Failure = null;
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        var (current, refused) = (_fixture.Flavor.Predictors.Single(p => p.Factor == 1), _fixture.Flavor.Predictors.Where(p => p.Factor != 1));
        Assert.Equal(0, current.Disposals);
        Assert.All(refused, predictor => Assert.Equal(1, predictor.Disposals));

        _fixture.Resolver.Fail(null);
        await _fixture.PointToAsync(5);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Null(Assert.Single(host.GetStatus()).LastError);
        Assert.Equal(5f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
    }

    [Fact]
    public async Task ReloadAsync_GoldenRowsHold_Switches()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2, options: new ModelSaveOptions { GoldenRows = await CaptureAsync(new FactorModel(2)) });
        Assert.Equal(2, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
    }

    [Fact]
    public async Task ReloadAsync_TypedFaceDemandsMoreThanCurrentSignature_IsHeldToIt()
    {
        await _fixture.PointToAsync(1, new FactorModel(1, width: -1));
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        Assert.Throws<ArgumentException>(() => host.GetTyped<X, Z>(Name));
        var typed = host.GetTyped<X, Y>(Name);
        await _fixture.PointToAsync(3, new FactorModel(3, width: 2));
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Contains("its callers could not call it: input 'x'", error.Message, StringComparison.Ordinal);
        await _fixture.PointToAsync(2);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal(new Y(4, 2), await typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
    }

    [Fact]
    public async Task ReloadAsync_ManyAtOnce_LoadsOnce()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2);
        var models = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => host.ReloadAsync(Name, ServingFixture.Token), ServingFixture.Token)));
        Assert.All(models, model => Assert.Equal(2, model.Version.Version));
        Assert.Equal(2, _fixture.Flavor.Predictors.Count);
    }

    [Fact]
    public async Task ReloadAsync_Cancelled_OldGoesOn()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2);
        using var cancellation = new CancellationTokenSource();
        _fixture.Flavor.BeforeLoad = async (_, token) =>
        {
            await cancellation.CancelAsync();
            token.ThrowIfCancellationRequested();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.ReloadAsync(Name, cancellation.Token));
        Assert.Equal(0, _fixture.Loggers.Count("LoadFailed"));
        Assert.Null(Assert.Single(host.GetStatus()).LastError);
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReloadAsync_300SwapsUnderLoad_NoCallFailsOrMixesAndOldOnesAreDisposedOnce(bool isAsync)
    {
        const int Swaps = 300;
        if (isAsync) _fixture.Flavor.BeforePredict = async _ => await Task.Yield();
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var (typed, predictor) = (host.GetTyped<X, Y>(Name), host.Get(Name));

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ServingFixture.Token);
        var calls = new long[8];
        var callers = Enumerable.Range(0, calls.Length).Select(caller => Task.Run(async () =>
        {
            var highest = 0f;
            var context = new PredictionContext();
            while (!stop.IsCancellationRequested)
            {
                var output = caller % 2 == 0
                    ? await typed.PredictAsync(new X(caller), context, ServingFixture.Token)
                    : (await ServingFixture.PredictAsync(predictor, caller)).Output;
                Assert.Equal(caller * output.Factor, output.Value);
                if (caller % 2 == 0) Assert.Equal(context.ModelVersion, FormattableString.Invariant($"{output.Factor}"));
                Assert.True(output.Factor >= highest, "A call went to an older version than the call before it.");
                highest = output.Factor;
                Interlocked.Increment(ref calls[caller]);
            }
        })).ToArray();

        for (var version = 2; version <= Swaps + 1; version++)
        {
            await _fixture.PointToAsync(version);
            await host.ReloadAsync(Name, ServingFixture.Token);
        }

        await _fixture.UntilAsync(() => calls.All(count => Interlocked.Read(in count) > 0));
        await stop.CancelAsync();
        await Task.WhenAll(callers);

        Assert.Equal(Swaps + 1, _fixture.Flavor.Predictors.Count);
        foreach (var old in _fixture.Flavor.Predictors.Where(p => p.Factor <= Swaps)) await old.DisposedSource.Task.WaitAsync(ServingFixture.Token);
        await _fixture.UntilAsync(() => host.GetStatus()[0].Draining.Count == 0);
        Assert.All(_fixture.Flavor.Predictors, p =>
        {
            Assert.Equal(p.Factor <= Swaps ? 1 : 0, p.Disposals);
            Assert.Equal(0, p.Violations);
        });
    }

    [Fact]
    public async Task ReloadAsync_CallRunning_OldIsDisposedOnlyAfterIt()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Flavor.BeforePredict = async factor =>
        {
            if (factor > 1) return;
            begun.SetResult();
            await goOn.Task;
        };
        var old = Assert.Single(_fixture.Flavor.Predictors);
        var call = ServingFixture.PredictAsync(host.Get(Name));
        await begun.Task;
        await _fixture.PointToAsync(2);
        await host.ReloadAsync(Name, ServingFixture.Token);

        Assert.Equal(0, old.Disposals);
        Assert.Equal(1, Assert.Single(host.GetStatus()[0].Draining).Version.Version);
        goOn.SetResult();
        var (output, context) = await call;
        Assert.Equal((1f, "1"), (output.Factor, context.ModelVersion));
        await old.DisposedSource.Task.WaitAsync(ServingFixture.Token);
        Assert.Equal((1, 0), (old.Disposals, old.Violations));
    }

    [Fact]
    public async Task Acquire_SwappedMeanwhile_AnswersWithItsGenerationUntilDisposed()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var old = Assert.Single(_fixture.Flavor.Predictors);
        var lease = host.Acquire(Name);
        await _fixture.PointToAsync(2);
        await host.ReloadAsync(Name, ServingFixture.Token);

        var (output, context) = await ServingFixture.PredictAsync(lease);
        Assert.Equal((1f, "1", 1), (output.Factor, context.ModelVersion, lease.Model.Version.Version));
        Assert.Same(old, lease.GetService<FactorPredictor>());
        Assert.Equal(0, old.Disposals);
        lease.Dispose();
        lease.Dispose();
        await old.DisposedSource.Task.WaitAsync(ServingFixture.Token);
        Assert.Equal(1, old.Disposals);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ServingFixture.PredictAsync(lease));
        Assert.Equal(2f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
    }

    [Fact]
    public async Task OnSwapped_SubscribedBetweenASwitchAndItsTelling_IsToldOnce()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var swaps = new List<(int? Previous, int Current)>();
        IDisposable? subscription = null;
        _fixture.Loggers.OnLogged = name =>
        {
            // Logged when the version serves already.
            if (name == "Swapped") subscription ??= host.OnSwapped(swap => swaps.Add((swap.Previous?.Version.Version, swap.Current.Version.Version)));
        };
        await _fixture.PointToAsync(2);
        await host.ReloadAsync(Name, ServingFixture.Token);
        await _fixture.PointToAsync(3);
        await host.ReloadAsync(Name, ServingFixture.Token);
        subscription!.Dispose();
        Assert.Equal([(1, 2), (2, 3)], swaps);
    }

    [Fact]
    public async Task AddAsync_CallBeginsWithTheFirstSwitch_IsTimedFromThen()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? call = null;
        HostedModelStatus? status = null;
        _fixture.Loggers.OnLogged = name =>
        {
            if (name != "Swapped") return;
            _fixture.Flavor.BeforePredict = _ => gate.Task;
            call = ServingFixture.PredictAsync(host.Get(Name));
            status = host.GetStatus(Name);
        };
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var isRunning = !call!.IsCompleted;
        gate.SetResult();
        await call;
        Assert.Equal((true, 0, TimeSpan.Zero), (isRunning, status!.HangingCalls, status.LongestCall));
    }

    [Fact]
    public async Task OnSwapped_PresentAndLaterGenerations_AreToldInOrder()
    {
        await _fixture.PointToAsync(1, options: new ModelSaveOptions { Profile = new DatasetProfile(10) });
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var swaps = new List<ModelSwap>();
        using (host.OnSwapped(_ => throw new InvalidOperationException("a bad subscriber")))
        using (host.OnSwapped(swaps.Add))
        {
            await _fixture.PointToAsync(2, options: new ModelSaveOptions { Profile = new DatasetProfile(20) });
            await host.ReloadAsync(Name, ServingFixture.Token);
        }

        await _fixture.PointToAsync(3);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal([(null, 1), (1, 2)], swaps.Select(swap => (swap.Previous?.Version.Version, swap.Current.Version.Version)));
        Assert.Equal([10, 20], swaps.Select(swap => swap.Current.Profile!.RowCount));
        Assert.Equal(2, _fixture.Loggers.Count("SubscriberFailed"));
    }

    [Fact]
    public async Task PredictAsync_DeadlinePassed_IsRejectedWithoutCallingTheModel()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Flavor.Failure = new InvalidOperationException("The model was called.");
        var context = new PredictionContext { Deadline = _fixture.Time.GetUtcNow() };
        var typed = host.GetTyped<X, Y>(Name);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => typed.PredictAsync(new X(1), context, ServingFixture.Token).AsTask());
        _fixture.Flavor.Failure = null;
        context.Deadline += TimeSpan.FromTicks(1);
        Assert.Equal(new Y(1, 1), await typed.PredictAsync(new X(1), context, ServingFixture.Token));
    }

    [Fact]
    public async Task PredictAsync_Cancelled_ThrowsAndTellsNobody()
    {
        await _fixture.PointToAsync(1);
        var observer = new RecordingObserver();
        await using var host = _fixture.CreateHost(null, observer);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        var call = host.GetTyped<X, Y>(Name).PredictAsync(new X(1), null, cancellation.Token).AsTask();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(call.IsCanceled);
        Assert.Empty(observer.Events);
    }

    [Fact]
    public async Task PredictAsync_Observers_AreToldOfSuccessFailureAndRejection()
    {
        await _fixture.PointToAsync(1);
        var observer = new RecordingObserver();
        await using var host = _fixture.CreateHost(null, observer);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var typed = host.GetTyped<X, Y>(Name);
        await typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token);
        _fixture.Flavor.Failure = new PredictionFailedException(Name, "no");
        await Assert.ThrowsAsync<PredictionFailedException>(() => typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token).AsTask());
        _fixture.Flavor.Failure = null;
        _fixture.Flavor.BeforePredict = _ =>
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(3));
            return Task.CompletedTask;
        };
        await typed.PredictAsync(new X(3), cancellationToken: ServingFixture.Token);
        var late = new PredictionContext { Deadline = _fixture.Time.GetUtcNow() };
        await Assert.ThrowsAsync<PredictionRejectedException>(() => typed.PredictAsync(new X(2), late, ServingFixture.Token).AsTask());
        Assert.Equal(
            ["factors 1 primary: 2 → 2 in 0 s", "factors 1 primary: PredictionFailedException", "factors 1 primary: 3 → 3 in 3 s", "factors 1 primary: PredictionRejectedException"],
            observer.Events);
    }

    [Fact]
    public async Task PredictAsync_ObserverThrows_PredictsAndLogsOnce()
    {
        await _fixture.PointToAsync(1);
        var recording = new RecordingObserver();
        await using var host = _fixture.CreateHost(null, new ThrowingObserver(), recording);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var typed = host.GetTyped<X, Y>(Name);
        for (var i = 0; i < 10; i++) Assert.Equal(new Y(i, 1), await typed.PredictAsync(new X(i), cancellationToken: ServingFixture.Token));
        _fixture.Flavor.Failure = new PredictionFailedException(Name, "no");
        await Assert.ThrowsAsync<PredictionFailedException>(() => typed.PredictAsync(new X(2), cancellationToken: ServingFixture.Token).AsTask());
        Assert.Equal(11, recording.Events.Count);
        Assert.Equal(1, _fixture.Loggers.Count("ObserverFailed"));
    }

    [Fact]
    public async Task DisposeAsync_CallRunning_WaitsForItAndRejectsLaterOnes()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        await _fixture.PointToAsync(1);
        var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Flavor.BeforePredict = _ =>
        {
            begun.SetResult();
            return goOn.Task;
        };
        var (predictor, typed) = (host.Get(Name), host.GetTyped<X, Y>(Name));
        var call = ServingFixture.PredictAsync(predictor);
        await begun.Task;
        var disposing = host.DisposeAsync().AsTask();
        var again = host.DisposeAsync().AsTask();

        await Assert.ThrowsAsync<PredictionRejectedException>(() => ServingFixture.PredictAsync(predictor));
        await Assert.ThrowsAsync<PredictionRejectedException>(() => typed.PredictAsync(new X(1), cancellationToken: ServingFixture.Token).AsTask());
        Assert.Throws<ObjectDisposedException>(() => host.Get(Name));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => host.AddAsync("other", ServingFixture.Champion, ServingFixture.Token));
        Assert.Throws<ObjectDisposedException>(() => { _ = host.ReloadAsync(Name, ServingFixture.Token); });
        Assert.False(disposing.IsCompleted);
        Assert.Equal(0, Assert.Single(_fixture.Flavor.Predictors).Disposals);

        goOn.SetResult();
        Assert.Equal(1f, (await call).Output.Factor);
        await disposing;
        await again;
        Assert.Equal((1, 0), (_fixture.Flavor.Predictors.Single().Disposals, _fixture.Flavor.Predictors.Single().Violations));
    }

    [Fact]
    public async Task DisposeAsync_CallOutlastsDrainTimeout_ReturnsAndDisposesTheModelAfterIt()
    {
        var goOn = new TaskCompletionSource();
        await _fixture.PointToAsync(1);
        var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Flavor.BeforePredict = _ => goOn.Task;
        var call = ServingFixture.PredictAsync(host.Get(Name));
        var disposing = host.DisposeAsync().AsTask();
        await _fixture.UntilAsync(() => disposing.IsCompleted);
        await disposing;
        var predictor = Assert.Single(_fixture.Flavor.Predictors);
        Assert.Equal(0, predictor.Disposals);
        Assert.Equal(1, _fixture.Loggers.Count("DrainTimedOut"));
        goOn.SetResult();
        await call;
        await predictor.DisposedSource.Task.WaitAsync(ServingFixture.Token);
        Assert.Equal(0, predictor.Violations);
    }

    [Fact]
    public async Task DisposeAsync_UnderLoad_EveryCallAnswersOrIsRejected()
    {
        _fixture.Flavor.BeforePredict = async _ => await Task.Yield();
        await _fixture.PointToAsync(1);
        var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var predictor = host.Get(Name);
        var answered = 0;
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                try
                {
                    await ServingFixture.PredictAsync(predictor);
                    Interlocked.Increment(ref answered);
                }
                catch (PredictionRejectedException)
                {
                    return;
                }
            }
        })).ToArray();
        await _fixture.UntilAsync(() => Volatile.Read(ref answered) > 100);
        await host.DisposeAsync();
        await Task.WhenAll(callers);
        Assert.Equal((1, 0), (_fixture.Flavor.Predictors.Single().Disposals, _fixture.Flavor.Predictors.Single().Violations));
    }

    [Fact]
    public async Task DisposeAsync_WhileLoading_AbandonsTheLoad()
    {
        await _fixture.PointToAsync(1);
        var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var begun = new TaskCompletionSource();
        _fixture.Flavor.BeforeLoad = (_, token) =>
        {
            begun.SetResult();
            return Task.Delay(Timeout.Infinite, token);
        };
        await _fixture.PointToAsync(2);
        var reload = host.ReloadAsync(Name, ServingFixture.Token);
        await begun.Task;
        await host.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reload);
        Assert.Equal(1, Assert.Single(_fixture.Flavor.Predictors).Disposals);
        Assert.Equal(0, _fixture.Loggers.Count("LoadFailed"));
    }

    [Fact]
    public async Task RemoveAsync_Model_StopsServingItAlone()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync("one", ServingFixture.Champion, ServingFixture.Token);
        await host.AddAsync("two", ServingFixture.Champion, ServingFixture.Token);
        var one = host.Get("one");
        Assert.True(await host.RemoveAsync("one"));
        Assert.False(await host.RemoveAsync("one"));
        await Assert.ThrowsAsync<PredictionRejectedException>(() => ServingFixture.PredictAsync(one));
        Assert.Throws<EntityNotFoundException>(() => host.Get("one"));
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get("two"))).Output.Factor);
        Assert.Equal(1, _fixture.Flavor.Predictors.Count(predictor => predictor.Disposals == 1));
    }

    [Fact]
    public void Constructor_OptionOutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.CreateHost(new ModelHostOptions { RetryDelay = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.CreateHost(new ModelHostOptions { MaxRetryDelay = TimeSpan.FromTicks(1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.CreateHost(new ModelHostOptions { DrainTimeout = TimeSpan.FromTicks(-1) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.CreateHost(new ModelHostOptions { GoldenRowsTolerance = double.NaN }));
    }

    [Fact]
    public async Task DisposeAsync_NoDrainTimeout_WaitsForTheLastPrediction()
    {
        await _fixture.PointToAsync(2);
        var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, DrainTimeout = Timeout.InfiniteTimeSpan });
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforePredict = _ => gate.Task;
        var call = ServingFixture.PredictAsync(host.Get(Name));
        var disposing = host.DisposeAsync().AsTask();
        _fixture.Time.Advance(TimeSpan.FromDays(100));
        Assert.False(disposing.IsCompleted);
        gate.SetResult();
        Assert.Equal(4f, (await call).Output.Value);
        await disposing;
        Assert.Equal(1, Assert.Single(_fixture.Flavor.Predictors).Disposals);
    }

    private async Task<string> MakeDefectAsync(string defect)
    {
        switch (defect)
        {
            case "tampered":
                await _fixture.PointToAsync(2);
                _fixture.Artifacts.Files["models/2/data/factor.txt"][0] ^= 1;
                return "data/factor.txt";
            case "signature":
                await _fixture.PointToAsync(2, new FactorModel(2, inputName: "other"));
                return "'other'";
            case "golden rows":
                await _fixture.PointToAsync(2, options: new ModelSaveOptions { GoldenRows = await CaptureAsync(new FactorModel(7)) });
                return "golden row";
            case "flavor":
                await _fixture.PointToAsync(2, new FactorModel(2, flavorName: "unheard-of"));
                return "'unheard-of'";
            case "warm-up":
                await _fixture.PointToAsync(2);
                _fixture.Flavor.Failure = new InvalidOperationException("no zeros, please");
                return "no zeros, please";
            default:
                _fixture.Resolver.Fail(new StorageException("memory", "resolve", "The registry is out of reach."));
                return "out of reach";
        }
    }

    private static async Task<GoldenRows> CaptureAsync(FactorModel model)
    {
        using var inputs = model.Signature.RentInputs(3);
        TensorNumbers.FromDoubles([1, 2, 3], inputs[0]);
        return await GoldenRows.CaptureAsync(model.CreatePredictor(), inputs, ServingFixture.Token);
    }

    /// <summary>Does something the first time it is compared, which is between the making of a place and its taking.</summary>
    private sealed class InterruptedSource(ModelSource source) : ModelSource
    {
        private int _comparisons;

        public override string Address => source.Address;

        public override ModelUri? Uri => source.Uri;

        public Action Interruption { get; set; } = () => { };

        internal override IModelFeed Open(string name, ModelHostServices services) => source.Open(name, services);

        internal override bool IsSame(ModelSource other)
        {
            if (Interlocked.Increment(ref _comparisons) == 1) Interruption();
            return ReferenceEquals(other, this);
        }
    }
}
