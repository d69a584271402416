namespace Mlops.Monitoring;

/// <summary>What a finding of a drift report is about.</summary>
public enum DriftFindingKind
{
    /// <summary>The values of a column.</summary>
    Values,

    /// <summary>How many values of a column are missing.</summary>
    MissingValues,

    /// <summary>A column that the reference lacks.</summary>
    AddedColumn,

    /// <summary>All columns of numbers together.</summary>
    Rows,
}
