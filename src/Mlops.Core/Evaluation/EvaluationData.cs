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

    /// <summary>Gets the slot of the output that was judged, so that rows can be judged again alike; <see langword="null"/> for the default one (<see cref="EvaluationOptions.Output"/>).</summary>
    /// <value>The default value is <see langword="null"/>; <see cref="CreateAsync(IPredictor, IDataset, EvaluationOptions?, CancellationToken)"/> sets what it was asked for.</value>
    public int? Output { get; init; }

    /// <summary>Gets the class that was taken for positive, so that rows can be judged again alike; <see langword="null"/> for the default one (<see cref="EvaluationOptions.PositiveClass"/>).</summary>
    /// <value>The default value is <see langword="null"/>; <see cref="CreateAsync(IPredictor, IDataset, EvaluationOptions?, CancellationToken)"/> sets what it was asked for.</value>
    public string? PositiveClass { get; init; }

    /// <summary>Predicts every row of a dataset.</summary>
    /// <param name="predictor">The predictor; its inputs name the columns that feed them.</param>
    /// <param name="dataset">The dataset, with one column of the role Label.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The outcomes, told apart by the columns of the role Sensitive.</returns>
    /// <exception cref="EntityNotFoundException">The dataset has no label, or lacks a column that the model needs.</exception>
    /// <exception cref="ArgumentException">No output of the model can be judged; the message tells what there is.</exception>
    /// <exception cref="DataFormatException">A weight is negative, infinite or missing; or there are several columns of weights, or they are no numbers, or several in each row. The exception names the column.</exception>
    public static Task<EvaluationData> CreateAsync(IPredictor predictor, IDataset dataset, CancellationToken cancellationToken = default)
        => CreateAsync(predictor, dataset, null, cancellationToken);

    /// <summary>Predicts every row of a dataset.</summary>
    /// <param name="predictor">The predictor; its inputs name the columns that feed them.</param>
    /// <param name="dataset">The dataset, with one column of the role Label.</param>
    /// <param name="options">Which output and class are judged, and by which columns rows are told apart; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The outcomes.</returns>
    /// <exception cref="EntityNotFoundException">The dataset has no label, or lacks a column that the model needs or slices are made of (the message names the nearest one); or there is no such class.</exception>
    /// <exception cref="ArgumentException">No output of the model can be judged; the message tells what there is.</exception>
    /// <exception cref="DataFormatException">A weight is negative, infinite or missing; or there are several columns of weights, or they are no numbers, or several in each row. The exception names the column.</exception>
    public static async Task<EvaluationData> CreateAsync(IPredictor predictor, IDataset dataset, EvaluationOptions? options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        options ??= new EvaluationOptions();
        var source = FindSource(predictor, dataset, options);
        var (collector, slices) = (new OutcomeCollector(source, dataset.Schema), new SliceColumns(dataset.Schema, options));
        var binding = TensorBinding.Create(predictor.Signature.Inputs, dataset.Schema);
        var context = new PredictionContext();
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await collector.PredictAsync(predictor, binding, batch, context, cancellationToken).ConfigureAwait(false);
            slices.Add(batch);
        }

        return new EvaluationData(ChoosePositive(collector.Build(), options)) { SliceColumns = slices.Build(), Output = options.Output, PositiveClass = options.PositiveClass };
    }

    /// <summary>Predicts rows as these were: the same output, the same positive class; no columns tell them apart.</summary>
    internal async Task<ModelOutcomes> PredictAgainAsync(IPredictor predictor, IDataset rows, CancellationToken cancellationToken)
    {
        var options = new EvaluationOptions { Output = Output, PositiveClass = PositiveClass, IncludesSensitive = false };
        return (await CreateAsync(predictor, rows, options, cancellationToken).ConfigureAwait(false)).Outcomes;
    }

    /// <summary>Finds what is judged, before a row is read.</summary>
    internal static OutcomeSource FindSource(IPredictor predictor, IDataset dataset, EvaluationOptions options)
    {
        var label = dataset.Schema.Single(ColumnRole.Label);
        if (label.Width != 1) throw new ArgumentException($"The label '{label.Name}' of {dataset.Name} has {label.Width} elements in each row; one can be judged.", nameof(dataset));
        if (OutcomeSource.Find(predictor.Signature.Outputs, options.Output, [], out var source) is { } obstacle) throw new ArgumentException(obstacle, nameof(predictor));
        if (label.Type == ElementType.String && source!.Classes.Count == 0)
            throw new ArgumentException($"The label '{label.Name}' of {dataset.Name} is text, but the output {source.Output} of the model holds numbers. Name its classes in the signature.", nameof(predictor));
        return source!;
    }

    /// <summary>Puts the positive class last.</summary>
    internal static ModelOutcomes ChoosePositive(ModelOutcomes outcomes, EvaluationOptions options)
        => options.PositiveClass is { } positive ? outcomes.WithPositiveClass(positive) : outcomes;
}
