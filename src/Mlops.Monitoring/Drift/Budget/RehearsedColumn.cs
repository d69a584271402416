namespace Mlops.Monitoring;

/// <summary>How often a column alarmed in a rehearsal.</summary>
/// <param name="Column">The name of the column.</param>
/// <param name="Alarms">The number of repetitions in which it alarmed.</param>
public sealed record RehearsedColumn(string Column, int Alarms);
