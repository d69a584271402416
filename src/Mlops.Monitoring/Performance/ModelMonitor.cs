using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Watches one model: remembers its latest predictions, joins labels that come later, and judges both on demand.</summary>
/// <remarks>
/// <para>Safe for concurrent use. Memory is bounded by <see cref="ModelMonitorOptions.Capacity"/>; observing a prediction allocates nothing once the
/// buffers have grown. Answers of a shadow are not counted: nobody was given them.</para>
/// <para>Inputs are followed by the column names of the signature (<see cref="TensorSpec.Columns"/>, or the name of a tensor one element wide). The
/// prediction is the number that <see cref="LabelledPredictions"/> judges too: the probability of the positive class where the model has probabilities, else
/// the predicted number (<see cref="JudgedOutput"/>). Labels and rows are kept in memory and end with the process.</para>
/// </remarks>
/// <example><code>
/// var monitor = new ModelMonitor("ridership", new ModelMonitorOptions { Rules = { AlertRule.PerformanceDegraded("rmse", 1.2) } });
/// monitor.SetReference(trainingProfile, "3", validation);
/// monitor.RecordLabel(context.Id, 17.2, at);
/// var snapshot = monitor.Evaluate(now);
/// </code></example>
public sealed partial class ModelMonitor : IPredictionObserver, IModelSwapObserver
{
    private const string ShadowRoute = "shadow";
    private const int MaximumLayouts = 8;

