using Mlops.Data;

namespace Mlops.Explanation;

/// <summary>Says how much each feature of a row adds to what a model predicts for it. Safe for concurrent use.</summary>
/// <remarks>Attributions of a row and the base value sum up to what is explained (<see cref="Explanation.Predictions"/>). Nothing is retained of the rows.</remarks>
public interface IExplainer
{
    /// <summary>Gets the features: the dataset columns that the model takes.</summary>
    IReadOnlyList<string> Features { get; }

    /// <summary>Explains predictions.</summary>
    /// <param name="rows">The rows, with the columns that the model takes.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The attributions of each row.</returns>
    /// <exception cref="EntityNotFoundException">A column is absent.</exception>
    ValueTask<Explanation> ExplainAsync(DataBatch rows, CancellationToken cancellationToken = default);
}
