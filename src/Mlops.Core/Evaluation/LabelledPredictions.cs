using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>What a model predicts for the rows of a dataset, beside their labels.</summary>
/// <param name="Predictions">The predictions, shape (rows).</param>
/// <param name="Labels">The labels, shape (rows); NaN where a row has none.</param>
public sealed record LabelledPredictions(double[] Predictions, double[] Labels)
{
    /// <summary>Predicts every row of a dataset.</summary>
    /// <param name="predictor">The predictor; its inputs name the columns that feed them.</param>
    /// <param name="dataset">The dataset; its only column of the role Label is numeric.</param>
    /// <param name="output">The output that is judged, by slot; its last element of each row counts: the number, or the probability of the last class.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The predictions and labels, in the dataset's order.</returns>
    /// <exception cref="EntityNotFoundException">The dataset has no label, or lacks a column that the model needs.</exception>
    public static async Task<LabelledPredictions> CreateAsync(IPredictor predictor, IDataset dataset, int output = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        var label = dataset.Schema.Single(ColumnRole.Label).Name;
        var binding = TensorBinding.Create(predictor.Signature.Inputs, dataset.Schema);
        var (predictions, labels) = (new List<double>(), new List<double>());
        var context = new PredictionContext();
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
            var values = TensorNumbers.ToDoubles(outputs[output]);
            var width = values.Length / batch.RowCount;
            for (var row = 0; row < batch.RowCount; row++) predictions.Add(values[((row + 1) * width) - 1]);
            labels.AddRange(ColumnNumbers.ToDoubles(batch[label]));
        }

        return new LabelledPredictions([.. predictions], [.. labels]);
    }

    /// <summary>Judges the predictions.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <returns>The figures.</returns>
    public EvaluationResult Evaluate(IEvaluator<double, double> evaluator)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        return evaluator.Evaluate(Predictions, Labels);
    }
}
