using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

/// <summary>The steps of a slot's generations by themselves: who answers, who is kept, and who is disposed when.</summary>
public sealed class GenerationLineTests : IDisposable
{
    private const string Name = "line";
    private readonly ServingFixture _fixture = new();
    private readonly CallerContract _callers = new();
    private readonly Queue<(Serving.Probation Probation, ProbationVerdict Verdict)> _ended = new();
    private GenerationLine? _line;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task TrySwitch_WhileTheOldOneIsUsed_AnswersWithTheNewOneAndDrainsTheOld()
    {
        var line = CreateLine();
        Assert.Null(line.TryAcquire());
        var (first, second) = (Create(1), Create(2));
        Assert.Null(line.TrySwitch(first, ServingFixture.Token).Swap!.Previous);
        var used = line.TryAcquire();
        Assert.Same(first, used);
        Assert.Same(first.Model, line.TrySwitch(second, ServingFixture.Token).Swap!.Previous);
        Assert.Equal([second, first], line.List());
        Assert.Equal([first.Model], line.GetSnapshot().Draining);
        Assert.False(first.Disposed.IsCompleted);
        used!.Release();
        await first.Disposed.WaitAsync(ServingFixture.Token);
        Assert.Equal([second], line.List());
        Assert.Equal([1, 2], DequeueAll(line));
        await line.RetireAllAsync().WaitAsync(ServingFixture.Token);
        Assert.Null(line.TryAcquire());
    }

