using System.Globalization;
using Mlops.Models;
using Mlops.Serving;
using Mlops.Testing;
using Mlops.Tests;
using Mlops.Tracking;

namespace Mlops.Onnx.Tests.Serving;

/// <summary>Hot swaps of ONNX models under load; with MLOPS_SOAK=1 a thousand of them. Alone, because the memory of the process is measured.</summary>
[Collection(nameof(OnnxMemoryTests))]
public sealed class HotSwapTests : IDisposable
{
    private const int Callers = 8;
    private const int RowsOfACall = 3;

    private static readonly bool s_isSoak = Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1";
    private static readonly ModelUri s_champion = ModelUri.OfAlias(SwappedModels.Model, "champion");

    private readonly SwappedModels _models = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _models.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ReloadAsync_UnderLoad_NoCallFailsOrMixesVersionsAndMemoryStaysFlat(bool isBatched)
    {
        var swaps = s_isSoak ? 1000 : 60;
        using var stopping = new CancellationTokenSource();
        var memory = new List<double>();
        long calls = 0;
        await using (var host = _models.CreateHost())
        {
            await _models.PointToAsync(1);
            await host.AddAsync("sums", s_champion, isBatched ? new HostedModelOptions().UseBatching() : null, Token);
            var callers = Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(host.Get("sums"), caller, stopping.Token))).ToArray();
            try
            {
                for (var swap = 1; swap <= swaps && !callers.Any(caller => caller.IsFaulted); swap++)
                {
                    await _models.PointToAsync(swap + 1);
                    Assert.Equal(swap + 1, (await host.ReloadAsync("sums", Token)).Version.Version);
                    if (swap >= swaps / 2 && swap % (swaps / 20) == 0) memory.Add(MeasureMegabytes());
                }
            }
            finally
            {
                await stopping.CancelAsync();
                foreach (var answered in await Task.WhenAll(callers)) calls += answered;
            }

            Assert.Equal((swaps + 1, "x"), (host.GetModel("sums")!.Version.Version, host.GetModel("sums")!.Signature.Inputs[0].Name));
        }

        Assert.Equal((swaps + 1, swaps + 1), (_models.Loaded, _models.Disposed));
        Assert.True(calls > swaps, $"{calls} calls were answered during {swaps} swaps.");
        var growth = (memory[^1] / memory[0]) - 1;
        Figures.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"hot swaps of ONNX models{(isBatched ? " with batching" : "")}: {swaps} swaps under {Callers} callers, {calls:N0} calls of {RowsOfACall} rows answered, none failed or mixed versions, all generations disposed; resident memory of the second half {memory.Min():F1} to {memory.Max():F1} MB, {growth:+0.0%;-0.0%} from its begin to its end"));

        // A few swaps are not enough for the memory to settle; what they leak in all is seen by then.
        if (s_isSoak) Assert.True(memory.Max() / memory.Min() < 1.05, $"The memory was between {memory.Min():F1} and {memory.Max():F1} MB during the second half of the swaps.");
        Assert.True(growth < (s_isSoak ? 0.05 : 0.25), $"The memory grew by {growth:P1} during the second half of the swaps: {string.Join(", ", memory.Select(megabytes => megabytes.ToString("F1", CultureInfo.InvariantCulture)))} MB.");
    }

    /// <summary>Predicts until it is stopped; each answer tells by its values which version gave it, and by its context which version should have.</summary>
    private static async Task<long> CallAsync(IPredictor predictor, int caller, CancellationToken stopping)
    {
        var context = new PredictionContext();
        long calls = 0;
        var lastVersion = 0;
        for (; !stopping.IsCancellationRequested; calls++)
        {
            using var inputs = predictor.Signature.RentInputs(RowsOfACall);
            using var outputs = predictor.Signature.RentOutputs(RowsOfACall);
            for (var row = 0; row < RowsOfACall; row++) inputs.Get<float>(0).Span[row] = (10_000 * caller) + (2_000 * row) + (calls % 1000);
            context.Reset();
            await predictor.PredictAsync(inputs, outputs, context, CancellationToken.None);
            var version = int.Parse(context.ModelVersion!, CultureInfo.InvariantCulture);
            Assert.Equal(context.Model!.Version.Version, version);
            Assert.True(version >= lastVersion, $"Version {version} answered after version {lastVersion} had.");
            lastVersion = version;
            for (var row = 0; row < RowsOfACall; row++) Assert.Equal(inputs.Get<float>(0).Span[row] + version, outputs.Get<float>(0).Span[row]);
            if (calls % 16 == 0) await Task.Yield();
        }

        return calls;
    }

    [Fact]
    public async Task PredictAsync_DeadlinePassesDuringTheNativeRun_EndsTheRun()
    {
        // It runs for many seconds if nothing ends it, and would succeed then.
        await _models.PointToAsync(1, TinyModels.Slow(nodes: 500, width: 1000));
        var time = new ManualTimeProvider();
        await using var host = _models.CreateHost(time);
        await host.AddAsync("sums", s_champion, Token);
        var predictor = host.Get("sums");
        using var inputs = predictor.Signature.RentInputs(4000);
        using var outputs = predictor.Signature.RentOutputs(4000);
        inputs.Get<float>(0).Span.Fill(1);
        var context = new PredictionContext { Deadline = time.GetUtcNow() + TimeSpan.FromDays(10) };
        var call = Task.Run(async () => await predictor.PredictAsync(inputs, outputs, context, Token), Token);
        while (context.ModelName is null) await Task.Yield();
        for (var moved = TimeSpan.Zero; host.GetStatus("sums").LongestCall == TimeSpan.Zero; await Task.Yield())
        {
            // The watch sees a call that is past the check of its deadline, once the clock moves; but not to that deadline, however long the thread of the call is kept waiting.
            if (moved > TimeSpan.FromDays(5)) continue;
            time.Advance(TimeSpan.FromSeconds(10));
            moved += TimeSpan.FromSeconds(10);
        }

        // The timer of the deadline may be set only now, and fires when the clock moves.
        time.Advance(TimeSpan.FromDays(10));
        for (; !call.IsCompleted; await Task.Delay(1, Token)) time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<PredictionFailedException>(() => call)).InnerException);
        context.Reset();
        using var few = predictor.Signature.RentInputs(1);
        using var result = predictor.Signature.RentOutputs(1);
        few.Get<float>(0).Span.Fill(1);
        await predictor.PredictAsync(few, result, context, Token);
        Assert.InRange(result.Get<float>(0).Span[0], 0.01f, 0.5f);
    }

    /// <summary>The least of a few looks, because what the callers have in hand comes and goes, and without the free memory that the garbage collector keeps for their next objects.</summary>
    private static double MeasureMegabytes()
    {
        var least = long.MaxValue;
        for (var look = 0; look < 5; look++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            least = Math.Min(least, Environment.WorkingSet);
        }

        return least / (double)(1 << 20);
    }
}
