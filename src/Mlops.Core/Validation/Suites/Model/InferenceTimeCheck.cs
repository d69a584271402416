using Mlops.Data;
using Mlops.Models;

namespace Mlops.Validation;

/// <summary>Checks that a model predicts fast enough: the median time of repeated predictions of a batch, for each row of it.</summary>
/// <remarks>Rows are of the test set, or the only one. Only the model is measured, not the reading of rows; a first prediction that does not count warms it up. The clock is that of the suite.</remarks>
public sealed class InferenceTimeCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "inference_time";

    /// <inheritdoc/>
    public string Description => "Does the model predict fast enough?";

    /// <summary>Gets how bad it is when the model is too slow.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <summary>Gets the time for each row that the model has to stay below.</summary>
    /// <value>The default value is 1 ms.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
    public TimeSpan MaximumTimePerRow { get; init => field = CheckLimit.Positive(value); } = TimeSpan.FromMilliseconds(1);

    /// <summary>Gets the number of rows that are predicted at once.</summary>
    /// <value>The default value is 1,000 rows, or as many as there are.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int BatchRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 1000;

    /// <summary>Gets how often the batch is predicted.</summary>
    /// <value>The default value is 7 times.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Repeats { get; init => field = CheckLimit.AtLeast(value, 1); } = 7;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return subject.Predictor is null ? "There is no model." : null;
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedSamples();
        return new ModelScan(cancellationToken => MeasureAsync(context, cancellationToken));
    }

    private async ValueTask<CheckResult> MeasureAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var sample = context.GetSample(context.Subject.JudgedPart());
        var rows = sample.Rows(0, Math.Min(BatchRows, sample.RowCount));
        if (rows.RowCount == 0) return CheckResult.NotApplicable(Name, "There is no row to predict.");
        var times = await RepeatAsync(context.Subject.Predictor!, rows, context.TimeProvider, cancellationToken).ConfigureAwait(false);
        Array.Sort(times);
        var median = (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2 / rows.RowCount;
        var condition = ModelConditions.Judge(
            $"a row takes less than {Duration(MaximumTimePerRow.TotalSeconds)}", median < MaximumTimePerRow.TotalSeconds, Severity, $"{Duration(median)}, the median of {Repeats} predictions of {ModelConditions.Rows(rows.RowCount)}");
        return new CheckResult(Name, $"A row takes {Duration(median)}.", [condition])
        {
            Values = new OrderedDictionary<string, double?> { ["seconds_per_row"] = median, ["fastest_seconds_per_row"] = times[0] / rows.RowCount, ["slowest_seconds_per_row"] = times[^1] / rows.RowCount },
        };
    }

    /// <summary>Measures each prediction, in seconds.</summary>
    private async ValueTask<double[]> RepeatAsync(IPredictor predictor, DataBatch rows, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var inputs = predictor.Signature.RentInputs(rows.RowCount);
        using var outputs = predictor.Signature.RentOutputs(rows.RowCount);
        var prediction = new PredictionContext();
        TensorBinding.Create(predictor.Signature.Inputs, rows.Schema).Write(rows, inputs);
        var times = new double[Repeats];
        for (var repeat = -1; repeat < Repeats; repeat++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            prediction.Reset();
            var start = clock.GetTimestamp();
            await predictor.PredictAsync(inputs, outputs, prediction, cancellationToken).ConfigureAwait(false);
            if (repeat >= 0) times[repeat] = clock.GetElapsedTime(start).TotalSeconds;
        }

        return times;
    }

    private static string Duration(double seconds) => seconds < 1e-3 ? ModelConditions.Figure(seconds * 1e6) + " µs" : ModelConditions.Figure(seconds * 1000) + " ms";
}
