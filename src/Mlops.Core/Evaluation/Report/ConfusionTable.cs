namespace Mlops.Evaluation;

/// <summary>How often, by weight, rows of each class were taken for each class.</summary>
/// <param name="Classes">The classes.</param>
/// <param name="Weights">The sums of the weights, a row for each true class, in it a number for each predicted one.</param>
public sealed record ConfusionTable(IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<double>> Weights);
