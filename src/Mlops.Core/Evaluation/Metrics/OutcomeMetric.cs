using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>A figure that can be computed of any rows' outcomes: of all, of a slice, of a bootstrap sample. Immutable, safe for concurrent use.</summary>
/// <remarks>Those in the box are in <see cref="OutcomeMetrics"/>; make one of your own with a name and a function.</remarks>
public sealed class OutcomeMetric
{
    private const string NoRow = "no row has a label, a prediction and a weight";

    private readonly Func<ModelOutcomes, MetricValue> _compute;

    /// <summary>Creates a metric that can be computed of the figures of two classes too.</summary>
    internal OutcomeMetric(string name, MetricDirection direction, Func<ModelOutcomes, MetricValue> compute, Func<BinaryFigures, MetricValue> ofFigures)
        : this(name, direction, compute) => OfFigures = figures => figures.RowCount > 0 ? ofFigures(figures) : MetricValue.Undefined(NoRow);

    /// <summary>Creates a metric.</summary>
    /// <param name="name">The name: <c>profit</c>.</param>
    /// <param name="direction">Which values are better.</param>
    /// <param name="compute">Computes it of rows that can be judged (<see cref="ModelOutcomes.Judged"/>), of which there is at least one; weights count.</param>
    public OutcomeMetric(string name, MetricDirection direction, Func<ModelOutcomes, MetricValue> compute)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(compute);
        Name = name;
        Direction = direction;
        _compute = compute;
    }

    /// <summary>Gets the name: <c>rmse</c>.</summary>
    public string Name { get; }

    /// <summary>Gets which values are better.</summary>
    public MetricDirection Direction { get; }

    /// <summary>Gets which rows tell it, so that gates can ask for enough of them; it means nothing for predicted numbers.</summary>
    /// <value>The default value is <see cref="MetricSupport.EveryClass"/>.</value>
    public MetricSupport Support { get; init; } = MetricSupport.EveryClass;

    /// <summary>Gets the only task that it judges; <see langword="null"/> where its function decides.</summary>
    internal ModelTask? Task { get; private init; }

    /// <summary>Gets the range of a figure that noise only ever pushes one way, as an error of calibration; <see langword="null"/> for the others. Percentiles of its samples would leave out the truth.</summary>
    internal (double Lower, double Upper)? NoisyRange { get; private init; }

    /// <summary>Gets how it is computed of the figures of two classes; <see langword="null"/> where it needs more.</summary>
    internal Func<BinaryFigures, MetricValue>? OfFigures { get; private init; }

    /// <summary>Computes the figure.</summary>
    /// <param name="outcomes">The outcomes; rows that cannot be judged are left out.</param>
    /// <returns>The value, or why there is none.</returns>
    /// <exception cref="ArgumentException">It is a metric of the catalogue for another task.</exception>
    public MetricValue Compute(ModelOutcomes outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        if (Task is { } own && own != outcomes.Task)
            throw new ArgumentException($"This '{Name}' judges a {OutcomeMetrics.TextOf(own)}, and the outcomes are those of a {OutcomeMetrics.TextOf(outcomes.Task)}. Get it for that task: {nameof(OutcomeMetrics)}.{nameof(OutcomeMetrics.Get)}(\"{Name}\", {nameof(ModelTask)}.{outcomes.Task}).", nameof(outcomes));
        var judged = outcomes.Judged;
        return judged.RowCount > 0 ? _compute(judged) : MetricValue.Undefined(NoRow);
    }

    /// <summary>Computes the figure, with its name and direction.</summary>
    /// <param name="outcomes">The outcomes; rows that cannot be judged are left out.</param>
    /// <returns>The figure.</returns>
    public EvaluationMetric Evaluate(ModelOutcomes outcomes) => EvaluationMetric.Of(Name, Compute(outcomes), Direction);

    /// <summary>Tells whether a value is better than another.</summary>
    /// <param name="value">The value.</param>
    /// <param name="other">The other one.</param>
    /// <returns>How much better it is, in the metric's unit; negative where it is worse.</returns>
    public double GainOver(double value, double other) => Direction == MetricDirection.Minimize ? other - value : value - other;

    /// <summary>Makes the metric of the catalogue for a task.</summary>
    internal OutcomeMetric For(ModelTask task, MetricSupport support, (double Lower, double Upper)? noisyRange = null)
        => new(Name, Direction, _compute) { OfFigures = OfFigures, Task = task, Support = support, NoisyRange = noisyRange };

    /// <summary>Gets the name.</summary>
    /// <returns>The name.</returns>
    public override string ToString() => Name;
}
