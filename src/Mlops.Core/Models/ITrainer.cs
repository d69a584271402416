namespace Mlops.Models;

/// <summary>Trains a model. Its options are given to its constructor; what it learns is another type.</summary>
/// <remarks>Safe for concurrent use: a trainer keeps nothing between trainings. Deterministic: same data, same seed, same machine, same model.</remarks>
public interface ITrainer
{
    /// <summary>Gets the name of the algorithm, for runs and reports: <c>ridge</c>.</summary>
    string Name { get; }

    /// <summary>Gets the options as name and invariant text, for logging as the params of a run.</summary>
    IReadOnlyDictionary<string, string> Params { get; }

    /// <summary>Trains a model.</summary>
    /// <param name="context">The data, the seed and where progress goes. Columns are chosen by their roles.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The model.</returns>
    /// <exception cref="DataFormatException">The training data cannot be read.</exception>
    /// <exception cref="EntityNotFoundException">The data has no column of the role Label.</exception>
    Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default);
}