    [Fact]
    public async Task TrySwitch_CallersCouldNotCallIt_RetiresItAndTheOldOneGoesOn()
    {
        var line = CreateLine();
        line.TrySwitch(Create(1), ServingFixture.Token);
        var unfit = Create(2, "other");
        var result = line.TrySwitch(unfit, ServingFixture.Token);
        Assert.Null(result.Swap);
        Assert.Contains("'other'", result.Incompatibility, StringComparison.Ordinal);
        await unfit.Disposed.WaitAsync(ServingFixture.Token);
        Assert.Equal(1, line.Model!.Version.Version);
        Assert.Equal([1], DequeueAll(line));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TrySwitch_TooLate_RetiresIt(bool isClosed)
    {
        var line = CreateLine();
        if (isClosed) line.Close();
        var late = Create(1);
        Assert.Equal(new GenerationSwitch(null, null), line.TrySwitch(late, new CancellationToken(!isClosed)));
        await late.Disposed.WaitAsync(ServingFixture.Token);
        Assert.Null(line.Model);
        Assert.Empty(DequeueAll(line));
    }

    [Fact]
    public async Task TryEvict_UsedWaitedForOrRunning_Stays()
    {
        var line = CreateLine();
        var generation = Create(1);
        line.TrySwitch(generation, ServingFixture.Token);
        Assert.Null(line.TryEvict(_ => true));
        line.BeginWait();
        Assert.Null(line.TryEvict(_ => false));
        line.EndWait();
        var used = line.TryAcquire()!;
        Assert.Null(line.TryEvict(_ => false));
        used.Release();
        Assert.Same(generation, line.TryEvict(_ => false));
        await generation.Disposed.WaitAsync(ServingFixture.Token);
        Assert.Null(line.TryAcquire());
        Assert.Null(line.TryEvict(_ => false));

        // What comes back is no other one, what comes instead of it is.
        DequeueAll(line);
        line.TrySwitch(Create(1), ServingFixture.Token);
        Assert.True(line.TryDequeueChange()!.IsAgain);
        Assert.NotNull(line.TryEvict(_ => false));
        Assert.Equal(1, line.TrySwitch(Create(2), ServingFixture.Token).Swap!.Previous!.Version.Version);
        Assert.Equal([2], DequeueAll(line));
    }

    [Fact]
    public async Task EndProbation_NotPassed_ReturnsToTheFallbackAndRefusesTheVersion()
    {
        var line = CreateLine(new ProbationOptions());
        var (first, second, third) = (Create(1), Create(2), Create(3));
        foreach (var generation in new[] { first, second, third }) line.TrySwitch(generation, ServingFixture.Token);

        // What was replaced during its own probation was never proven.
        await second.Disposed.WaitAsync(ServingFixture.Token);
        Assert.Equal((third.Model, first.Model), (line.GetSnapshot().Current, line.GetSnapshot().Fallback));
        Assert.Equal(first.Model.Version, line.ProvenVersionOf(third.Model));
        Assert.Null(line.TryEvict(_ => false));

        var probation = await FailAsync(line, third);
        var error = new ModelLoadException("address", "too many failures");
        Assert.Equal(new ProbationEnd(true, error), line.EndProbation(probation, isPassed: false, _ => error));
        Assert.Null(line.EndProbation(probation, isPassed: false, _ => error));
        await third.Disposed.WaitAsync(ServingFixture.Token);
        Assert.Equal((first.Model, error), (line.Model, line.GetSnapshot().LastError));
        Assert.True(line.IsRefused(third.Model.Version));
        Assert.False(line.TryLiftRefusal(third.Model.Version, isAsked: false));
        Assert.True(line.IsRefused(third.Model.Version));
        Assert.True(line.TryLiftRefusal(third.Model.Version, isAsked: true));
        Assert.False(line.IsRefused(third.Model.Version));
        Assert.Equal([1, 2, 3, 1], DequeueAll(line));
    }

    [Fact]
    public async Task TryReturn_KeptVersion_AnswersAgain()
    {
        var line = CreateLine(new ProbationOptions());
        var (first, second) = (Create(1), Create(2));
        line.TrySwitch(first, ServingFixture.Token);
        line.TrySwitch(second, ServingFixture.Token);
        Assert.Null(line.TryReturn(VersionOf(3)));
        Assert.Same(first.Model, line.TryReturn(VersionOf(1))!.Current);
        await second.Disposed.WaitAsync(ServingFixture.Token);
        Assert.Null(line.TryReturn(VersionOf(1)));
        Assert.Equal([1, 2, 1], DequeueAll(line));
    }

    [Fact]
    public async Task RetireAllAsync_OneIsUsed_CompletesAfterIt()
    {
        var line = CreateLine(new ProbationOptions());
        var (first, second) = (Create(1), Create(2));
        line.TrySwitch(first, ServingFixture.Token);
        line.TrySwitch(second, ServingFixture.Token);
        var used = line.TryAcquire()!;
        line.Close();
        var retiring = line.RetireAllAsync();
        await first.Disposed.WaitAsync(ServingFixture.Token);
        Assert.False(retiring.IsCompleted);
        used.Release();
        await retiring.WaitAsync(ServingFixture.Token);
        Assert.Empty(line.List());
    }

    private static ModelVersion VersionOf(int version) => new(Name, version, "memory", $"{version}", DateTimeOffset.UnixEpoch);

    private static List<int> DequeueAll(GenerationLine line)
    {
        var versions = new List<int>();
        while (line.TryDequeueChange() is { } change)
        {
            Assert.False(change.IsAgain);
            versions.Add(change.Swap.Current.Version.Version);
        }

        return versions;
    }

    /// <summary>Has every prediction of a generation fail until its probation has judged.</summary>
    private async Task<Serving.Probation> FailAsync(GenerationLine line, ModelGeneration generation)
    {
        _fixture.Flavor.Failure = new InvalidOperationException("a broken model");
        while (true)
        {
            lock (_ended)
            {
                if (_ended.TryDequeue(out var ended))
                {
                    Assert.Equal((generation, "error_ratio"), (ended.Probation.Generation, ended.Verdict.Guard));
                    return ended.Probation;
                }
            }

            var used = line.TryAcquire()!;
            await Assert.ThrowsAsync<InvalidOperationException>(() => ServingFixture.PredictAsync(used.Predictor));
            used.Release();
        }
    }

    private GenerationLine CreateLine(ProbationOptions? probation = null) => _line = new(_callers, probation, _fixture.Time, null, _ => 0, (ended, verdict) =>
    {
        lock (_ended) _ended.Enqueue((ended, verdict));
    });

    private ModelGeneration Create(int version, string inputName = "x")
    {
        var model = new FactorModel(version, _fixture.Flavor, inputName);
        var hosted = new HostedModel(Name, VersionOf(version), model.Signature, _fixture.Time.GetUtcNow());
        var predictor = new InstrumentedPredictor(model.CreatePredictor(), hosted, new PredictionObservers([], NullLogger.Instance), ServingTelemetry.Create(null), _fixture.Time);
        return new ModelGeneration(hosted, predictor, new LoadedModel(hosted.Version, null, model), (disposed, _) => _line!.Remove(disposed));
    }
}