    private readonly Lock _lock = new();
    private readonly ModelMonitorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PredictionRing _ring;
    private readonly LabelJoin _labels;
    private readonly List<InputLayout> _layouts = [];
    private readonly JudgedOutputs _judged;
    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);
    private DatasetProfile? _reference;
    private EvaluationResult? _referencePerformance;
    private string? _version;
    private long _failures;
    private long _errors;

    /// <summary>Creates a monitor.</summary>
    /// <param name="model">The name of the model; predictions of others are ignored.</param>
    /// <param name="options">What it remembers and judges; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock for predictions without an event time; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where to log; nowhere when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ModelMonitor(string model, ModelMonitorOptions? options = null, TimeProvider? timeProvider = null, ILogger<ModelMonitor>? logger = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        _options = options ?? new ModelMonitorOptions();
        if (_options.FindFault() is { } fault) throw new ArgumentException(fault, nameof(options));
        Model = model;
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<ModelMonitor>.Instance;
        _ring = new PredictionRing(_options.Capacity);
        _labels = new LabelJoin(_ring);
        _judged = new JudgedOutputs(_options, problem => LogNothingJudged(_logger, Model, problem));
    }

    /// <summary>Gets the name of the model.</summary>
    public string Model { get; }

    /// <summary>Gets how often a monitoring loop evaluates the model.</summary>
    public TimeSpan EvaluationInterval => _options.EvaluationInterval;

    /// <summary>Sets what live data are compared with, when a model has been promoted.</summary>
    /// <param name="profile">The profile of the version's training data; predictions are compared with its column of role Prediction.</param>
    /// <param name="modelVersion">The version, as <see cref="PredictionContext.ModelVersion"/> names it; performance counts the rows that it predicted.</param>
    /// <param name="performance">How the version was validated, for rules that compare with it; <see langword="null"/> when it is not known.</param>
    public void SetReference(DatasetProfile profile, string modelVersion, EvaluationResult? performance = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentException.ThrowIfNullOrEmpty(modelVersion);
        lock (_lock) (_reference, _version, _referencePerformance) = (profile, modelVersion, performance);
    }

    /// <inheritdoc/>
    /// <remarks>Takes the training profile and the evaluation in the version's tags as the reference; a version without a profile is watched for its performance only.</remarks>
    public void OnSwapped(ModelSwap swap)
    {
        ArgumentNullException.ThrowIfNull(swap);
        if (swap.Current.Name != Model) return;
        var version = swap.Current.Version;
        if (swap.Current.Profile is null) LogNoProfile(_logger, Model, version.Version);
        lock (_lock)
        {
            (_reference, _version, _referencePerformance) = (swap.Current.Profile, version.Version.ToString(CultureInfo.InvariantCulture), version.FindEvaluation());
            _judged.Set(swap.Current.Signature.Outputs);
        }
    }

    /// <inheritdoc/>
    public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
    {
        try
        {
            if (context.ModelName is { } name && name != Model) return;
            if (context.Route == ShadowRoute || inputs.Rows == 0) return;
            if (context.Id == Guid.Empty) context.Id = Ids.CreateGuid(_time);
            Observe(inputs, outputs, context);
        }
        catch (Exception exception) // A monitor must never fail the prediction that it watches.
        {
            if (Interlocked.Increment(ref _errors) == 1) LogObservationFailed(_logger, exception, Model);
        }
    }

    /// <inheritdoc/>
    public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
    {
        if (context?.ModelName is { } name && name != Model) return;
        Interlocked.Increment(ref _failures);
    }

    /// <summary>Takes in the true value of a prediction.</summary>
    /// <param name="predictionId">The <see cref="PredictionContext.Id"/> of the prediction.</param>
    /// <param name="value">The true value; of a classifier the number that names the class or, where classes are named by text, 1 for the positive class and 0 for another.</param>
    /// <param name="at">When it became known.</param>
    /// <param name="row">The row of the prediction, from 0, where it had several.</param>
    /// <returns>What became of it; it is counted, whatever it is.</returns>
    public LabelOutcome RecordLabel(Guid predictionId, double value, DateTimeOffset at, int row = 0)
    {
        lock (_lock)
        {
            var label = _judged.Current is not { } judged ? value : judged.TryGetLabel(value, out var known) ? known : double.NaN;
            return _labels.Record(predictionId, row, label, at, _options.PerformanceWindow);
        }
    }

    /// <summary>Takes in the true class of a prediction.</summary>
    /// <param name="predictionId">The <see cref="PredictionContext.Id"/> of the prediction.</param>
    /// <param name="value">The true class; <see langword="true"/> for the class <c>1</c> or, where classes are named by text, the positive one.</param>
    /// <param name="at">When it became known.</param>
    /// <param name="row">The row of the prediction, from 0, where it had several.</param>
    /// <returns>What became of it; it is counted, whatever it is.</returns>
    public LabelOutcome RecordLabel(Guid predictionId, bool value, DateTimeOffset at, int row = 0) => RecordLabel(predictionId, value ? 1.0 : 0.0, at, row);

    /// <summary>Takes in the true class of a prediction.</summary>
    /// <param name="predictionId">The <see cref="PredictionContext.Id"/> of the prediction.</param>
    /// <param name="value">The true class, as the model names it.</param>
    /// <param name="at">When it became known.</param>
    /// <param name="row">The row of the prediction, from 0, where it had several.</param>
    /// <returns>What became of it; it is counted, whatever it is, and <see cref="LabelOutcome.Invalid"/> when the model knows no such class.</returns>
    /// <exception cref="InvalidOperationException">The model does not name its classes, and <see cref="ModelMonitorOptions.PositiveClass"/> is not set.</exception>
    public LabelOutcome RecordLabel(Guid predictionId, string value, DateTimeOffset at, int row = 0)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_lock)
        {
            if (_judged.Current is { PositiveClass: null })
                throw new InvalidOperationException($"The model '{Model}' does not name the classes of what it predicts, so a text cannot be its label. Set {nameof(ModelMonitorOptions)}.{nameof(ModelMonitorOptions.PositiveClass)}, or record 1 for the positive class and 0 for another.");
            // Before the first prediction nothing is judged yet: the label is of an unknown one.
            var label = _judged.Current is { } judged && judged.TryGetLabel(value, out var known) ? known : double.NaN;
            return _labels.Record(predictionId, row, label, at, _options.PerformanceWindow);
        }
    }

    /// <summary>Judges the windows that end at a moment.</summary>
    /// <param name="now">The moment; rows of a later event time are left out, rows older than both windows are forgotten.</param>
    /// <returns>What the monitor knows.</returns>
    public MonitorSnapshot Evaluate(DateTimeOffset now)
    {
        var window = TakeWindow(now);
        var (performance, problem) = EvaluatePerformance(window);
        var snapshot = new MonitorSnapshot(Model, now)
        {
            ModelVersion = window.Version,
            Drift = window.Reference is null ? null : DriftReport.Create(window.Reference, CreateProfile(window.Reference, window), CreateDriftOptions()),
            PredictionDrift = TestPredictions(window),
            Performance = performance,
            PerformanceProblem = problem,
            ReferencePerformance = window.ReferencePerformance,
            WindowRowCount = window.Sequences.Count,
            LabelledRowCount = window.Labels.Count,
            OtherVersionRowCount = window.OtherVersionCount,
            EarliestEventTime = window.EarliestTicks is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null,
            Labels = window.LabelCounts,
            FailureCount = Interlocked.Read(ref _failures),
        };
        return snapshot with { Rules = [.. _options.Rules.Select(rule => rule.Evaluate(snapshot))] };
    }

    private (EvaluationResult? Result, string? Problem) EvaluatePerformance(MonitorWindow window)
    {
        if (window.Labels.Count < _options.MinimumLabels) return (null, null);
        if (window.JudgedProblem is { } nothingJudged) return (null, nothingJudged);
        try
        {
            var evaluator = _options.Evaluator ?? (window.PositiveClass is null ? new RegressionEvaluator() : new ClassificationEvaluator());
            return (evaluator.Evaluate([.. window.LabelledPredictions], [.. window.Labels]), null);
        }
        catch (ArgumentException exception) // An evaluator that does not fit the model must not hide its drift.
        {
            return (null, exception.Message);
        }
    }

    private void Observe(TensorBatch inputs, TensorBatch outputs, PredictionContext context)
    {
        var at = context.EventTime ?? _time.GetUtcNow();
        lock (_lock)
        {
            var layout = FindLayout(inputs);
            var version = FindVersion(context.ModelVersion ?? _version ?? "");
            var judged = _judged.Get(outputs);
            var first = _ring.Next;
            for (var row = 0; row < inputs.Rows; row++)
            {
                if (_ring.IsFull) Forget(_ring.First);
                var sequence = _ring.Append(context.Id, row, at, judged?.Read(outputs, row) ?? double.NaN, version);
                _labels.Add(context.Id, row, sequence);
            }

            layout.Copy(inputs, _ring, first, (int)Math.Max(0, _ring.First - first));
        }
    }

    private InputLayout FindLayout(TensorBatch inputs)
    {
        foreach (var layout in _layouts)
        {
            if (layout.Fits(inputs)) return layout;
        }

        if (_layouts.Count == MaximumLayouts) _layouts.RemoveAt(0);
        var added = new InputLayout(inputs, _ring, _options.MaximumColumns);
        _layouts.Add(added);
        return added;
    }

    private int FindVersion(string version)
    {
        if (_versions.TryGetValue(version, out var ordinal)) return ordinal;
        _versions.Add(version, _versions.Count);
        return _versions.Count - 1;
    }

    private void Forget(long sequence) => _labels.Remove(_ring.IdOf(sequence), _ring.RowOf(sequence), sequence);

    private MonitorWindow TakeWindow(DateTimeOffset now)
    {
        var end = now.UtcTicks;
        var driftBegin = end - _options.DriftWindow.Ticks;
        var performanceBegin = end - _options.PerformanceWindow.Ticks;
        lock (_lock)
        {
            while (_ring.First < _ring.Next && _ring.TicksOf(_ring.First) <= Math.Min(driftBegin, performanceBegin))
            {
                Forget(_ring.First);
                _ring.RemoveOldest();
            }

            var window = new MonitorWindow(_reference, _referencePerformance, _version, _labels.Counts) { PositiveClass = _judged.Current?.PositiveClass, JudgedProblem = _judged.Problem };
            var version = _version is null ? -1 : FindVersion(_version);
            for (var sequence = _ring.First; sequence < _ring.Next; sequence++)
            {
                var ticks = _ring.TicksOf(sequence);
                if (window.EarliestTicks is null || ticks < window.EarliestTicks) window.EarliestTicks = ticks;
                if (ticks > end) continue;
                var isOfVersion = version < 0 || _ring.VersionOf(sequence) == version;
                if (ticks > driftBegin)
                {
                    window.Sequences.Add(sequence);
                    if (isOfVersion) window.Predictions.Add(_ring.PredictionOf(sequence));
                }

                if (ticks <= performanceBegin) continue;
                if (!isOfVersion) window.OtherVersionCount++;
                else AddLabelled(window, sequence);
            }

            return window;
        }
    }

    private void AddLabelled(MonitorWindow window, long sequence)
    {
        var label = _ring.LabelOf(sequence);
        if (double.IsNaN(label)) return;
        window.Labels.Add(label);
        window.LabelledPredictions.Add(_ring.PredictionOf(sequence));
    }

    private DriftReportOptions CreateDriftOptions() => new()
    {
        Significance = _options.Significance,
        MinimumEffect = _options.MinimumEffect,
        MinimumCount = _options.MinimumRows,
        ExcludedColumns = [.. _options.ExcludedColumns],
    };

    /// <summary>Profiles the window's inputs, one column at a time, so that predictions wait for one copy only.</summary>
    private DatasetProfile CreateProfile(DatasetProfile reference, MonitorWindow window)
    {
        var columns = new List<ColumnProfile>();
        foreach (var expected in reference.Columns)
        {
            if (!DriftReport.IsCompared(expected)) continue;
            var (numbers, texts) = CopyColumn(expected.Name, window.Sequences);
            if (texts is not null) columns.Add(ProfileTexts(expected, texts));
            else if (numbers is not null) columns.Add(ProfileNumbers(expected, numbers));
        }

        return new DatasetProfile(window.Sequences.Count, columns);
    }

    private (double[]? Numbers, string?[]? Texts) CopyColumn(string name, List<long> sequences)
    {
        lock (_lock)
        {
            if (_ring.FindColumn(name) is not { } column) return (null, null);
            // Rows that were written over since the window was taken are skipped.
            var present = sequences.Where(sequence => sequence >= _ring.First);
            return column.Numbers is { } numbers
                ? ([.. present.Select(sequence => numbers[_ring.IndexOf(sequence)])], null)
                : (null, [.. present.Select(sequence => column.Texts![_ring.IndexOf(sequence)])]);
        }
    }

    private static ColumnProfile ProfileTexts(ColumnProfile expected, string?[] texts)
    {
        var profile = new ColumnProfile(expected.Name, ElementType.String, expected.Role);
        profile.Add(TextColumn.FromStrings(texts));
        return profile;
    }

    private static ColumnProfile ProfileNumbers(ColumnProfile expected, double[] numbers)
    {
        if (expected.Type != ElementType.Boolean)
        {
            var profile = new ColumnProfile(expected.Name, expected.Type == ElementType.String ? ElementType.Float64 : expected.Type, expected.Role);
            profile.Add(numbers);
            return profile;
        }

        var flags = new ColumnBuilder<bool>(numbers.Length);
        foreach (var number in numbers)
        {
            if (double.IsNaN(number)) flags.AppendNull();
            else flags.Append(number != 0);
        }

        var counted = new ColumnProfile(expected.Name, ElementType.Boolean, expected.Role);
        counted.Add(flags.Build());
        return counted;
    }

    private DriftResult? TestPredictions(MonitorWindow window)
    {
        var expected = window.Reference?.Columns.FirstOrDefault(column => column.Role == ColumnRole.Prediction && column.Quantiles is not null);
        if (expected is null && _options.ComparesPredictionsWithLabels)
            expected = window.Reference?.Columns.FirstOrDefault(column => column.Role == ColumnRole.Label && column.Quantiles is not null);
        if (expected is null) return null;
        var actual = new ColumnProfile(expected.Name, ElementType.Float64, ColumnRole.Prediction);
        actual.Add([.. window.Predictions]);
        return new KolmogorovSmirnov().Test(expected, actual, new DriftTestOptions
        {
            Significance = _options.Significance,
            MinimumEffect = _options.MinimumEffect,
            MinimumCount = _options.MinimumRows,
        });
    }

    /// <summary>Describes the monitor in one line.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
    {
        lock (_lock) return string.Create(CultureInfo.InvariantCulture, $"monitor of {Model}, version {_version ?? "unknown"}, {_ring.Next - _ring.First} rows");
    }
}
