namespace Mlops.Validation;

/// <summary>A check that is under way. Not safe for concurrent use.</summary>
public interface ICheckScan
{
    /// <summary>Looks at rows. Those of the training set come first, then those of the test set, each in order.</summary>
    /// <param name="batch">The rows.</param>
    void Add(CheckedBatch batch);

    /// <summary>Ends the check, after all rows were shown.</summary>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>What was found.</returns>
    ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken);
}
