using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The outermost predictor of a generation: says in the context who answers, refuses what comes too late, measures, and tells the observers.</summary>
internal sealed class InstrumentedPredictor(
    IPredictor innerPredictor,
    HostedModel hosted,
    PredictionObservers observers,
    ServingTelemetry telemetry,
    TimeProvider time) : DelegatingPredictor(innerPredictor), IThreadPoolWorkItem
{
    private const string Route = "primary";

    /// <summary>So many timed predictions say what a generation takes.</summary>
    private const long EnoughTimed = 1000;

    private readonly string _model = hosted.Name;
    private readonly string _version = hosted.Version.Version.ToString(CultureInfo.InvariantCulture);
    private readonly string _spanName = SpanNameOf(hosted.Name);
    private readonly bool _isObserved = observers.Any;
    private readonly string _loadedAt = hosted.LoadedAt.ToString("O", CultureInfo.InvariantCulture);
    private volatile GenerationMeter? _meter;
    private GenerationMeter? _recent;
    private GenerationMeter? _earlier;

    /// <summary>Counts and times predictions from now on, until there are enough of them.</summary>
    public void MeasureBaseline() => Measure(new GenerationMeter(this, isBaseline: true));

    /// <summary>Counts and times predictions from now on; not at all any more with <see langword="null"/>. One call at a time.</summary>
    public void Measure(GenerationMeter? meter)
    {
        if (meter is not null)
        {
            if (_recent is not null && (_earlier is null || _recent.Count().Timed >= EnoughTimed / 4)) _earlier = _recent;
            _recent = meter;
        }

        _meter = meter;
    }

    /// <summary>Gets a bound of a quantile of what predictions took when they were last measured, or else before; <see langword="null"/> where too few were.</summary>
    public TimeSpan? FindBaseline(double quantile, double risk)
        => _recent?.Latencies.FindUpperQuantile(quantile, risk) ?? _earlier?.Latencies.FindUpperQuantile(quantile, risk);

    /// <summary>Ends the measuring when there is enough of it.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_meter is { IsBaseline: true } meter && meter.Count().Timed >= EnoughTimed) Interlocked.CompareExchange(ref _meter, null, meter);
    }

    public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(context);
        if (_isObserved || _meter is not null || telemetry.IsListenedTo)
            return telemetry.IsTraced ? TraceAsync(inputs, outputs, context, cancellationToken) : CountAsync(inputs, outputs, context, cancellationToken);

        // Nobody listens: nothing is measured, and nothing needs to be kept for afterwards.
        try
        {
            var task = BeginAsync(inputs, outputs, context, cancellationToken);
            if (task.IsCompletedSuccessfully) return task;
            if (!task.IsCompleted) return AwaitAsync(task, inputs, outputs, context, null, false, 0, cancellationToken);
            task.GetAwaiter().GetResult();
            return ValueTask.CompletedTask;
        }
        catch (Exception error)
        {
            OnFailed(inputs, outputs, context, error, null, false, 0, cancellationToken);
            return error.ToValueTask(cancellationToken);
        }
    }

    private static string SpanNameOf(string model) => $"predict {model}";

    /// <summary>Says in the context who answers, and predicts where it is not too late.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ValueTask BeginAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        // A context that is used again has them already, and writing a reference costs more than reading one.
        if (!ReferenceEquals(context.Model, hosted)) context.Model = hosted;
        if (!ReferenceEquals(context.ModelName, _model)) context.ModelName = _model;
        if (!ReferenceEquals(context.ModelVersion, _version)) context.ModelVersion = _version;
        if (!ReferenceEquals(context.Route, Route)) context.Route = Route;
        if (cancellationToken.CanBeCanceled || context.Deadline is not null) ThrowIfOver(context, cancellationToken);
        return InnerPredictor.PredictAsync(inputs, outputs, context, cancellationToken);
    }

    private void ThrowIfOver(PredictionContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (context.Deadline is { } deadline && deadline <= time.GetUtcNow())
            throw new PredictionRejectedException($"The deadline of the prediction by '{_model}' had passed before it began.");
    }

    private ValueTask CountAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        if (!telemetry.OnStarted(_model)) return RunAsync(inputs, outputs, context, cancellationToken);
        var task = RunAsync(inputs, outputs, context, cancellationToken);
        if (!task.IsCompleted) return AwaitEndAsync(task);
        telemetry.OnEnded(_model);
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
            telemetry.OnEnded(_model);
        }
    }

    private ValueTask RunAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        var meter = _meter;
        var isMeasured = _isObserved || telemetry.IsPredictionMeasured || meter?.IsTimed() == true;
        var started = isMeasured ? time.GetTimestamp() : 0;
        try
        {
            var task = BeginAsync(inputs, outputs, context, cancellationToken);
            if (!task.IsCompleted) return AwaitAsync(task, inputs, outputs, context, meter, isMeasured, started, cancellationToken);
            task.GetAwaiter().GetResult();
        }
        catch (Exception error)
        {
            OnFailed(inputs, outputs, context, error, meter, isMeasured, started, cancellationToken);
            return error.ToValueTask(cancellationToken);
        }

        if (isMeasured) OnPredicted(inputs, outputs, context, meter, started);
        else meter?.OnPredicted(null);
        return ValueTask.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAsync(
        ValueTask task, TensorBatch inputs, TensorBatch outputs, PredictionContext context, GenerationMeter? meter, bool isMeasured, long started, CancellationToken cancellationToken)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception error)
        {
            OnFailed(inputs, outputs, context, error, meter, isMeasured, started, cancellationToken);
            throw;
        }

        if (isMeasured) OnPredicted(inputs, outputs, context, meter, started);
        else meter?.OnPredicted(null);
    }

    private async ValueTask TraceAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        using var activity = telemetry.StartPredict(_spanName);
        activity?.SetTag("mlops.model.name", _model).SetTag("mlops.model.version", _version).SetTag("mlops.model.digest", hosted.Digest)
            .SetTag("mlops.model.loaded_at", _loadedAt).SetTag("mlops.route.kind", Route);
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

    private void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, GenerationMeter? meter, long started)
    {
        var duration = time.GetElapsedTime(started);
        meter?.OnPredicted(duration);
        if (telemetry.IsPredictionMeasured) telemetry.OnPredicted(_model, _version, Route, duration);
        observers.OnPredicted(inputs, outputs, context, duration);
    }

    private void OnFailed(
        TensorBatch inputs, TensorBatch outputs, PredictionContext context, Exception error, GenerationMeter? meter, bool isMeasured, long started, CancellationToken cancellationToken)
    {
        if (error.IsCancellation(cancellationToken)) return;
        if (meter is not null && ModelFault.IsCauseOf(error, Signature, inputs, outputs)) meter.OnFailed();
        var isRejected = error is PredictionRejectedException;
        if (isRejected) telemetry.OnRejected(_model, error);
        if (!isMeasured) return;
        var duration = time.GetElapsedTime(started);
        if (!isRejected) telemetry.OnFailed(_model, _version, Route, error, duration);
        observers.OnFailed(context, error, duration);
    }
}
