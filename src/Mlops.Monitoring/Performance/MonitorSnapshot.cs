using System.Globalization;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>What a monitor knows of a model at one moment.</summary>
/// <param name="Model">The name of the model.</param>
/// <param name="EvaluatedAt">The moment; windows end there.</param>
public sealed record MonitorSnapshot(string Model, DateTimeOffset EvaluatedAt)
{
    /// <summary>Gets the version that is judged; <see langword="null"/> when no reference is set.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Gets how the inputs in the drift window differ from the training data; <see langword="null"/> when no reference is set.</summary>
    public DriftReport? Drift { get; init; }

    /// <summary>Gets how this version's predictions in the drift window differ from those on the training data; <see langword="null"/> when the reference has none.</summary>
    public DriftResult? PredictionDrift { get; init; }

    /// <summary>Gets how well this version's predictions in the performance window agree with their labels; <see langword="null"/> when there are too few labels.</summary>
    public EvaluationResult? Performance { get; init; }

    /// <summary>Gets why the performance cannot be judged, although there are labels enough; <see langword="null"/> when nothing is wrong.</summary>
    public string? PerformanceProblem { get; init; }

    /// <summary>Gets the performance that was measured when the version was validated; <see langword="null"/> when it is not known.</summary>
    public EvaluationResult? ReferencePerformance { get; init; }

    /// <summary>Gets the number of predicted rows in the drift window, of all versions.</summary>
    public int WindowRowCount { get; init; }

    /// <summary>Gets the number of rows in the performance window that this version predicted and that have a label.</summary>
    public int LabelledRowCount { get; init; }

    /// <summary>Gets the number of rows in the performance window that other versions predicted; they do not count for performance.</summary>
    public int OtherVersionRowCount { get; init; }

    /// <summary>Gets the event time of the earliest remembered row; later than the beginning of a window when the capacity was too small for it, or the monitor is young.</summary>
    public DateTimeOffset? EarliestEventTime { get; init; }

    /// <summary>Gets how many labels came in so far.</summary>
    public LabelCounts Labels { get; init; }

    /// <summary>Gets the number of predictions so far that failed or were rejected.</summary>
    public long FailureCount { get; init; }

    /// <summary>Gets what each rule says.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<AlertRuleResult> Rules { get; init; } = [];

    /// <summary>Describes the moment in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Model} at {EvaluatedAt:O}: {WindowRowCount} predictions, {LabelledRowCount} labelled; {Drift?.ToString() ?? "no reference"}");
}
