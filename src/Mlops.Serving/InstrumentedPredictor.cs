using System.Diagnostics;
using System.Runtime.CompilerServices;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The outermost predictor of a generation: says in the context who answers, refuses what comes too late, measures, and tells the observers.</summary>
internal sealed class InstrumentedPredictor(
    IPredictor innerPredictor,
    string model,
    string version,
    PredictionObservers observers,
    ServingTelemetry telemetry,
    TimeProvider time) : DelegatingPredictor(innerPredictor)
{
    private const string Route = "primary";

    private readonly string _spanName = $"predict {model}";

    public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(context);
        return telemetry.IsTraced
            ? TraceAsync(inputs, outputs, context, cancellationToken)
            : CountAsync(inputs, outputs, context, cancellationToken);
    }

    private ValueTask CountAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        if (!telemetry.OnStarted(model)) return RunAsync(inputs, outputs, context, cancellationToken);
        var task = RunAsync(inputs, outputs, context, cancellationToken);
        if (!task.IsCompleted) return AwaitEndAsync(task);
        telemetry.OnEnded(model);
        return task;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitEndAsync(ValueTask task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        finally
        {
            telemetry.OnEnded(model);
        }
    }

    private ValueTask RunAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        context.ModelName = model;
        context.ModelVersion = version;
        context.Route = Route;
        var isMeasured = observers.Any || telemetry.IsPredictionMeasured;
        var started = isMeasured ? time.GetTimestamp() : 0;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (context.Deadline is { } deadline && deadline <= time.GetUtcNow())
                throw new PredictionRejectedException($"The deadline of the prediction by '{model}' had passed before it began.");
            var task = InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);
            if (!task.IsCompleted) return AwaitAsync(task, inputs, outputs, context, isMeasured, started, cancellationToken);
            task.GetAwaiter().GetResult();
        }
        catch (Exception error)
        {
            OnFailed(context, error, isMeasured, started, cancellationToken);
            return error.ToValueTask(cancellationToken);
        }

        if (isMeasured) OnPredicted(inputs, outputs, context, started);
        return ValueTask.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAsync(
        ValueTask task, TensorBatch inputs, TensorBatch outputs, PredictionContext context, bool isMeasured, long started, CancellationToken cancellationToken)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            OnFailed(context, error, isMeasured, started, cancellationToken);
            throw;
        }

        if (isMeasured) OnPredicted(inputs, outputs, context, started);
    }

    private async ValueTask TraceAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        using var activity = telemetry.StartPredict(_spanName);
        activity?.SetTag("mlops.model.name", model).SetTag("mlops.model.version", version).SetTag("mlops.route.kind", Route);
        try
        {
            await CountAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken))
        {
            activity?.SetTag("error.type", error.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, long started)
    {
        var duration = time.GetElapsedTime(started);
        telemetry.OnPredicted(model, version, Route, duration);
        observers.OnPredicted(inputs, outputs, context, duration);
    }

    private void OnFailed(PredictionContext context, Exception error, bool isMeasured, long started, CancellationToken cancellationToken)
    {
        if (error.IsCancellation(cancellationToken)) return;
        var isRejected = error is PredictionRejectedException;
        if (isRejected) telemetry.OnRejected(model, error);
        if (!isMeasured) return;
        var duration = time.GetElapsedTime(started);
        if (!isRejected) telemetry.OnFailed(model, version, Route, error, duration);
        observers.OnFailed(context, error, duration);
    }
}
