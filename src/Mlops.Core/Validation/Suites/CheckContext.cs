using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>What the checks of a suite look at, and what they share, so that it is computed once.</summary>
/// <remarks>Profiles, samples and predictions are there when checks finish, not before; the suite makes only what a check asked for when it began.</remarks>
public sealed class CheckContext
{
    private readonly SuiteScan _scan;

    internal CheckContext(ValidationSubject subject, SuiteScan scan)
    {
        Subject = subject;
        _scan = scan;
    }

    /// <summary>Gets the datasets and the model.</summary>
    public ValidationSubject Subject { get; }

    /// <summary>Gets the columns of the training set, or of the only dataset.</summary>
    public DataSchema Schema => Subject.Train.Schema;

    /// <summary>Asks for profiles of the datasets, with correlations and label information where there are any. To be called when the check begins.</summary>
    public void NeedProfiles() => _scan.NeedsProfiles = true;

    /// <summary>Asks for samples of the datasets. To be called when the check begins.</summary>
    public void NeedSamples() => _scan.NeedsSamples = true;

    /// <summary>Asks for what the model gives for every row. To be called when the check begins.</summary>
    public void NeedOutcomes() => _scan.NeedsOutcomes = true;

    /// <summary>Gets the profile of a dataset.</summary>
    /// <param name="part">The dataset.</param>
    /// <returns>The profile.</returns>
    /// <exception cref="InvalidOperationException">No check asked for profiles, the rows were not read yet, or there is no such dataset.</exception>
    public DatasetProfile GetProfile(DatasetPart part) => _scan.GetProfile(part);

    /// <summary>Gets some rows of a dataset, each equally likely (<see cref="ValidationSubject.SampleRows"/>), in their order.</summary>
    /// <param name="part">The dataset.</param>
    /// <returns>The rows, as one batch.</returns>
    /// <exception cref="InvalidOperationException">No check asked for samples, the rows were not read yet, or there is no such dataset.</exception>
    public DataBatch GetSample(DatasetPart part) => _scan.GetSample(part);

    /// <summary>Gets what the model gave for the rows of a dataset, beside their labels and weights.</summary>
    /// <param name="part">The dataset.</param>
    /// <returns>The outcomes, all rows in order.</returns>
    /// <exception cref="InvalidOperationException">No check asked for outcomes, the rows were not read yet, there is no such dataset, or no model whose outputs can be told apart.</exception>
    public ModelOutcomes GetOutcomes(DatasetPart part) => _scan.GetOutcomes(part);

    /// <summary>Predicts rows that a check made, when it finishes: a sample, or one with a column changed.</summary>
    /// <param name="rows">The rows, with the columns that the model needs.</param>
    /// <param name="predictor">Another predictor with the outputs of the model; <see langword="null"/> for the model.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The outcomes, in the order of the rows.</returns>
    /// <exception cref="InvalidOperationException">There is no model, or none whose outputs can be told apart.</exception>
    public ValueTask<ModelOutcomes> PredictAsync(DataBatch rows, IPredictor? predictor = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return _scan.PredictAsync(predictor, rows, cancellationToken);
    }

    /// <summary>Tells what the values of the label are: what <see cref="ValidationSubject.LabelKind"/> says, or what the values of a column look like.</summary>
    /// <param name="label">Values of the label, of a sample for instance.</param>
    /// <returns>Classes or amounts.</returns>
    public LabelKind GetLabelKind(Column label)
    {
        ArgumentNullException.ThrowIfNull(label);
        return Subject.LabelKind ?? LabelKinds.Infer(label);
    }

    /// <summary>Gets the clock of the suite.</summary>
    internal TimeProvider TimeProvider => _scan.TimeProvider;

    /// <summary>Gets what the model gives for the sample of a dataset, predicted once for all checks.</summary>
    internal ValueTask<ModelOutcomes> GetSampleOutcomesAsync(DatasetPart part, CancellationToken cancellationToken) => _scan.GetSampleOutcomesAsync(part, cancellationToken);
}
