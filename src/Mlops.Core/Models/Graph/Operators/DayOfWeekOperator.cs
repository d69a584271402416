namespace Mlops.Models;

/// <summary>The day of the week of a date given as days since 1970-01-01: 0 for Sunday to 6 for Saturday. Int64 (rows × 1) → Int64 (rows × 1).</summary>
public sealed record DayOfWeekOperator : GraphOperator;
