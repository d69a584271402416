using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Trains the regression that every other one must beat: it predicts the weighted mean of the label, whatever the features are.</summary>
/// <remarks>
/// Rows without a label, or with weight 0, are left out. The features are neither read nor judged, so that missing, infinite or constant ones do no harm; the model
/// takes them as inputs all the same, and can stand where another model stands. Validation data are not used.
/// </remarks>
public sealed class MeanBaselineTrainer : ITrainer
{
    /// <inheritdoc/>
    public string Name => "mean";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Params => new Dictionary<string, string>();

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">No row has a label, or a label or weight cannot be used; the column is named.</exception>
    public async Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var data = context.Training;
        var label = LabelColumn.Numeric(data);
        var features = ConstantFeatures.Create(data);
        var weights = new RowWeights(data);
        context.Progress?.Report(new TrainingProgress("read labels", 0));
        double mean = 0, total = 0;
        long rows = 0;
        string[] columns = weights.Column is null ? [label] : [label, weights.Column];
        await foreach (var batch in data.ReadAsync(new ReadOptions { Columns = columns }, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows += batch.RowCount;
            var rowWeights = weights.Read(batch);
            var labels = LabelColumn.Read(data, batch, label, rowWeights);
            for (var row = 0; row < labels.Length; row++)
            {
                if (double.IsNaN(labels[row]) || rowWeights[row] == 0) continue;
                total += rowWeights[row];
                mean += rowWeights[row] / total * (labels[row] - mean);
            }
        }

        if (rows == 0) throw NoRows.In(data);
        if (total == 0) throw LabelColumn.NoLabel(data, label);
        if (!double.IsFinite(total) || !double.IsFinite(mean)) throw RowWeights.TooLarge(data);
        context.Progress?.Report(new TrainingProgress("read labels", 1));
        return new GraphModel(LinearModels.Regressor(features, [0], mean));
    }
}
