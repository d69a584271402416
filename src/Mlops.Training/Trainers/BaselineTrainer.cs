using Mlops.Models;

namespace Mlops.Training;

/// <summary>Trains the model that every other one must beat: it predicts the mean of the label, whatever the features are.</summary>
/// <remarks>Rows without a label, or with weight 0, are left out.</remarks>
public sealed class BaselineTrainer : ITrainer
{
    /// <inheritdoc/>
    public string Name => "mean";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Params => new Dictionary<string, string>();

    /// <inheritdoc/>
    public async Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var label = LabelColumn.Numeric(context.Training);
        var preprocessor = await Preprocessor.FitAsync(context.Training, null, cancellationToken).ConfigureAwait(false);
        double sum = 0, weight = 0;
        await foreach (var block in FeatureReader.ReadAsync(context.Training, preprocessor, label, cancellationToken).ConfigureAwait(false))
        {
            for (var row = 0; row < block.Rows; row++)
            {
                sum += block.Weights[row] * block.Labels[row];
                weight += block.Weights[row];
            }
        }

        if (weight == 0)
            throw new DataFormatException(context.Training.Name, 0, label, "No row has a label. Training needs at least one labelled row.");
        return LinearModels.Regressor(preprocessor, new double[preprocessor.FeatureNames.Count], sum / weight);
    }
}
