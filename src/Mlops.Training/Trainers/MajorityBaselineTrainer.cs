using Mlops.Models;

namespace Mlops.Training;

/// <summary>Trains the classifier that every other one must beat: it predicts the most frequent class, and as probabilities the classes' shares, whatever the features are.</summary>
/// <remarks>
/// Shares are of the sums of weights; of classes equally frequent the first one is predicted. Rows without a label, or with weight 0, are left out. The features are neither read nor judged, so that missing, infinite or constant ones do no harm; the model takes them as inputs all the same,
/// and can stand where another model stands. Validation data are not used.
/// </remarks>
/// <param name="positiveClass">The class that comes last among the outputs and is judged; <see langword="null"/> for the last one in ascending order, as in <see cref="LogisticOptions.PositiveClass"/>.</param>
public sealed class MajorityBaselineTrainer(string? positiveClass = null) : ITrainer
{
    /// <inheritdoc/>
    public string Name => "majority";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Params
        => positiveClass is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["positive_class"] = positiveClass };

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">No row has a label, there are fewer than two classes, or a label or weight cannot be used; the column is named.</exception>
    public async Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Progress?.Report(new TrainingProgress("read labels", 0));
        var classes = await ClassLabels.ReadAsync(context.Training, positiveClass, cancellationToken).ConfigureAwait(false);
        var features = ConstantFeatures.Create(context.Training);
        var total = classes.Weights.Sum();
        if (!double.IsFinite(total)) throw RowWeights.TooLarge(context.Training);
        context.Progress?.Report(new TrainingProgress("read labels", 1));
        // The softmax of the logarithms of shares is the shares.
        var coefficients = Enumerable.Range(0, classes.Count).Select(_ => new double[1]).ToArray();
        return new GraphModel(LinearModels.Classifier(features, coefficients, [.. classes.Weights.Select(weight => Math.Log(weight / total))], classes));
    }
}
