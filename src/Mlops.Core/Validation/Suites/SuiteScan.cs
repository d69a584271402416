using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Carries out the checks of a suite: one pass over each dataset, in which every check sees every row.</summary>
/// <remarks>What fails is out and the others go on: a check by itself, a model with the checks that need it. Only data that cannot be read, and cancellation, end everything.</remarks>
internal sealed class SuiteScan(ValidationSubject subject, IReadOnlyList<IValidationCheck> checks, TimeProvider timeProvider)
{
    private readonly DatasetProfile?[] _profiles = new DatasetProfile?[2];
    private readonly RowReservoir?[] _samples = new RowReservoir?[2];
    private readonly DataBatch?[] _sampled = new DataBatch?[2];
    private readonly OutcomeCollector?[] _collectors = new OutcomeCollector?[2];
    private readonly ModelOutcomes?[] _outcomes = new ModelOutcomes?[2];
    private readonly ModelOutcomes?[] _sampleOutcomes = new ModelOutcomes?[2];
    private readonly Exception?[] _failures = new Exception?[2];
    private readonly ICheckScan?[] _scans = new ICheckScan?[checks.Count];
    private readonly CheckResult?[] _results = new CheckResult?[checks.Count];
    private readonly TimeSpan[] _durations = new TimeSpan[checks.Count];
    private readonly List<CheckedDataset> _datasets = [];
    private IPredictor? _predictor = subject.Predictor;

    public bool NeedsProfiles { get; set; }

    public bool NeedsSamples { get; set; }

    public bool NeedsOutcomes { get; set; }

    public TimeProvider TimeProvider => timeProvider;

