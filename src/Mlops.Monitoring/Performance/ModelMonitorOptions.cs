using System.Globalization;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>What a model monitor remembers, and what it judges.</summary>
public sealed class ModelMonitorOptions
{
    /// <summary>Gets or sets how far back, in event time, inputs and predictions are compared with the training data.</summary>
    /// <value>The default value is 30 days.</value>
    public TimeSpan DriftWindow { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets how far back, in event time, predictions are compared with their labels; labels that come later than that are not counted.</summary>
    /// <value>The default value is 30 days.</value>
    public TimeSpan PerformanceWindow { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets how often a monitoring loop evaluates the model.</summary>
    /// <value>The default value is 1 hour.</value>
    public TimeSpan EvaluationInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Gets or sets the number of values that a column must have in the window, and in the reference, to be tested for drift.</summary>
    /// <value>The default value is 100.</value>
    public int MinimumRows { get; set; } = 100;

    /// <summary>Gets or sets the number of labelled predictions in the window from which on performance is judged.</summary>
    /// <value>The default value is 30.</value>
    public int MinimumLabels { get; set; } = 30;

    /// <summary>Gets or sets the probability of any false alarm among all columns in one evaluation, 0..1.</summary>
    /// <value>The default value is 0.05.</value>
    public double Significance { get; set; } = 0.05;

    /// <summary>Gets or sets the smallest effect that counts as drift, on the scale of the test.</summary>
    /// <value>The default value is <see langword="null"/>: what each test calls small, <see cref="IDriftTest.DefaultMinimumEffect"/>.</value>
    public double? MinimumEffect { get; set; }

    /// <summary>Gets or sets the largest number of predicted rows that are remembered; the oldest give way. Memory is about 60 bytes and 8 bytes an input column for each.</summary>
    /// <value>The default value is 100,000.</value>
    public int Capacity { get; set; } = 100_000;

    /// <summary>Gets or sets the largest number of input columns that are followed.</summary>
    /// <value>The default value is 1000.</value>
    public int MaximumColumns { get; set; } = 1000;

    /// <summary>Gets the input columns that are not tested for drift. Dates and timestamps never are.</summary>
    /// <value>The default value is empty.</value>
    public IList<string> ExcludedColumns { get; } = [];

    /// <summary>Gets or sets whether predictions are compared with the training labels when the reference has no column of role Prediction.</summary>
    /// <value>The default value is <see langword="false"/>, because predictions spread less than labels even when all is well.</value>
    public bool ComparesPredictionsWithLabels { get; set; }

    /// <summary>Gets or sets the output that is judged, by slot.</summary>
    /// <value>The default value is <see langword="null"/>: the class probabilities, else the first output of floating-point numbers, as <see cref="JudgedOutput"/> says.</value>
    public int? Output { get; set; }

    /// <summary>Gets or sets the element of each row of the output that is judged, from 0.</summary>
    /// <value>The default value is <see langword="null"/>: that of the positive class, else the last one.</value>
    public int? OutputElement { get; set; }

    /// <summary>Gets or sets the positive class of a classifier: <c>yes</c>, <c>1</c>. More than two classes need one.</summary>
    /// <value>The default value is <see langword="null"/>: the last of two classes, as the model orders them.</value>
    public string? PositiveClass { get; set; }

    /// <summary>Gets or sets what judges predictions by their labels.</summary>
    /// <value>The default value is <see langword="null"/>: a <see cref="ClassificationEvaluator"/> where the probability of a class is judged, else a <see cref="RegressionEvaluator"/>.</value>
    public IEvaluator<double, double>? Evaluator { get; set; }

    /// <summary>Gets the rules that every evaluation applies.</summary>
    /// <value>The default value is empty.</value>
    public IList<AlertRule> Rules { get; } = [];

    /// <summary>Gets how rules that fire become alerts.</summary>
    public AlertOptions Alerts { get; } = new();

    /// <summary>Finds what is wrong with the options.</summary>
    /// <returns>What is wrong and what to do; <see langword="null"/> when nothing is.</returns>
    internal string? FindFault()
    {
        if (DriftWindow <= TimeSpan.Zero) return string.Create(CultureInfo.InvariantCulture, $"{nameof(DriftWindow)} is {DriftWindow}; it must be positive.");
        if (PerformanceWindow <= TimeSpan.Zero) return string.Create(CultureInfo.InvariantCulture, $"{nameof(PerformanceWindow)} is {PerformanceWindow}; it must be positive.");
        if (EvaluationInterval <= TimeSpan.Zero) return string.Create(CultureInfo.InvariantCulture, $"{nameof(EvaluationInterval)} is {EvaluationInterval}; it must be positive.");
        if (MinimumRows < 1) return string.Create(CultureInfo.InvariantCulture, $"{nameof(MinimumRows)} is {MinimumRows}; it must be at least 1.");
        if (MinimumLabels < 1) return string.Create(CultureInfo.InvariantCulture, $"{nameof(MinimumLabels)} is {MinimumLabels}; it must be at least 1.");
        if (!(Significance is > 0 and < 1)) return $"{nameof(Significance)} must lie between 0 and 1.";
        if (MinimumEffect is { } effect && !(effect >= 0)) return $"{nameof(MinimumEffect)} must be at least 0.";
        if (Capacity < 1) return string.Create(CultureInfo.InvariantCulture, $"{nameof(Capacity)} is {Capacity}; it must be at least 1.");
        if (MaximumColumns < 0) return string.Create(CultureInfo.InvariantCulture, $"{nameof(MaximumColumns)} is {MaximumColumns}; it must be at least 0.");
        if (Output < 0) return string.Create(CultureInfo.InvariantCulture, $"{nameof(Output)} is {Output}; slots count from 0.");
        if (OutputElement < 0) return string.Create(CultureInfo.InvariantCulture, $"{nameof(OutputElement)} is {OutputElement}; elements count from 0.");
        if (Rules.GroupBy(rule => rule.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"Two rules are named '{twice.Key}'; give each a name of its own.";
        return Alerts.FindFault();
    }
}
