using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>A column that a report looks at, and why it cannot be compared where that is so.</summary>
internal sealed record DriftStep(ColumnSchema Column, string? Problem, DriftFindingKind Kind)
{
    public bool IsComparable => Problem is null;
}
