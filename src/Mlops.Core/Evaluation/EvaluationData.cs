using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>What a model gave for the rows of a dataset, beside what is true of them and the columns by which they are told apart. Immutable.</summary>
/// <param name="Outcomes">The outcomes, each row of the dataset in its order.</param>
public sealed record EvaluationData(ModelOutcomes Outcomes)
{
    /// <summary>Gets the columns by whose values rows are judged apart, as many rows each as the outcomes.</summary>
    /// <value>The default value is empty.</value>
    /// <exception cref="ArgumentException">A column has another number of rows.</exception>
    public IReadOnlyList<SliceColumn> SliceColumns
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.FirstOrDefault(column => column.RowCount != Outcomes.RowCount) is { } other)
                throw new ArgumentException($"The column '{other.Name}' has {other.RowCount} rows; there are {Outcomes.RowCount} outcomes.", nameof(value));
            field = value;
        }
    } = [];

    /// <summary>Predicts every row of a dataset.</summary>
    /// <param name="predictor">The predictor; its inputs name the columns that feed them.</param>
    /// <param name="dataset">The dataset, with one column of the role Label.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The outcomes.</returns>
    /// <exception cref="EntityNotFoundException">The dataset has no label, or lacks a column that the model needs.</exception>
    /// <exception cref="ArgumentException">No output of the model can be judged; the message tells what there is.</exception>
    public static async Task<EvaluationData> CreateAsync(IPredictor predictor, IDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        _ = dataset.Schema.Single(ColumnRole.Label);
        if (OutcomeSource.Find(predictor.Signature.Outputs, null, [], out var source) is { } obstacle) throw new ArgumentException(obstacle, nameof(predictor));
        var collector = new OutcomeCollector(source!, dataset.Schema);
        var binding = TensorBinding.Create(predictor.Signature.Inputs, dataset.Schema);
        var context = new PredictionContext();
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
            collector.Add(batch, outputs);
        }

        return new EvaluationData(collector.Build());
    }
}
