using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Models;

namespace Mlops.Serving.Tests;

[Collection(nameof(ProcessWideTests))]
public sealed class TelemetryNamesTests : IDisposable
{
    private readonly ServingFixture _fixture = new();
    private readonly ServiceProvider _provider = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public void Dispose()
    {
        _provider.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task Metrics_ListenerThrows_CostsNoModelAndHidesNoFailure()
    {
        var factory = _provider.GetRequiredService<IMeterFactory>();
        var heard = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("mlops.model.", StringComparison.Ordinal) && ReferenceEquals(instrument.Meter.Scope, factory)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => Throw(instrument));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Throw(instrument));
        listener.Start();
        await _fixture.PointToAsync(1);
        await using (var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(), new ModelHostOptions { AutoReload = false, MemoryBudgetBytes = 1 }, null, _fixture.Time, null, factory))
        {
            host.Add("rides", ModelSource.FromRegistry(ServingFixture.Champion));
            Assert.Equal(new Y(2, 1), await host.GetTyped<X, Y>("rides").PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
            await _fixture.PointToAsync(2, new FactorModel(2, inputName: "other"));
            var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync("rides", ServingFixture.Token));
            Assert.Contains("'other'", error.Message, StringComparison.Ordinal);
            await _fixture.PointToAsync(3);
            await host.ReloadAsync("rides", ServingFixture.Token);
            host.Add("next", ModelSource.FromRegistry(ServingFixture.Champion));
            Assert.Equal(new Y(6, 3), await host.GetTyped<X, Y>("next").PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
        }

        Assert.Equal(["mlops.model.evictions", "mlops.model.generations", "mlops.model.load.duration", "mlops.model.memory"], heard.Distinct().Order(StringComparer.Ordinal));
        Assert.All(_fixture.Flavor.Predictors, predictor => Assert.Equal(1, predictor.Disposals));

        void Throw(Instrument instrument)
        {
            heard.Enqueue(instrument.Name);
            throw new InvalidOperationException("a listener");
        }
    }

    /// <summary>Of a prediction, whether it is answered, fails or is rejected.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Metrics_ListenerOfPredictionsThrows_HarmsNoPrediction(bool isBatched)
    {
        var factory = _provider.GetRequiredService<IMeterFactory>();
        var heard = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("mlops.prediction.", StringComparison.Ordinal) && ReferenceEquals(instrument.Meter.Scope, factory)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, _, _) => Throw(instrument));
        listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => Throw(instrument));
        listener.Start();
        await _fixture.PointToAsync(1);
        var observer = new RecordingObserver();
        var options = new HostedModelOptions();
        if (isBatched) options.UseBatching(batching => batching.CallerThread = CallerThreadUse.Never);
        await using var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(), new ModelHostOptions { AutoReload = false }, [observer], _fixture.Time, null, factory);
        await host.AddAsync("rides", ServingFixture.Champion, options, ServingFixture.Token);
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get("rides"))).Output.Factor);
        _fixture.Flavor.Failure = new PredictionFailedException("rides", "a broken model");
        Assert.Contains("a broken model", (await Assert.ThrowsAsync<PredictionFailedException>(() => ServingFixture.PredictAsync(host.Get("rides")))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PredictionRejectedException>(async () => await host.GetTyped<X, Y>("rides").PredictAsync(new X(1), new PredictionContext { Deadline = _fixture.Time.GetUtcNow() }, ServingFixture.Token));
        Assert.Equal(3, observer.Events.Count);
        string[] expected = ["mlops.prediction.active", "mlops.prediction.duration", "mlops.prediction.rejected"];
        Assert.Empty(expected.Except(heard));
        Assert.Equal(isBatched, heard.Contains("mlops.prediction.batch.size"));

        void Throw(Instrument instrument)
        {
            heard.Enqueue(instrument.Name);
            throw new InvalidOperationException("a listener");
        }
    }

    [Fact]
    public async Task Metrics_LifeOfAHost_HaveTheirNamesUnitsAndAttributes()
    {
        var factory = _provider.GetRequiredService<IMeterFactory>();
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Mlops.Serving", Name: not "mlops.model.memory" } && ReferenceEquals(instrument.Meter.Scope, factory)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => measured.Enqueue(Describe(instrument, "", tags)));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Enqueue(Describe(instrument, FormattableString.Invariant($" {value:+0;-0}"), tags)));
        listener.Start();

        await _fixture.PointToAsync(1);
        var options = new ModelHostOptions { AutoReload = false };
        await using (var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(), options, null, _fixture.Time, null, factory))
        {
            await host.AddAsync("rides", ServingFixture.Champion, ServingFixture.Token);
            await ServingFixture.PredictAsync(host.Get("rides"));
            _fixture.Flavor.Failure = new PredictionFailedException("rides", "no");
            await Assert.ThrowsAsync<PredictionFailedException>(() => ServingFixture.PredictAsync(host.Get("rides")));
            var late = new PredictionContext { Deadline = _fixture.Time.GetUtcNow() };
            await Assert.ThrowsAsync<PredictionRejectedException>(() => host.GetTyped<X, Y>("rides").PredictAsync(new X(1), late, ServingFixture.Token).AsTask());
            _fixture.Resolver.Point(null);
            await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync("rides", ServingFixture.Token));
        }

        Assert.Equal(
            [
                "mlops.model.generations {generation} +1 mlops.model.name=rides mlops.model.version=1",
                "mlops.model.load.duration s mlops.model.name=rides mlops.model.version=1",
                "mlops.prediction.active {prediction} +1 mlops.model.name=rides",
                "mlops.prediction.duration s mlops.model.name=rides mlops.model.version=1 mlops.route.kind=primary",
                "mlops.prediction.active {prediction} -1 mlops.model.name=rides",
                "mlops.prediction.active {prediction} +1 mlops.model.name=rides",
                "mlops.prediction.duration s error.type=Mlops.PredictionFailedException mlops.model.name=rides mlops.model.version=1 mlops.route.kind=primary",
                "mlops.prediction.active {prediction} -1 mlops.model.name=rides",
                "mlops.prediction.active {prediction} +1 mlops.model.name=rides",
                "mlops.prediction.rejected {prediction} +1 error.type=Mlops.PredictionRejectedException mlops.model.name=rides",
                "mlops.prediction.active {prediction} -1 mlops.model.name=rides",
                "mlops.model.load.duration s error.type=Mlops.ModelLoadException mlops.model.name=rides",
                "mlops.model.generations {generation} -1 mlops.model.name=rides mlops.model.version=1",
            ],
            measured);
    }

    [Fact]
    public async Task Metrics_Batching_HaveTheirNamesUnitsAndAttributes()
    {
        var factory = _provider.GetRequiredService<IMeterFactory>();
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "mlops.prediction.queue.duration" or "mlops.prediction.batch.size" or "mlops.prediction.rejected" && ReferenceEquals(instrument.Meter.Scope, factory)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Enqueue(Describe(instrument, FormattableString.Invariant($" {value}"), tags)));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Enqueue(Describe(instrument, FormattableString.Invariant($" {value}"), tags)));
        listener.Start();

        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.PointToAsync(1);
        var options = new ModelHostOptions { AutoReload = false, WarmUp = false };
        await using (var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(), options, null, _fixture.Time, null, factory))
        {
            await host.AddAsync("rides", ServingFixture.Champion, new HostedModelOptions().UseBatching(batching => (batching.WorkerCount, batching.QueueCapacity, batching.NormalQueueRatio) = (1, 2, 1)), ServingFixture.Token);
            _fixture.Flavor.BeforePredict = _ => gate.Task;
            var calls = Enumerable.Range(0, 3).Select(_ => ServingFixture.PredictAsync(host.Get("rides"))).ToArray();
            await Assert.ThrowsAsync<PredictionRejectedException>(() => ServingFixture.PredictAsync(host.Get("rides")));
            _fixture.Time.Advance(TimeSpan.FromSeconds(2));
            gate.SetResult();
            await Task.WhenAll(calls);
        }

        Assert.Equal(
            [
                "mlops.prediction.batch.size {item} 1 mlops.model.name=rides",
                "mlops.prediction.batch.size {item} 2 mlops.model.name=rides",
                "mlops.prediction.queue.duration s 0 mlops.model.name=rides",
                "mlops.prediction.queue.duration s 2 mlops.model.name=rides",
                "mlops.prediction.queue.duration s 2 mlops.model.name=rides",
                "mlops.prediction.rejected {prediction} 1 error.type=Mlops.PredictionRejectedException mlops.model.name=rides",
            ],
            measured.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Metrics_MemoryAndEvictions_HaveTheirNamesUnitsAndAttributes()
    {
        var factory = _provider.GetRequiredService<IMeterFactory>();
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "mlops.model.memory" or "mlops.model.evictions" && ReferenceEquals(instrument.Meter.Scope, factory)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Enqueue(Describe(instrument, FormattableString.Invariant($" {value:+0;-0}"), tags)));
        listener.Start();

        var size = new DirectoryInfo((await _fixture.SaveAsync("one", 1)).Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        await _fixture.SaveAsync("two", 2);
        await using (var host = new ModelHost(_fixture.CreateLoader(), new ModelHostOptions { MemoryBudgetBytes = size }, null, _fixture.Time, null, factory))
        {
            host.Add("one", ModelSource.FromDirectory(_fixture.PathOf("one")));
            host.Add("two", ModelSource.FromDirectory(_fixture.PathOf("two")));
            await host.GetTyped<X, Y>("one").PredictAsync(new X(1), cancellationToken: ServingFixture.Token);
            await host.GetTyped<X, Y>("two").PredictAsync(new X(1), cancellationToken: ServingFixture.Token);
        }

        Assert.Equal(
            [
                $"mlops.model.memory By +{size} mlops.model.name=one",
                $"mlops.model.memory By -{size} mlops.model.name=one",
                $"mlops.model.memory By +{size} mlops.model.name=two",
                $"mlops.model.memory By -{size} mlops.model.name=two",
            ],
            measured.Where(measurement => measurement.StartsWith("mlops.model.memory", StringComparison.Ordinal)));

        // The memory is given back when the model is disposed, elsewhere: perhaps before the eviction is counted, perhaps after.
        Assert.Equal("mlops.model.evictions {eviction} +1 mlops.model.name=one", Assert.Single(measured, measurement => measurement.StartsWith("mlops.model.evictions", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task LoadTime_OfEachModelThatAnswers_HasItsVersionAndDigest()
    {
        var factory = _provider.GetRequiredService<IMeterFactory>();
        var measured = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "mlops.model.load.time" && ReferenceEquals(instrument.Meter.Scope, factory)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add(Describe(instrument, FormattableString.Invariant($" {value}"), tags)));
        listener.Start();
        var first = await _fixture.PointToAsync(1);
        await using (var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(), new ModelHostOptions { AutoReload = false }, null, _fixture.Time, null, factory))
        {
            host.Add("unused", ModelSource.FromDirectory("model"));
            listener.RecordObservableInstruments();
            await host.AddAsync("rides", ServingFixture.Champion, ServingFixture.Token);
            var loadedAt = _fixture.Time.GetUtcNow().ToUnixTimeSeconds();
            listener.RecordObservableInstruments();
            _fixture.Time.Advance(TimeSpan.FromSeconds(5));
            var second = await _fixture.PointToAsync(2);
            await host.ReloadAsync("rides", ServingFixture.Token);
            listener.RecordObservableInstruments();
            Assert.Equal(
                [
                    $"mlops.model.load.time s {loadedAt} mlops.model.digest={first.Digest} mlops.model.name=rides mlops.model.version=1",
                    $"mlops.model.load.time s {loadedAt + 5} mlops.model.digest={second.Digest} mlops.model.name=rides mlops.model.version=2",
                ],
                measured);
        }

        listener.RecordObservableInstruments();
        Assert.Equal(2, measured.Count);
    }

    [Fact]
    public async Task Spans_LoadAndPredict_TellVersionDigestAndWhenItWasLoaded()
    {
        var spans = new ConcurrentQueue<string>();
        using var root = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Mlops.Serving",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == root.TraceId) spans.Enqueue($"{activity.DisplayName} {activity.GetTagItem("mlops.model.version")} {activity.GetTagItem("mlops.model.digest")} {activity.GetTagItem("mlops.model.loaded_at")}");
            },
        };
        ActivitySource.AddActivityListener(listener);
        var version = await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        var model = await host.AddAsync("rides", ServingFixture.Champion, ServingFixture.Token);
        await ServingFixture.PredictAsync(host.Get("rides"));
        Assert.Equal(new[] { "load", "predict" }.Select(span => $"{span} rides 1 {version.Digest} {model.LoadedAt:O}"), spans);
        Assert.Equal(1, _fixture.Loggers.Messages("Swapped").Count(message => message.Contains($"digest {version.Digest}, loaded at {model.LoadedAt:O}", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Metrics_RollbackAndHangingCall_HaveTheirNamesUnitsAndAttributes()
    {
        var factory = _provider.GetRequiredService<IMeterFactory>();
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name is "mlops.model.rollbacks" or "mlops.prediction.hanging" && ReferenceEquals(instrument.Meter.Scope, factory)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Enqueue(Describe(instrument, FormattableString.Invariant($" {value:+0;-0}"), tags)));
        listener.Start();

        await _fixture.PointToAsync(1);
        var options = new ModelHostOptions { AutoReload = false, HangTimeout = TimeSpan.FromSeconds(10), WarmUp = false };
        await using (var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(), options, null, _fixture.Time, null, factory))
        {
            await host.AddAsync("rides", ServingFixture.Champion, new HostedModelOptions().UseProbation(), ServingFixture.Token);
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _fixture.Flavor.BeforePredict = _ => gate.Task;
            var hanging = ServingFixture.PredictAsync(host.Get("rides"));
            for (var second = 0; second < 20; second++) _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(1, host.GetStatus("rides").HangingCalls);
            _fixture.Flavor.BeforePredict = null;
            gate.SetResult();
            await hanging;
            for (var second = 0; second < 2; second++) _fixture.Time.Advance(TimeSpan.FromSeconds(1));

            await _fixture.PointToAsync(2);
            Assert.Equal(2, (await host.ReloadAsync("rides", ServingFixture.Token)).Version.Version);
            _fixture.Flavor.Failure = new PredictionFailedException("rides", "no");
            while (host.GetStatus("rides").State == HostedModelState.Probation)
            {
                try
                {
                    await ServingFixture.PredictAsync(host.Get("rides"));
                }
                catch (PredictionFailedException)
                {
                    await Task.Yield();
                }
            }

            // It is counted once the version before serves again.
            await _fixture.UntilAsync(() => measured.Count == 3);
            Assert.Equal(1, host.GetModel("rides")!.Version.Version);
        }

        Assert.Equal(
            [
                "mlops.prediction.hanging {prediction} +1 mlops.model.name=rides",
                "mlops.prediction.hanging {prediction} -1 mlops.model.name=rides",
                "mlops.model.rollbacks {rollback} +1 mlops.model.name=rides mlops.model.version=2 mlops.probation.guard=error_ratio",
            ],
            measured);
    }

    [Fact]
    public async Task ActivePredictions_WhileSomeGoOn_AreThoseThatTheListenerSawBegin()
    {
        var factory = _provider.GetRequiredService<IMeterFactory>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        long active = 0;
        await _fixture.PointToAsync(1);
        _fixture.Flavor.BeforePredict = _ => gate.Task;
        await using var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(), new ModelHostOptions { AutoReload = false, WarmUp = false }, null, _fixture.Time, null, factory);
        await host.AddAsync("rides", ServingFixture.Champion, ServingFixture.Token);
        var unseen = ServingFixture.PredictAsync(host.Get("rides"));
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "mlops.prediction.active" && ReferenceEquals(instrument.Meter.Scope, factory)) listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref active, value));
        listener.Start();

        var seen = Enumerable.Range(0, 3).Select(_ => ServingFixture.PredictAsync(host.Get("rides"))).ToArray();
        Assert.Equal(3, Interlocked.Read(ref active));
        gate.SetResult();
        await Task.WhenAll([unseen, .. seen]);
        Assert.Equal(0, Interlocked.Read(ref active));
    }

    [Fact]
    public async Task Spans_LoadAndPredict_HaveTheirNames()
    {
        var spans = new ConcurrentQueue<string>();
        using var root = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Mlops.Serving",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == root.TraceId) spans.Enqueue($"{activity.DisplayName} {activity.Status} {activity.GetTagItem("error.type")}");
            },
        };
        ActivitySource.AddActivityListener(listener);
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync("rides", ServingFixture.Champion, ServingFixture.Token);
        await ServingFixture.PredictAsync(host.Get("rides"));
        _fixture.Flavor.Failure = new PredictionFailedException("rides", "no");
        await Assert.ThrowsAsync<PredictionFailedException>(() => ServingFixture.PredictAsync(host.Get("rides")));
        Assert.Equal(["load rides Unset ", "predict rides Unset ", "predict rides Error Mlops.PredictionFailedException"], spans);
        Assert.Same(root, Activity.Current);
    }

    private static string Describe(Instrument instrument, string value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        => string.Join(' ', [$"{instrument.Name} {instrument.Unit}{value}", .. tags.ToArray().OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}")]);
}
