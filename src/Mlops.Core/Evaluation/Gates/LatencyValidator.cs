using Mlops.Data;
using Mlops.Models;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when it predicts fast enough: the median and the 99th percentile of repeated predictions.</summary>
/// <remarks>
/// Needs <see cref="ModelValidationContext.Rows"/>, and <see cref="ModelValidationContext.Package"/> or <see cref="ModelValidationContext.Predictor"/>: where a package is given the model that is
/// loaded from it is measured, as a host would run it, else the predictor. Only the model is measured, not the reading of rows; first
/// predictions that do not count warm it up. The rows take turns. What is measured is this machine, as it is now: leave room between the limits and what is usual.
/// </remarks>
/// <param name="timeProvider">The clock; <see langword="null"/> for the system's.</param>
public sealed class LatencyValidator(TimeProvider? timeProvider = null) : IModelValidator
{
    private const int MostBatches = 256;
    private const string Median = "latency_median";
    private const string Tail = "latency_p99";
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    /// <value>The default value is <c>latency</c>; give others where there are several.</value>
    public string Name { get; init => field = GateName.Of(value); } = "latency";

    /// <summary>Gets the longest median time of one prediction of <see cref="BatchRows"/> rows.</summary>
    /// <value>The default value is 1 ms; <see langword="null"/> for no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
    public TimeSpan? MaximumMedian { get; init => field = value is { } given ? CheckLimit.Positive(given) : null; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Gets the longest time that 99 of 100 predictions of <see cref="BatchRows"/> rows may take.</summary>
    /// <value>The default value is 10 ms; <see langword="null"/> for no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
    public TimeSpan? MaximumP99 { get; init => field = value is { } given ? CheckLimit.Positive(given) : null; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Gets the number of rows that are predicted at once.</summary>
    /// <value>The default value is 1 row; at most as many as there are are taken.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int BatchRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 1;

    /// <summary>Gets the number of predictions that are measured; below 100 the 99th percentile is the slowest one.</summary>
    /// <value>The default value is 1,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Repeats { get; init => field = CheckLimit.AtLeast(value, 1); } = 1000;

    /// <summary>Gets the number of predictions before those that count.</summary>
    /// <value>The default value is 100.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int WarmUps { get; init => field = CheckLimit.AtLeast(value, 0); } = 100;

    /// <summary>Gets whether the validator passes without judging when its needs are not met.</summary>
    /// <value>The default value is <see langword="false"/>: it fails then.</value>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No limit is set.</exception>
    /// <exception cref="ModelLoadException">The package cannot be loaded.</exception>
    public async ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (MaximumMedian is null && MaximumP99 is null)
            throw new InvalidOperationException($"Neither {nameof(MaximumMedian)} nor {nameof(MaximumP99)} is set, so everything would pass. Set one.");
        if (context.Package is null && context.Predictor is null)
            return ModelCheck.Unmet(Name, IsOptional, $"there is no model to measure; give {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Package)}, or the candidate's predictor in {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Predictor)}");
        if (context.Rows is not { } dataset)
            return ModelCheck.Unmet(Name, IsOptional, $"there is no row to predict; give the dataset in {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Rows)}");
        if (context.Package is not { } package) return await MeasureAsync(context.Predictor!, dataset, cancellationToken).ConfigureAwait(false);
        // What will serve is the saved model, which may run by another engine than the one that was trained.
        var loaded = await LoadedPackage.LoadAsync(package, cancellationToken).ConfigureAwait(false);
        await using (loaded.ConfigureAwait(false))
            return await MeasureAsync(loaded.Predictor, dataset, cancellationToken).ConfigureAwait(false) with { PackageDigest = loaded.Directory.Digest };
    }

    private async ValueTask<ModelCheck> MeasureAsync(IPredictor predictor, IDataset dataset, CancellationToken cancellationToken)
    {
        var inputs = await ReadAsync(predictor.Signature, dataset, cancellationToken).ConfigureAwait(false);
        try
        {
            if (inputs.Count == 0) return ModelCheck.Unmet(Name, IsOptional, "the dataset has no row to predict");
            var times = await MeasureAsync(predictor, inputs, cancellationToken).ConfigureAwait(false);
            return Judge(times, inputs[0].Rows);
        }
        finally
        {
            foreach (var batch in inputs) batch.Dispose();
        }
    }

    private ModelCheck Judge(double[] times, int rows)
    {
        Array.Sort(times);
        var median = (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2;
        var tail = times[(int)Math.Ceiling(0.99 * times.Length) - 1];
        ModelCheckFigure[] figures = [Compare(Median, median, MaximumMedian, rows), Compare(Tail, tail, MaximumP99, rows)];
        var limits = figures.Where(figure => figure.Verdict != ValidationVerdict.Pass)
            .Select(figure => $"the {(figure.Name == Median ? "median" : "99th percentile")} may be at most {GateText.Figure(figure.ReferenceValue!.Value, "s")}");
        var reason = $"a prediction of {GateText.Rows(rows)} takes {GateText.Figure(median, "s")} (median), {GateText.Figure(tail, "s")} (99th percentile)";
        return ModelCheck.Of(Name, figures, string.Join("; ", limits.Prepend(reason)));
    }

    private static ModelCheckFigure Compare(string name, double seconds, TimeSpan? limit, int rows)
        => new(name, limit is { } most && seconds > most.TotalSeconds ? ValidationVerdict.Fail : ValidationVerdict.Pass)
        {
            Rows = rows,
            Value = seconds,
            Reference = limit is null ? null : "at most",
            ReferenceValue = limit?.TotalSeconds,
            Unit = "s",
        };

    /// <summary>Brings the first rows into tensors, in batches that take turns.</summary>
    private async Task<List<TensorBatch>> ReadAsync(ModelSignature signature, IDataset dataset, CancellationToken cancellationToken)
    {
        var binding = TensorBinding.Create(signature.Inputs, dataset.Schema);
        var inputs = new List<TensorBatch>();
        await foreach (var rows in dataset.ReadAsync(new ReadOptions { BatchRows = BatchRows }, cancellationToken).ConfigureAwait(false))
        {
            // A last, shorter batch would be faster than those that are to be measured.
            if (inputs.Count == MostBatches || (inputs.Count > 0 && rows.RowCount < inputs[0].Rows)) break;
            if (rows.RowCount == 0) continue;
            var batch = signature.RentInputs(rows.RowCount);
            inputs.Add(batch);
            binding.Write(rows, batch);
        }

        return inputs;
    }

    /// <summary>Measures each prediction, in seconds.</summary>
    private async ValueTask<double[]> MeasureAsync(IPredictor predictor, List<TensorBatch> inputs, CancellationToken cancellationToken)
    {
        using var outputs = predictor.Signature.RentOutputs(inputs[0].Rows);
        var prediction = new PredictionContext();
        var times = new double[Repeats];
        for (var repeat = -WarmUps; repeat < Repeats; repeat++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            prediction.Reset();
            var batch = inputs[(repeat + WarmUps) % inputs.Count];
            var start = _time.GetTimestamp();
            await predictor.PredictAsync(batch, outputs, prediction, cancellationToken).ConfigureAwait(false);
            if (repeat >= 0) times[repeat] = _time.GetElapsedTime(start).TotalSeconds;
        }

        return times;
    }
}
