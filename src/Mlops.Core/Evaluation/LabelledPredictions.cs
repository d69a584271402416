using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>One number that a model predicts for each row of a dataset, beside its label: what a monitor sees of a model. See <see cref="EvaluationData"/> to judge a model by all of its classes, by slices and with intervals.</summary>
/// <param name="Predictions">The predictions, shape (rows): numbers, or probabilities of the positive class.</param>
/// <param name="Labels">The labels, shape (rows): numbers, or 1 for the positive class and 0 for another; NaN where a row has none.</param>
public sealed record LabelledPredictions(double[] Predictions, double[] Labels)
{
    /// <summary>Gets the class whose probability the predictions are; <see langword="null"/> where they are numbers, or the model does not name its classes.</summary>
    public string? PositiveClass { get; init; }

    /// <summary>Gets the weights of the rows, shape (rows), finite, ≥ 0; empty where every row counts alike.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<double> Weights { get; init; } = [];

    /// <summary>Predicts every row of a dataset.</summary>
    /// <remarks>
    /// What is judged is chosen as <see cref="JudgedOutput"/> says: the probability of the positive class where the model has probabilities, else the predicted
    /// number. Labels may be text, boolean or numbers. Weights are those of the column of the role Weight, where there is one.
    /// </remarks>
    /// <param name="predictor">The predictor; its inputs name the columns that feed them.</param>
    /// <param name="dataset">The dataset, with one column of the role Label.</param>
    /// <param name="output">The output that is judged, by slot; <see langword="null"/> for the probabilities, or the first output of floating-point numbers.</param>
    /// <param name="element">The element of each row of the output; <see langword="null"/> for that of the positive class, or the last one.</param>
    /// <param name="positiveClass">The positive class: <c>yes</c>, <c>1</c>; <see langword="null"/> for the last of two classes, as the model orders them.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The predictions and labels, in the dataset's order.</returns>
    /// <exception cref="EntityNotFoundException">The dataset has no label, or lacks a column that the model needs.</exception>
    /// <exception cref="ArgumentException">The model has no such output, element or class, or does not say which class is the positive one; the message tells what there is.</exception>
    /// <exception cref="DataFormatException">A label is none of the model's classes; or a weight is negative, infinite or missing, or weights cannot be read. The exception names the column.</exception>
    public static async Task<LabelledPredictions> CreateAsync(
        IPredictor predictor, IDataset dataset, int? output = null, int? element = null, string? positiveClass = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        var label = dataset.Schema.Single(ColumnRole.Label);
        if (label.Width != 1) throw new ArgumentException($"The label '{label.Name}' of {dataset.Name} has {label.Width} elements in each row; one can be judged.", nameof(dataset));
        var judged = JudgedOutput.Find(predictor.Signature.Outputs, output, element, positiveClass);
        if (label.Type == ElementType.String && judged.PositiveClass is null)
            throw new ArgumentException($"The label '{label.Name}' of {dataset.Name} is text, and the model does not name the classes of its output {judged.Output}. Say which class is the positive one.", nameof(positiveClass));
        var binding = TensorBinding.Create(predictor.Signature.Inputs, dataset.Schema);
        var (predictions, labels, weights) = (new List<double>(), new List<double>(), new List<double>());
        var ownWeights = new OutcomeWeights(dataset.Schema);
        var context = new PredictionContext();
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
            for (var row = 0; row < batch.RowCount; row++) predictions.Add(judged.Read(outputs, row));
            if (ownWeights.Exist)
            {
                var own = new double[batch.RowCount];
                ownWeights.Read(batch, own);
                weights.AddRange(own);
            }

            AddLabels(labels, batch[label.Name], judged, dataset.Name, label.Name);
        }

        return new LabelledPredictions([.. predictions], [.. labels]) { PositiveClass = judged.PositiveClass, Weights = weights };
    }

    /// <summary>Judges the predictions.</summary>
    /// <param name="evaluator">The evaluator: a <see cref="RegressionEvaluator"/> for numbers, a <see cref="ClassificationEvaluator"/> for probabilities.</param>
    /// <returns>The figures.</returns>
    public EvaluationResult Evaluate(IEvaluator<double, double> evaluator)
    {
        ArgumentNullException.ThrowIfNull(evaluator);
        return evaluator.Evaluate(Predictions, Labels, [.. Weights]);
    }

    private static void AddLabels(List<double> labels, Column column, JudgedOutput judged, string dataset, string name)
    {
        var text = column as TextColumn;
        var numbers = text is null ? ColumnNumbers.ToDoubles(column) : [];
        for (var row = 0; row < column.Length; row++)
        {
            double label;
            var isKnown = text is null ? judged.TryGetLabel(numbers[row], out label) : judged.TryGetLabel(text.GetString(row), out label);
            if (!isKnown)
            {
                throw new DataFormatException(
                    dataset, 0, name, $"A label is none of the classes that the model tells apart: {string.Join(", ", judged.Output.Classes.Select(known => $"'{known}'"))}. Correct the label, or leave the row out.");
            }

            labels.Add(label);
        }
    }
}
