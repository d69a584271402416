namespace Mlops.Core.Generators;

/// <summary>What became of one type: its row, or what keeps it from being one.</summary>
internal sealed record RowResult(Row? Row, EquatableArray<RowProblem> Problems);
