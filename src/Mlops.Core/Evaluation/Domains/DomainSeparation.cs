namespace Mlops.Evaluation;

/// <summary>How well a domain classifier tells the rows of two datasets apart.</summary>
/// <param name="Auc">The area under its ROC curve, 0..1 and 0.5 where the datasets cannot be told apart: the mean over the folds, each judged by rows that were not learned from.</param>
/// <param name="Gains">How much each column helped, as shares of 1, shape (<see cref="DomainColumns.Names"/>); all 0 where nothing did.</param>
public sealed record DomainSeparation(double Auc, IReadOnlyList<double> Gains)
{
    /// <summary>Gets the score of each row by a classifier that did not learn from it, shape (rows): log odds of the second dataset. Scores of different folds are not comparable.</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>Gets the fold of each row, shape (rows), from 0.</summary>
    public required IReadOnlyList<int> Folds { get; init; }

    /// <summary>Describes the separation in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"AUC {Auc:0.####} over {Scores.Count} rows");
}
