using Mlops.Data;

namespace Mlops.Validation;

/// <summary>What the checks of two datasets have in common: they count rows, and have nothing to compare where one side is empty.</summary>
internal abstract class TrainTestScan(IValidationCheck check) : ICheckScan
{
    /// <summary>Gets the number of rows of the training set.</summary>
    protected long TrainRows { get; private set; }

    /// <summary>Gets the number of rows of the test set.</summary>
    protected long TestRows { get; private set; }

    /// <inheritdoc/>
    public void Add(CheckedBatch batch)
    {
        if (batch.Part == DatasetPart.Train) TrainRows += batch.Rows.RowCount;
        else TestRows += batch.Rows.RowCount;
        if (batch.Rows.RowCount > 0) Add(batch.Part, batch.Rows);
    }

    /// <inheritdoc/>
    public ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken)
        => new(TrainRows == 0 ? NotApplicable("The training set has no rows.") : TestRows == 0 ? FinishWithoutTestRows() : Finish(cancellationToken));

    protected abstract void Add(DatasetPart part, DataBatch rows);

    protected abstract CheckResult Finish(CancellationToken cancellationToken);

    protected virtual CheckResult FinishWithoutTestRows() => NotApplicable("The test set has no rows.");

    protected CheckResult NotApplicable(string reason) => CheckResult.NotApplicable(check.Name, reason);

    /// <summary>Makes a condition of the check's severity.</summary>
    protected CheckCondition Judge(string expected, bool isMet, string measured)
        => CheckCondition.Judge(expected, isMet, check.Severity, measured);

    /// <summary>Makes a condition that a share of the test rows is at most as large as a limit.</summary>
    protected CheckCondition JudgeRatio(string what, double limit, long count, string unit = "test rows")
        => Judge(limit == 0 ? $"no {unit} {what}" : $"at most {CheckText.Percent(limit)} of the {unit} {what}", (double)count / TestRows <= limit, CheckText.Share(count, TestRows, unit));

    protected CheckResult Result(string summary, params IReadOnlyList<CheckCondition> conditions) => new(check.Name, summary, conditions);
}
