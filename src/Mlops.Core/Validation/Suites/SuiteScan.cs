using Mlops.Data;
using Mlops.Models;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Carries out the checks of a suite: one pass over each dataset, in which every check sees every row.</summary>
internal sealed class SuiteScan(ValidationSubject subject, IReadOnlyList<IValidationCheck> checks)
{
    private readonly DatasetProfile?[] _profiles = new DatasetProfile?[2];
    private readonly RowReservoir?[] _samples = new RowReservoir?[2];
    private readonly ICheckScan?[] _scans = new ICheckScan?[checks.Count];
    private readonly CheckResult?[] _results = new CheckResult?[checks.Count];

    public bool NeedsProfiles { get; set; }

    public bool NeedsSamples { get; set; }

    public async Task<IReadOnlyList<CheckResult>> RunAsync(CancellationToken cancellationToken)
    {
        var context = new CheckContext(subject, this);
        Attempt(i => Begin(i, context));
        await ReadAsync(DatasetPart.Train, subject.Train, cancellationToken).ConfigureAwait(false);
        if (subject.Test is { } test) await ReadAsync(DatasetPart.Test, test, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < checks.Count; i++)
        {
            if (_scans[i] is not { } scan) continue;
            try
            {
                _results[i] = await scan.FinishAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                Abandon(i, error);
            }
        }

        return [.. _results.Select(result => result!)];
    }

    public DatasetProfile GetProfile(DatasetPart part) => _profiles[(int)part] ?? throw Absent("profile", part, nameof(CheckContext.NeedProfiles));

    public DataBatch GetSample(DatasetPart part) => _samples[(int)part]?.ToBatch() ?? throw Absent("sample", part, nameof(CheckContext.NeedSamples));

    private static InvalidOperationException Absent(string what, DatasetPart part, string request)
        => new($"There is no {what} of the {part} set. A check gets it when it finishes, if it called {request} when it began and the suite was given that dataset.");

    private void Begin(int i, CheckContext context)
    {
        if (checks[i].FindObstacle(subject) is { } obstacle) _results[i] = CheckResult.NotApplicable(checks[i].Name, obstacle);
        else _scans[i] = checks[i].Begin(context);
    }

    private async Task ReadAsync(DatasetPart part, IDataset dataset, CancellationToken cancellationToken)
    {
        if (NeedsProfiles) _profiles[(int)part] = new DatasetProfile(dataset.Schema, OptionsFor(dataset.Schema));
        if (NeedsSamples) _samples[(int)part] = new RowReservoir(dataset.Schema, subject.SampleRows, subject.Seed);
        var binding = subject.Predictor is { } predictor ? TensorBinding.Create(predictor.Signature.Inputs, dataset.Schema) : null;
        var prediction = new PredictionContext();
        long first = 0;
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            _profiles[(int)part]?.Add(batch);
            _samples[(int)part]?.Add(batch);
            if (binding is null)
            {
                Show(new CheckedBatch(part, batch, first, null));
            }
            else
            {
                using var inputs = subject.Predictor!.Signature.RentInputs(batch.RowCount);
                using var outputs = subject.Predictor.Signature.RentOutputs(batch.RowCount);
                binding.Write(batch, inputs);
                await subject.Predictor.PredictAsync(inputs, outputs, prediction, cancellationToken).ConfigureAwait(false);
                Show(new CheckedBatch(part, batch, first, outputs));
            }

            first += batch.RowCount;
        }
    }

    private void Show(CheckedBatch batch) => Attempt(i => _scans[i]?.Add(batch));

    /// <summary>Lets every check take a step; one that throws is out, and the others go on.</summary>
    private void Attempt(Action<int> step)
    {
        for (var i = 0; i < checks.Count; i++)
        {
            try
            {
                step(i);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                Abandon(i, error);
            }
        }
    }

    private void Abandon(int i, Exception error)
    {
        _scans[i] = null;
        _results[i] = new CheckResult(checks[i].Name, $"The check could not be carried out: {error.Message}", []) { Status = CheckStatus.Error };
    }

    private DatasetProfileOptions OptionsFor(DataSchema schema)
    {
        const int MostCorrelated = 200;
        var numbers = schema.Count(column => column.Width == 1 && column.Type != ElementType.String);
        return new DatasetProfileOptions { Correlations = numbers <= MostCorrelated, LabelInformation = schema.Count(column => column.Role == ColumnRole.Label) == 1, SampleRows = Math.Max(100, subject.SampleRows), Seed = subject.Seed };
    }
}
