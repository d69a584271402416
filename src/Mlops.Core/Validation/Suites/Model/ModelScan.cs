namespace Mlops.Validation;

/// <summary>A check that looks at what the suite collected, after all rows were read.</summary>
internal sealed class ModelScan(Func<CancellationToken, ValueTask<CheckResult>> finish) : ICheckScan
{
    public ModelScan(Func<CheckResult> finish)
        : this(_ => ValueTask.FromResult(finish()))
    {
    }

    public void Add(CheckedBatch batch)
    {
        // Outcomes and samples are collected by the suite, once for all checks.
    }

    public ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken) => finish(cancellationToken);
}
