namespace Mlops.Tracking;

/// <summary>One key of the order in which a search finds things; what lacks the field comes last in both directions, after NaN.</summary>
/// <param name="Field">The field.</param>
/// <param name="IsDescending">Whether the largest come first.</param>
public sealed record SearchOrder(SearchField Field, bool IsDescending = false)
{
    /// <summary>Writes the key as MLflow has it.</summary>
    /// <returns>The text: <c>metrics.auc DESC</c>.</returns>
    public override string ToString() => $"{Field} {(IsDescending ? "DESC" : "ASC")}";
}
