using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The predictive powers of columns, for people to read.</summary>
internal static class PredictivePowers
{
    private const int RowsShown = 50;

    public static CheckTable ToTable(IEnumerable<(string Column, double? Score)> scores) => new("Predictive power", ["Column", "Score"], [.. scores
        .OrderByDescending(score => score.Score ?? -1).Take(RowsShown).Select(score => (IReadOnlyList<string>)[score.Column, score.Score is { } value ? CheckText.Number(value) : "–"])]);

    /// <summary>Describes the strongest column: <c>0.91, of age</c>.</summary>
    public static string Strongest(IReadOnlyList<(string Column, double? Score)> scores)
        => scores.MaxBy(score => score.Score ?? -1) is { Score: { } largest } strongest ? $"{CheckText.Number(largest)}, of {strongest.Column}" : "–";
}
