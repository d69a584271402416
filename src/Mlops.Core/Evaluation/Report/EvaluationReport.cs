using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;
using Mlops.Models;
using Mlops.Reports;

namespace Mlops.Evaluation;

/// <summary>How good a model is, how sure that is, for whom it is bad, and what it looks at. Holds no row of the data; values of columns only as names of slices.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="Dataset">The name of the dataset.</param>
/// <param name="Task">What the model tells of a row.</param>
/// <param name="RowCount">The number of rows that were judged.</param>
/// <param name="Metrics">The figures of all rows, with intervals.</param>
public sealed record EvaluationReport(string Model, string Dataset, ModelTask Task, long RowCount, IReadOnlyList<EvaluationMetric> Metrics)
{
    /// <summary>The version of the JSON that this code writes.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Gets the version of the JSON.</summary>
    /// <value>The default value is <see cref="CurrentSchemaVersion"/>.</value>
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>Gets the class that is judged as the positive one; <see langword="null"/> but for two classes.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>Gets the number of rows without a label, which were left out.</summary>
    public long MissingLabelCount { get; init; }

    /// <summary>Gets the number of rows whose class the model does not know, which were left out.</summary>
    public long UnknownLabelCount { get; init; }

    /// <summary>Gets the number of rows for which the model gave NaN or an infinity, or refused to predict, which were left out.</summary>
    public long MissingPredictionCount { get; init; }

    /// <summary>Gets the number of rows of weight 0, which were left out.</summary>
    public long UnweightedCount { get; init; }

    /// <summary>Gets the ROC curve of the positive class, of at most 200 points; <see langword="null"/> for other tasks.</summary>
    public RocCurve? Roc { get; init; }

    /// <summary>Gets the curve of precision over recall, of at most 200 points; <see langword="null"/> for other tasks.</summary>
    public PrecisionRecallCurve? PrecisionRecall { get; init; }

    /// <summary>Gets the calibration of the positive class; <see langword="null"/> for other tasks, and for scores that are no probabilities.</summary>
    public CalibrationCurve? Calibration { get; init; }

    /// <summary>Gets the lift curve, of at most 200 points; <see langword="null"/> for other tasks.</summary>
    public LiftCurve? Lift { get; init; }

    /// <summary>Gets the confusion matrix at the most probable class; <see langword="null"/> for predicted numbers.</summary>
    public ConfusionTable? Confusion { get; init; }

    /// <summary>Gets how the model does on each class.</summary>
    public IReadOnlyList<ClassResult> Classes { get; init => field = value ?? []; } = [];

    /// <summary>Gets the residuals of predicted numbers in bins; <see langword="null"/> for classes.</summary>
    public ResidualCurve? Residuals { get; init; }

    /// <summary>Gets the slices, the worst first; those that are too small to judge last.</summary>
    public IReadOnlyList<SliceResult> Slices { get; init => field = value ?? []; } = [];

    /// <summary>Gets the slice that a search found; <see langword="null"/> where it found none, or was not asked to.</summary>
    public WorstSlice? WorstSlice { get; init; }

    /// <summary>Gets how alike the groups of each sensitive or asked column are treated; empty but for two classes.</summary>
    public IReadOnlyList<FairnessResult> Fairness { get; init => field = value ?? []; } = [];

    /// <summary>Gets the threshold of the least expected cost; <see langword="null"/> where no costs were given.</summary>
    public ThresholdReport? Threshold { get; init; }

    /// <summary>Gets the importance of each feature, the largest first; empty where it was not measured.</summary>
    public IReadOnlyList<FeatureImportance> Importance { get; init => field = value ?? []; } = [];

    /// <summary>Evaluates a model on a dataset: figures with intervals, curves, slices, the worst slice, fairness, threshold, importance.</summary>
    /// <param name="predictor">The model.</param>
    /// <param name="dataset">The rows, with one column of the role Label; rows that the model did not learn from. They are read once, and once more where a sample is needed.</param>
    /// <param name="options">What is looked at; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>The report. Figures that are undefined for these rows say why.</returns>
    /// <exception cref="EntityNotFoundException">The dataset has no label, or lacks a column that the model needs or slices are made of; or there is no such class.</exception>
    /// <exception cref="ArgumentException">No output of the model can be judged; the message tells what there is.</exception>
    /// <exception cref="DataFormatException">A weight is negative, infinite or missing, or the column of weights cannot be read as such; the exception names it.</exception>
    public static Task<EvaluationReport> CreateAsync(IPredictor predictor, IDataset dataset, EvaluationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        return EvaluationReportBuilder.BuildAsync(predictor, dataset, options ?? new EvaluationOptions(), cancellationToken);
    }

    /// <summary>Writes the report as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EvaluationReportJson.Default.EvaluationReport);

    /// <summary>Reads a report from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The report.</returns>
    /// <exception cref="JsonException">The JSON is no report, or one of a later version.</exception>
    public static EvaluationReport FromJson(ReadOnlySpan<byte> json)
    {
        var report = JsonSerializer.Deserialize(json, EvaluationReportJson.Default.EvaluationReport) ?? throw new JsonException("The JSON holds no evaluation report.");
        return report.SchemaVersion is >= 1 and <= CurrentSchemaVersion
            ? report
            : throw new JsonException($"The evaluation report is of version {report.SchemaVersion}; this code reads versions 1 to {CurrentSchemaVersion}. Update the package, or write the report anew.");
    }

    /// <summary>Writes the report as one HTML file that needs nothing else.</summary>
    /// <returns>The HTML, to be stored as UTF-8.</returns>
    public string ToHtml()
    {
        var report = new HtmlReport($"Evaluation: {Model}");
        AddTo(report);
        return report.ToString();
    }

    /// <summary>Adds the report to another one.</summary>
    /// <param name="report">Where to add it.</param>
    public void AddTo(HtmlReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        EvaluationReportHtml.AddTo(report, this);
    }

    /// <summary>Writes the report for people, in the invariant culture: the figures, the worst slice and what is important.</summary>
    /// <returns>The text, some lines.</returns>
    public override string ToString() => EvaluationReportText.Write(this);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(EvaluationReport))]
internal sealed partial class EvaluationReportJson : JsonSerializerContext;
