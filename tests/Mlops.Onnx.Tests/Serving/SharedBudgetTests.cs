using Mlops.Models;
using Mlops.Serving;

namespace Mlops.Onnx.Tests.Serving;

/// <summary>Many ONNX sessions in one host, and what runs of them at the same time.</summary>
public sealed class SharedBudgetTests
{
    private const int Models = 12;
    private const int Callers = 48;
    private const int Slots = 2;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_ManySessionsAndCallers_NoMoreRunsThanSlots()
    {
        var runs = new Runs();
        await using var host = new ModelHost(new ModelLoader([new OnnxFlavor()]), new ModelHostOptions { ComputeBudget = new ComputeBudget(Slots), WarmUp = false });
        for (var i = 0; i < Models; i++)
        {
            // Each is another model: what a caller gets tells which one has answered.
            var file = TinyModels.Linear(1 + i);
            var options = new HostedModelOptions().UseBatching(batching => batching.WorkerCount = Slots);
            await host.AddAsync($"model {i}", ModelSource.FromPredictor(_ => Task.FromResult(Load(file, runs))), options, Token);
        }

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(host, caller), Token)));
        Assert.InRange(runs.Most, 1, Slots);
        Assert.True(runs.Rows >= Callers * 50);
    }

    /// <summary>Opens a session, which lives as long as its predictor.</summary>
    private static IPredictor Load(byte[] file, Runs runs)
    {
        using var model = OnnxModel.Load(file);
        return new Counted(model.CreatePredictor(), runs);
    }

    private static async Task CallAsync(ModelHost host, int caller)
    {
        for (var call = 0; call < 50; call++)
        {
            var model = (caller + call) % Models;
            var predictor = host.Get($"model {model}");
            using var inputs = predictor.Signature.RentInputs(1);
            using var outputs = predictor.Signature.RentOutputs(1);
            inputs.Get<float>(0).Span.Fill(caller);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            Assert.Equal((caller * (model + 1) * (model + 2) / 2) + 1, outputs.Get<float>(0).Span[0]);
        }
    }

    private sealed class Runs
    {
        private readonly Lock _lock = new();
        private int _running;

        public int Most { get; private set; }

        public int Rows { get; private set; }

        public void Begin(int rows)
        {
            lock (_lock) (Most, Rows) = (Math.Max(Most, ++_running), Rows + rows);
        }

        public void End()
        {
            lock (_lock) _running--;
        }
    }

    private sealed class Counted(IPredictor inner, Runs runs) : DelegatingPredictor(inner)
    {
        public override async ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            runs.Begin(inputs.Rows);
            try
            {
                await InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);

                // Others come in between where nothing holds them back.
                await Task.Yield();
            }
            finally
            {
                runs.End();
            }
        }
    }
}
