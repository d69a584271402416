using System.Collections.Concurrent;
using Mlops.Models;

namespace Mlops.Serving.Tests.Probation;

public sealed class ProbationTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();
    private readonly List<string> _swaps = [];

    private static CancellationToken Token => ServingFixture.Token;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_NewVersionFails_IsRolledBackAndNotTakenAgainByItself(bool isBatched)
    {
        await using var host = await StartAsync(isBatched: isBatched);
        await SwapAsync(host, 2);
        Assert.Equal(HostedModelState.Probation, host.GetStatus(Name).State);
        Assert.Equal(1, host.GetStatus(Name).Fallback!.Version.Version);
        Assert.Contains("on probation, kept beside it: version 1", host.GetStatus(Name).ToString(), StringComparison.Ordinal);
        _fixture.Flavor.Failure = new PredictionFailedException(Name, "a broken model");
        await FailUntilAsync(host, () => host.GetModel(Name)!.Version.Version == 1);
        _fixture.Flavor.Failure = null;

        await UntilAsync(() => _fixture.Loggers.Count("RolledBack") == 1 && host.GetStatus(Name).Draining.Count == 0);
        var status = host.GetStatus(Name);
        Assert.Equal((HostedModelState.Serving, null), (status.State, status.Fallback));
        Assert.Contains("predictions failed, at most 0.05 of them may. Version 1 serves again", status.LastError!.Message, StringComparison.Ordinal);
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        Assert.Equal(["null → 1", "1 → 2", "2 → 1"], _swaps);
        Assert.Equal([(1f, 0), (2f, 1)], Disposals());
        Assert.Equal("Degraded", (await new ServingHealthCheck(host).CheckHealthAsync(new(), Token)).Status.ToString());

        // The registry still says 2: taken again only when somebody asks for it.
        Assert.Equal(2, (await host.ReloadAsync(Name, Token)).Version.Version);
        Assert.Null(host.GetStatus(Name).LastError);
    }

    [Fact]
    public async Task Watch_VersionWasRolledBack_WaitsForAnother()
    {
        await using var host = await StartAsync(options: new ModelHostOptions());
        await _fixture.PointToAsync(2);
        await UntilAsync(() => host.GetModel(Name)!.Version.Version == 2);
        _fixture.Flavor.Failure = new PredictionFailedException(Name, "a broken model");
        await FailUntilAsync(host, () => host.GetModel(Name)!.Version.Version == 1);
        _fixture.Flavor.Failure = null;

        // The registry says so once more.
        var watches = _fixture.Resolver.Watches;
        _fixture.Resolver.Fail(new IOException("a moment"));
        await UntilAsync(() => _fixture.Loggers.Count("WatchFailed") > 0);
        _fixture.Resolver.Fail(null);
        await _fixture.UntilAsync(() => _fixture.Resolver.Watches > watches);
        Assert.Equal(1, host.GetModel(Name)!.Version.Version);
        await _fixture.PointToAsync(3);
        await UntilAsync(() => host.GetModel(Name)!.Version.Version == 3);
        Assert.Equal([1f, 2f, 3f], _fixture.Flavor.Predictors.Select(predictor => predictor.Factor).Order());
    }

    [Fact]
    public async Task PredictAsync_NothingIsTheModelsFault_StaysOnProbationUntilItsEnd()
    {
        await using var host = await StartAsync();
        await SwapAsync(host, 2);
        var predictor = host.Get(Name);

        // Rejections, and calls whose tensors do not fit, whatever is thrown then.
        _fixture.Flavor.Failure = new PredictionRejectedException("busy");
        for (var i = 0; i < 50; i++) await Assert.ThrowsAsync<PredictionRejectedException>(() => ServingFixture.PredictAsync(predictor));
        foreach (var failure in new Exception[] { new PredictionFailedException(Name, "wrong tensors"), new PredictionFailedException(Name, "a wrong row") { Row = 0 }, new ArithmeticException() })
        {
            _fixture.Flavor.Failure = failure;
            await FailAsync(new ModelSignature([TensorSpec.Of<float>("x", 7)], predictor.Signature.Outputs));
            await FailAsync(new ModelSignature([TensorSpec.Of<double>("x")], predictor.Signature.Outputs));
            await FailAsync(new ModelSignature([], predictor.Signature.Outputs));
            await FailAsync(new ModelSignature(predictor.Signature.Inputs, [TensorSpec.Of<float>("y")]));
            await FailAsync(new ModelSignature(predictor.Signature.Inputs, [TensorSpec.Of<float>("y"), TensorSpec.Of<float>("factor", 2)]));
            await FailAsync(predictor.Signature, outputRows: 2);
            await FailAsync(predictor.Signature, isDisposed: true);
        }

        _fixture.Flavor.Failure = null;
        for (var i = 0; i < 50; i++) await ServingFixture.PredictAsync(predictor);
        _fixture.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal((HostedModelState.Probation, 2), (host.GetStatus(Name).State, host.GetModel(Name)!.Version.Version));

        // Time is not enough: the fixed number of predictions must have been made, or the longest time passed.
        for (var i = 0; i < 150; i++) await ServingFixture.PredictAsync(predictor);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((HostedModelState.Serving, 2), (host.GetStatus(Name).State, host.GetModel(Name)!.Version.Version));
        Assert.Equal(1, _fixture.Loggers.Count("ProbationPassed"));
        await UntilAsync(() => host.GetStatus(Name).Draining.Count == 0);
        Assert.Equal([(1f, 1), (2f, 0)], Disposals());

        async Task FailAsync(ModelSignature signature, int outputRows = 1, bool isDisposed = false)
        {
            using var inputs = signature.RentInputs(1);
            using var outputs = signature.RentOutputs(outputRows);
            if (isDisposed) inputs.Dispose();
            for (var i = 0; i < 20; i++) Assert.NotNull(await Record.ExceptionAsync(() => predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token).AsTask()));
        }
    }

    /// <summary>A version that fails for every caller is broken, whatever it says of their rows.</summary>
    [Theory]
    [InlineData("a delegate of rows")]
    [InlineData("an asynchronous delegate of rows")]
    [InlineData("names the row")]
    [InlineData("blames the arguments")]
    [InlineData("uses what it has disposed")]
    [InlineData("gives outputs of another shape")]
    public async Task PredictAsync_NewVersionFailsForEveryRow_IsRolledBack(string kind)
    {
        await _fixture.PointToAsync(1);
        var flavor = new DelegateFlavor(_fixture.Flavor, factor => factor == 1 ? Predictor.Create((X x) => new Y(x.Value, 1)) : Broken(kind));
        await using var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(flavor), new ModelHostOptions { AutoReload = false, WarmUp = false }, timeProvider: _fixture.Time);
        await host.AddAsync(Name, ServingFixture.Champion, new HostedModelOptions().UseProbation(), Token);
        await SwapAsync(host, 2);
        for (var i = 0; i < 20 && host.GetModel(Name)!.Version.Version == 2; i++) Assert.NotNull(await Record.ExceptionAsync(() => ServingFixture.PredictAsync(host.Get(Name))));
        await UntilAsync(() => host.GetStatus(Name).LastError is not null);
        Assert.Equal(1, host.GetModel(Name)!.Version.Version);
        Assert.Equal(new Y(2, 1), (await ServingFixture.PredictAsync(host.Get(Name))).Output);

        static IPredictor Broken(string kind)
        {
            var signature = new FactorModel(2).Signature;
            return kind switch
            {
                "a delegate of rows" => Predictor.Create((Func<X, Y>)(_ => throw new InvalidOperationException("broken"))),
                "an asynchronous delegate of rows" => Predictor.Create((Func<X, CancellationToken, ValueTask<Y>>)(async (_, _) =>
                {
                    await Task.Yield();
                    throw new InvalidOperationException("broken");
                })),
                "names the row" => Predictor.Create((Func<X, Y>)(_ => throw new PredictionFailedException(Name, "a wrong row") { Row = 0 })),
                "gives outputs of another shape" => Predictor.Create(signature, (_, outputs, _, _) => outputs[0].Resize(3, 1)),
                _ => new FactorPredictor(signature, 2, new FactorFlavor
                {
                    Failure = kind == "blames the arguments" ? new ArgumentException("broken") : new ObjectDisposedException("broken"),
                }),
            };
        }
    }

    [Fact]
    public async Task PredictAsync_FewerRowsAreRefusedThanMayFail_PassesItsProbation()
    {
        await using var host = await StartAsync(probation => probation.MaxErrorRatio = 0.2);
        await SwapAsync(host, 2);
        for (var i = 0; i < 200; i++)
        {
            _fixture.Flavor.Failure = i % 10 == 0 ? new PredictionFailedException(Name, "an unknown category") { Row = 0 } : null;
            Assert.Equal(i % 10 == 0, await Record.ExceptionAsync(() => ServingFixture.PredictAsync(host.Get(Name))) is not null);
        }

        _fixture.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((HostedModelState.Serving, 2), (host.GetStatus(Name).State, host.GetModel(Name)!.Version.Version));
    }

    [Theory]
    [InlineData("ProbationPassed", 2)]
    [InlineData("RolledBack", 1)]
    public async Task Probation_LoggerThrowsAtItsEnd_EndsAllTheSame(string eventName, int serving)
    {
        await using var host = await StartAsync();
        await SwapAsync(host, 2);
        var told = new ConcurrentQueue<int>();
        using var subscription = host.OnSwapped(swap => told.Enqueue(swap.Current.Version.Version));
        _fixture.Loggers.OnLogged = name =>
        {
            if (name == eventName) throw new InvalidOperationException("a broken logger");
        };

        if (serving == 1)
        {
            _fixture.Flavor.Failure = new PredictionFailedException(Name, "a broken model");
            await FailUntilAsync(host, () => host.GetModel(Name)!.Version.Version == 1);
            await UntilAsync(() => told.Contains(1));
        }

        _fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal((HostedModelState.Serving, serving), (host.GetStatus(Name).State, host.GetModel(Name)!.Version.Version));
        Assert.Equal(1, _fixture.Loggers.Count(eventName));
        Assert.Equal(serving, told.Last());
    }

    [Fact]
    public async Task Probation_HardlyAnyPredictions_EndsAfterTheLongestTime()
    {
        await using var host = await StartAsync();
        await SwapAsync(host, 2);
        _fixture.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HostedModelState.Probation, host.GetStatus(Name).State);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((HostedModelState.Serving, 2), (host.GetStatus(Name).State, host.GetModel(Name)!.Version.Version));
    }

    /// <summary>Timers that wait for less than a millisecond wait once.</summary>
    [Theory]
    [InlineData(1, "0 of 1 prediction failed.")]
    [InlineData(3, "0 of 3 predictions failed.")]
    public async Task Probation_OfAMillisecond_EndsOnceThereAreEnoughPredictions(int enough, string figures)
    {
        await using var host = await StartAsync(probation => (probation.Duration, probation.MinPredictions) = (TimeSpan.FromMilliseconds(1), enough));
        await SwapAsync(host, 2);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HostedModelState.Probation, host.GetStatus(Name).State);
        for (var i = 0; i < enough; i++) await ServingFixture.PredictAsync(host.Get(Name));
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((HostedModelState.Serving, 2), (host.GetStatus(Name).State, host.GetModel(Name)!.Version.Version));
        Assert.EndsWith(figures, Assert.Single(_fixture.Loggers.Messages("ProbationPassed")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UseProbation_SlowdownBeyondAnyTime_GuardsNothing()
    {
        await using var host = await StartAsync(probation => probation.MaxSlowdown = double.MaxValue);
        _fixture.Flavor.BeforePredict = factor =>
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(factor == 1 ? 1 : 10_000));
            return Task.CompletedTask;
        };
        for (var i = 0; i < 300; i++) await ServingFixture.PredictAsync(host.Get(Name));
        await SwapAsync(host, 2);
        for (var i = 0; i < 20; i++) await ServingFixture.PredictAsync(host.Get(Name));
        Assert.Equal((HostedModelState.Probation, 2), (host.GetStatus(Name).State, host.GetModel(Name)!.Version.Version));
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(20, true)]
    public async Task PredictAsync_NewVersionIsSlower_IsRolledBackBeyondTheSlowdown(int slowdown, bool isRolledBack)
    {
        await using var host = await StartAsync();
        _fixture.Flavor.BeforePredict = factor =>
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(factor == 1 ? 1 : slowdown));
            return Task.CompletedTask;
        };
        for (var i = 0; i < 300; i++) await ServingFixture.PredictAsync(host.Get(Name));
        await SwapAsync(host, 2);
        for (var i = 0; i < 200 && host.GetModel(Name)!.Version.Version == 2; i++) await ServingFixture.PredictAsync(host.Get(Name));
        if (isRolledBack)
        {
            await UntilAsync(() => host.GetStatus(Name).LastError is not null);
            Assert.Contains("took longer than", host.GetStatus(Name).LastError!.Message, StringComparison.Ordinal);
        }

        Assert.Equal(isRolledBack ? 1 : 2, host.GetModel(Name)!.Version.Version);
    }

    [Fact]
    public async Task PredictAsync_LongerThanAnyPredictionMay_IsRolledBack()
    {
        await using var host = await StartAsync(probation => (probation.MaxSlowdown, probation.MaxLatency) = (null, TimeSpan.FromMilliseconds(10)));
        await SwapAsync(host, 2);
        _fixture.Flavor.BeforePredict = _ =>
        {
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(11));
            return Task.CompletedTask;
        };
        for (var i = 0; i < 200 && host.GetModel(Name)!.Version.Version == 2; i++) await ServingFixture.PredictAsync(host.Get(Name));
        await UntilAsync(() => host.GetModel(Name)!.Version.Version == 1);
        Assert.Contains("longer than 10 ms, at most 0.05 of them may", host.GetStatus(Name).LastError!.Message, StringComparison.Ordinal);
    }

    /// <summary>What is replaced during its own probation was never proven: the last one that was is kept throughout, and two at most are loaded.</summary>
    [Fact]
    public async Task ReloadAsync_DuringTheProbation_FallsBackToTheLastProvenVersion()
    {
        await using var host = await StartAsync();
        for (var version = 2; version <= 10; version++)
        {
            await SwapAsync(host, version);
            Assert.Equal(1, host.GetStatus(Name).Fallback!.Version.Version);
        }

        await UntilAsync(() => host.GetStatus(Name).Draining.Count == 0);
        Assert.Equal([(1f, 0), .. Enumerable.Range(2, 8).Select(version => ((float)version, 1)), (10f, 0)], Disposals());
        _fixture.Flavor.Failure = new PredictionFailedException(Name, "a broken model");
        await FailUntilAsync(host, () => host.GetModel(Name)!.Version.Version == 1);
        _fixture.Flavor.Failure = null;
        await UntilAsync(() => _swaps.Count == 11);
        Assert.Equal("10 → 1", _swaps[^1]);
    }

    [Fact]
    public async Task Watch_VersionIsRolledBackWhileTheNextIsLoaded_IsTakenAgainWhenTheSourceGivesIt()
    {
        var gate = new TaskCompletionSource();
        _fixture.Flavor.BeforeLoad = (factor, _) => factor == 3 ? gate.Task : Task.CompletedTask;
        await using var host = _fixture.CreateHost(new ModelHostOptions { LoadTimeout = Timeout.InfiniteTimeSpan });
        await _fixture.PointToAsync(1);
        await host.AddAsync(Name, ServingFixture.Champion, new HostedModelOptions().UseProbation(), ServingFixture.Token);
        var second = await _fixture.PointToAsync(2);
        await UntilAsync(() => host.GetModel(Name)!.Version.Version == 2);
        await _fixture.PointToAsync(3);
        await UntilAsync(() => host.GetStatus(Name).Loading?.Step == ModelLoadStep.Loading);
        _fixture.Flavor.Failure = new PredictionFailedException(Name, "a broken model");
        await FailUntilAsync(host, () => host.GetModel(Name)!.Version.Version == 1);
        _fixture.Flavor.Failure = null;
        gate.SetResult();
        await UntilAsync(() => host.GetModel(Name)!.Version.Version == 3);

        _fixture.Resolver.Point(second);
        await UntilAsync(() => host.GetModel(Name)!.Version.Version == 2);
    }

    [Fact]
    public async Task ReloadAsync_BackToTheKeptVersion_LoadsNothing()
    {
        var first = await _fixture.RegisterAsync(1);
        _fixture.Resolver.Point(first);
        await using var host = await StartAsync(isFirstRegistered: true);
        var model = host.GetModel(Name);
        await SwapAsync(host, 2);
        _fixture.Resolver.Point(first);
        Assert.Same(model, await host.ReloadAsync(Name, Token));
        await UntilAsync(() => host.GetStatus(Name).Draining.Count == 0);
        Assert.Equal((HostedModelState.Serving, null), (host.GetStatus(Name).State, host.GetStatus(Name).LastError));
        Assert.Equal([(1f, 0), (2f, 1)], Disposals());
        Assert.Equal(["null → 1", "1 → 2", "2 → 1"], _swaps);
    }

    [Fact]
    public async Task DisposeAsync_DuringTheProbation_DisposesBoth()
    {
        var host = await StartAsync();
        await SwapAsync(host, 2);
        await host.DisposeAsync();
        Assert.Equal([(1f, 1), (2f, 1)], Disposals());
        _fixture.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, _fixture.Loggers.Count("ProbationPassed"));
    }

    [Fact]
    public async Task GetStatus_WhileAVersionIsLoaded_TellsTheStep()
    {
        await using var host = await StartAsync();
        var isLoading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforeLoad = (_, _) =>
        {
            isLoading.SetResult();
            return gate.Task;
        };
        await _fixture.PointToAsync(2);
        var loading = host.ReloadAsync(Name, Token);
        await isLoading.Task;
        _fixture.Time.Advance(TimeSpan.FromSeconds(3));
        var progress = host.GetStatus(Name).Loading!;
        Assert.Equal((ModelLoadStep.Loading, 2, TimeSpan.FromSeconds(3)), (progress.Step, progress.Version!.Version, progress.Elapsed));
        Assert.Contains("; version 2: Loading for 3.000 s", host.GetStatus(Name).ToString(), StringComparison.Ordinal);
        gate.SetResult();
        await loading;
        Assert.Null(host.GetStatus(Name).Loading);
        Assert.True(_fixture.Loggers.Count("StepEnded") >= 5);
        await host.DisposeAsync();
        Assert.Throws<ObjectDisposedException>(() => host.GetStatus(Name));
        Assert.Equal(HostedModelState.Closed, Assert.Single(host.GetStatus()).State);
    }

    [Theory]
    [InlineData("Duration")]
    [InlineData("MaxDuration")]
    [InlineData("MinPredictions")]
    [InlineData("MaxErrorRatio")]
    [InlineData("MaxLatency")]
    [InlineData("MaxSlowdown")]
    [InlineData("LatencyQuantile")]
    [InlineData("FalseRollbackRatio")]
    public async Task UseProbation_OptionOutOfRange_ThrowsAndNamesIt(string option)
    {
        await using var host = _fixture.CreateHost();
        var options = new HostedModelOptions().UseProbation(probation =>
        {
            if (option == "Duration") probation.Duration = TimeSpan.Zero;
            if (option == "MaxDuration") probation.MaxDuration = TimeSpan.FromSeconds(1);
            if (option == "MinPredictions") probation.MinPredictions = -1;
            if (option == "MaxErrorRatio") probation.MaxErrorRatio = double.NaN;
            if (option == "MaxLatency") probation.MaxLatency = TimeSpan.Zero;
            if (option == "MaxSlowdown") probation.MaxSlowdown = 0.5;
            if (option == "LatencyQuantile") probation.LatencyQuantile = 1;
            if (option == "FalseRollbackRatio") probation.FalseRollbackRatio = 0;
        });
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => host.AddAsync(Name, ServingFixture.Champion, options, Token));
        Assert.Equal(option, error.ParamName);
    }

    private async Task<ModelHost> StartAsync(Action<ProbationOptions>? configure = null, bool isBatched = false, ModelHostOptions? options = null, bool isFirstRegistered = false)
    {
        if (!isFirstRegistered) await _fixture.PointToAsync(1);
        var host = _fixture.CreateHost(options);
        host.OnSwapped(swap => _swaps.Add($"{swap.Previous?.Version.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"} → {swap.Current.Version.Version}"));
        var hosted = new HostedModelOptions().UseProbation(configure);
        if (isBatched) hosted.UseBatching();
        await host.AddAsync(Name, ServingFixture.Champion, hosted, Token);
        return host;
    }

    private async Task SwapAsync(ModelHost host, int version)
    {
        await _fixture.PointToAsync(version);
        Assert.Equal(version, (await host.ReloadAsync(Name, Token)).Version.Version);
    }

    private static async Task FailUntilAsync(ModelHost host, Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Assert.ThrowsAsync<PredictionFailedException>(() => ServingFixture.PredictAsync(host.Get(Name)));
            await Task.Yield();
        }
    }

    /// <summary>Waits for something that other threads bring about, without moving the clock.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private (float Factor, int Disposals)[] Disposals()
        => [.. _fixture.Flavor.Predictors.OrderBy(predictor => predictor.Factor).Select(predictor => (predictor.Factor, predictor.Disposals))];
}