    public async Task<(IReadOnlyList<CheckResult> Results, IReadOnlyList<CheckedDataset> Datasets)> RunAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var context = new CheckContext(subject, this);
        Attempt(i => Begin(i, context), cancellationToken);
        await ReadAsync(DatasetPart.Train, subject.Train, cancellationToken).ConfigureAwait(false);
        if (subject.Test is { } test) await ReadAsync(DatasetPart.Test, test, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < checks.Count; i++) await FinishAsync(i, cancellationToken).ConfigureAwait(false);
        return ([.. _results.Select((result, i) => result! with { Description = checks[i].Description, Duration = _durations[i] })], _datasets);
    }

    public DatasetProfile GetProfile(DatasetPart part) => _profiles[(int)part] ?? throw Absent("profile", part, nameof(CheckContext.NeedProfiles));

    public DataBatch GetSample(DatasetPart part) => _sampled[(int)part] ??= _samples[(int)part]?.ToBatch() ?? throw Absent("sample", part, nameof(CheckContext.NeedSamples));

    public ModelOutcomes GetOutcomes(DatasetPart part)
    {
        if (_outcomes[(int)part] is { } known) return known;
        var outcomes = _collectors[(int)part]?.Build() ?? throw Absent("outcome", part, nameof(CheckContext.NeedOutcomes));
        _collectors[(int)part] = null;
        return _outcomes[(int)part] = outcomes;
    }

    public async ValueTask<ModelOutcomes> GetSampleOutcomesAsync(DatasetPart part, CancellationToken cancellationToken)
        => _sampleOutcomes[(int)part] ??= await PredictAsync(null, GetSample(part), cancellationToken).ConfigureAwait(false);

    public async ValueTask<ModelOutcomes> PredictAsync(IPredictor? predictor, DataBatch rows, CancellationToken cancellationToken)
    {
        predictor ??= _predictor ?? throw new InvalidOperationException("There is no model to predict with.");
        return await OutcomeCollector.PredictAsync(predictor, SourceOf(predictor), rows, cancellationToken).ConfigureAwait(false);
    }

    private OutcomeSource SourceOf(IPredictor predictor)
        => OutcomeSource.Find(predictor.Signature.Outputs, subject.Output, subject.Classes, out var source) is { } obstacle ? throw new InvalidOperationException(obstacle) : source!;

    private InvalidOperationException Absent(string what, DatasetPart part, string request) => _failures[(int)part] is { } failure
        ? new($"There is no {what} of the {part} set, since describing it failed: {Explain(failure)}", failure)
        : new($"There is no {what} of the {part} set. A check gets it when it finishes, if it called {request} when it began and the suite was given that dataset.");

    private void Begin(int i, CheckContext context)
    {
        if (checks[i].FindObstacle(subject) is { } obstacle) _results[i] = CheckResult.NotApplicable(checks[i].Name, obstacle);
        else _scans[i] = checks[i].Begin(context) ?? throw new InvalidOperationException("The check began without anything to show rows to.");
    }

    private async Task FinishAsync(int i, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_scans[i] is not { } scan) return;
        var start = timeProvider.GetTimestamp();
        try
        {
            _results[i] = await scan.FinishAsync(cancellationToken).ConfigureAwait(false) ?? throw new InvalidOperationException("The check ended without a result.");
        }
        catch (Exception error) when (!IsCancellation(error, cancellationToken))
        {
            Abandon(i, "The check could not be carried out", error);
        }

        _scans[i] = null; // A check's state may be large; the next one needs room too.
        _durations[i] += timeProvider.GetElapsedTime(start);
    }

    private async Task ReadAsync(DatasetPart part, IDataset dataset, CancellationToken cancellationToken)
    {
        Describe(part, () =>
        {
            if (NeedsProfiles) _profiles[(int)part] = new DatasetProfile(dataset.Schema, OptionsFor(dataset.Schema));
            if (NeedsSamples) _samples[(int)part] = new RowReservoir(dataset.Schema, subject.SampleRows, subject.Seed);
        });
        var binding = Bind(part, dataset.Schema);
        var prediction = new PredictionContext();
        long first = 0;
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            Describe(part, () =>
            {
                _profiles[(int)part]?.Add(batch);
                _samples[(int)part]?.Add(batch);
            });
            if (binding is null || _predictor is not { } predictor)
            {
                Show(new CheckedBatch(part, batch, first, null), cancellationToken);
            }
            else
            {
                using var inputs = predictor.Signature.RentInputs(batch.RowCount);
                using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
                var isPredicted = await TryPredictAsync(part, predictor, binding, batch, inputs, outputs, prediction, cancellationToken).ConfigureAwait(false);
                Show(new CheckedBatch(part, batch, first, isPredicted ? outputs : null), cancellationToken);
            }

            first += batch.RowCount;
        }

        _datasets.Add(new CheckedDataset(part, dataset.Name, first));
    }

    private TensorBinding? Bind(DatasetPart part, DataSchema schema)
    {
        if (_predictor is null) return null;
        try
        {
            if (NeedsOutcomes) _collectors[(int)part] = new OutcomeCollector(SourceOf(_predictor), schema);
            return TensorBinding.Create(_predictor.Signature.Inputs, schema);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            DropPredictor(part, error);
            return null;
        }
    }

    private async ValueTask<bool> TryPredictAsync(
        DatasetPart part, IPredictor predictor, TensorBinding binding, DataBatch batch, TensorBatch inputs, TensorBatch outputs, PredictionContext prediction, CancellationToken cancellationToken)
    {
        try
        {
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, prediction, cancellationToken).ConfigureAwait(false);
            _collectors[(int)part]?.Add(batch, outputs);
            return true;
        }
        catch (Exception error) when (!IsCancellation(error, cancellationToken))
        {
            DropPredictor(part, error);
            return false;
        }
    }

    /// <summary>Goes on without the model, and without the checks that have nothing to look at then.</summary>
    private void DropPredictor(DatasetPart part, Exception error)
    {
        _predictor = null;
        Array.Clear(_collectors);
        var without = subject with { Predictor = null };
        for (var i = 0; i < checks.Count; i++)
        {
            if (_scans[i] is not null && NeedsMore(checks[i], without)) Abandon(i, $"The model failed on the {part} set", error);
        }
    }

    private static bool NeedsMore(IValidationCheck check, ValidationSubject subject)
    {
        try
        {
            return check.FindObstacle(subject) is not null;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return true;
        }
    }

    /// <summary>Does what profiles and samples are made by; when it fails, only those who asked for them do.</summary>
    private void Describe(DatasetPart part, Action step)
    {
        try
        {
            step();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            (_profiles[(int)part], _samples[(int)part], _failures[(int)part]) = (null, null, error);
        }
    }

    private void Show(CheckedBatch batch, CancellationToken cancellationToken) => Attempt(i => _scans[i]?.Add(batch), cancellationToken);

    /// <summary>Lets every check take a step; one that throws is out, and the others go on.</summary>
    private void Attempt(Action<int> step, CancellationToken cancellationToken)
    {
        for (var i = 0; i < checks.Count; i++)
        {
            var start = timeProvider.GetTimestamp();
            try
            {
                step(i);
            }
            catch (Exception error) when (!IsCancellation(error, cancellationToken))
            {
                Abandon(i, "The check could not be carried out", error);
            }

            _durations[i] += timeProvider.GetElapsedTime(start);
        }
    }

    private void Abandon(int i, string what, Exception error)
    {
        _scans[i] = null;
        _results[i] = new CheckResult(checks[i].Name, $"{what}: {Explain(error)}", []) { Status = CheckStatus.Error, Exception = error };
    }

    private static bool IsCancellation(Exception error, CancellationToken cancellationToken)
        => error is OperationCanceledException && cancellationToken.IsCancellationRequested;

    /// <summary>Tells what happened. Messages of our own never quote a value of the data; those of others may (<c>The input string 'x' was not in a correct format</c>), and only their type is told.</summary>
    private static string Explain(Exception error)
        => error is MlopsException or InvalidOperationException or NotSupportedException ? error.Message : $"{error.GetType().Name}; the result's {nameof(CheckResult.Exception)} tells more.";

    private DatasetProfileOptions OptionsFor(DataSchema schema)
    {
        const int MostCorrelated = 200;
        var numbers = schema.Count(column => column.Width == 1 && column.Type != ElementType.String);
        return new DatasetProfileOptions { Correlations = numbers <= MostCorrelated, LabelInformation = schema.Count(column => column.Role == ColumnRole.Label) == 1, SampleRows = Math.Max(100, subject.SampleRows), Seed = subject.Seed };
    }
}
