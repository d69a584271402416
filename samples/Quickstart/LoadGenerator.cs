using Mlops;
using Mlops.Serving;

namespace Quickstart;

/// <summary>Calls the model all the time, to show that a swap drops no call.</summary>
internal sealed class LoadGenerator : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private long _calls;
    private long _failures;

    private LoadGenerator(ModelHost host, RidershipData data) => _work = Task.Run(() => CallAsync(host, data.Days));

    public long Calls => Interlocked.Read(ref _calls);

    public long Failures => Interlocked.Read(ref _failures);

    public static LoadGenerator Start(ModelHost host, RidershipData data) => new(host, data);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }

    private async Task CallAsync(ModelHost host, StationDay[] days)
    {
        var model = host.GetTyped<StationDay, RidershipPrediction>(TrainingPipeline.ModelName);
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            try
            {
                await model.PredictAsync(days[i % days.Length]);
                Interlocked.Increment(ref _calls);
            }
            catch (MlopsException)
            {
                Interlocked.Increment(ref _failures);
            }

            // Many calls, but the other processor is for the replay.
            if (i % 64 == 0) await Task.Delay(1);
        }
    }
}
