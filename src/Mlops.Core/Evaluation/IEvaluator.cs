namespace Mlops.Evaluation;

/// <summary>Judges predictions by labels. Stateless, safe for concurrent use.</summary>
/// <typeparam name="TPrediction">The type of a prediction.</typeparam>
/// <typeparam name="TLabel">The type of a label.</typeparam>
public interface IEvaluator<TPrediction, TLabel>
{
    /// <summary>Judges predictions.</summary>
    /// <param name="predictions">The predictions, shape (n).</param>
    /// <param name="labels">The true values, shape (n).</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0, those of 0 leaving rows out; empty where every row counts alike.</param>
    /// <returns>The figures; those that are undefined for these data say why.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a weight is negative or not finite, or a value is none that the evaluator can judge.</exception>
    EvaluationResult Evaluate(ReadOnlySpan<TPrediction> predictions, ReadOnlySpan<TLabel> labels, ReadOnlySpan<double> weights = default);
}
