using Mlops.Data;
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

    /// <summary>Tells what the values of the label are: what <see cref="ValidationSubject.LabelKind"/> says, or what the values of a column look like.</summary>
    /// <param name="label">Values of the label, of a sample for instance.</param>
    /// <returns>Classes or amounts.</returns>
    public LabelKind GetLabelKind(Column label)
    {
        ArgumentNullException.ThrowIfNull(label);
        return Subject.LabelKind ?? LabelKinds.Infer(label);
    }
}
