using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Explanation;

/// <summary>Explains any model by Shapley values: what each feature adds to the prediction of a row, on average over the orders in which features can become known.</summary>
/// <remarks>
/// <para>A feature that is not known has the values of the background rows (interventional), the same ones for every explained row; the base value is their mean prediction. Base value and
/// attributions add up to the prediction, but for the rounding of sums. With few features every set of them is asked about, which is exact; with more, orders are drawn, each with its reverse, and
/// the error falls as 1/√pairs.</para>
/// <para>Of each row the model is asked about (sets × background) rows, where orders pass at most 2 × pairs × (features − 1) sets. Columns of several elements are one feature.</para>
/// <para>Log-odds of more than two classes are the logarithm of the probability less the mean of those of all classes: scores before the softmax that sum up to 0.</para>
/// <para>Safe for concurrent use. The predictor stays the caller's. Source: L. S. Shapley (1953); E. Štrumbelj, I. Kononenko, "Explaining prediction models and individual predictions with feature contributions", KAIS 41 (2014).</para>
/// </remarks>
/// <example><code>
/// var explainer = await PermutationExplainer.CreateAsync(predictor, background: train);
/// var explanation = await explainer.ExplainAsync(rows); // explanation.GetAttributions(0)
/// </code></example>
public sealed class PermutationExplainer : IExplainer
{
    private readonly IPredictor _predictor;
    private readonly DataBatch _background;
    private readonly ExplainedOutput _output;
    private readonly PermutationExplainerOptions _options;
    private readonly TensorBinding _binding;
    private readonly Coalitions _coalitions;

    /// <summary>Creates an explainer.</summary>
    /// <param name="predictor">The model.</param>
    /// <param name="background">Rows that stand for what is usual, with the columns that the model takes; a sample of the training data. It is retained.</param>
    /// <param name="options">What is explained; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">There is no background row or feature, no such output, element or class, or more than two classes leave open which is explained.</exception>
    /// <exception cref="EntityNotFoundException">The background lacks a column that the model takes.</exception>
    public PermutationExplainer(IPredictor predictor, DataBatch background, PermutationExplainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(background);
        _options = options ?? new PermutationExplainerOptions();
        _options.Check();
        if (background.RowCount == 0) throw new ArgumentException("There is no background row; attributions are differences from what is usual.", nameof(background));
        _predictor = predictor;
        _output = new ExplainedOutput(predictor.Signature, _options);
        Features = PermutationImportance.FeaturesOf(predictor);
        if (Features.Count == 0) throw new ArgumentException("The model takes no feature.", nameof(predictor));
        _background = Draw(background.Select(Features), _options);
        _binding = TensorBinding.Create(predictor.Signature.Inputs, _background.Schema);
        var sampled = (2L * _options.Pairs * (Features.Count - 1)) + 2;
        IsExact = Features.Count <= _options.MaximumExactFeatures && 1L << Features.Count <= sampled;
        _coalitions = IsExact ? Coalitions.All(Features.Count) : Coalitions.Sampled(Features.Count, _options.Pairs, _options.Seed);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Features { get; }

    /// <summary>Gets whether every set of features is asked about, so that attributions have no error of sampling.</summary>
    public bool IsExact { get; }

    /// <summary>Creates an explainer whose background is drawn from a dataset.</summary>
    /// <remarks>So many rows as <see cref="PermutationExplainerOptions.MaximumBackgroundRows"/> says are drawn by <see cref="PermutationExplainerOptions.Seed"/>, each row as likely as any other; all where there are fewer. The dataset is read once, however it cuts its rows into batches.</remarks>
    /// <param name="predictor">The model.</param>
    /// <param name="background">Rows that stand for what is usual, with the columns that the model takes: best the training data.</param>
    /// <param name="options">What is explained; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The explainer.</returns>
    /// <exception cref="ArgumentException">There is no feature, no such output, element or class, or more than two classes leave open which is explained.</exception>
    /// <exception cref="EntityNotFoundException">The background lacks a column that the model takes.</exception>
    /// <exception cref="DataFormatException">The background has no row.</exception>
    public static async Task<PermutationExplainer> CreateAsync(IPredictor predictor, IDataset background, PermutationExplainerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(background);
        options ??= new PermutationExplainerOptions();
        options.Check();
        var features = PermutationImportance.FeaturesOf(predictor);
        if (features.Count == 0) throw new ArgumentException("The model takes no feature.", nameof(predictor));
        var drawn = await background.Select(features).Sample(options.MaximumBackgroundRows, options.Seed).ToMemoryAsync(cancellationToken).ConfigureAwait(false);
        if (drawn.RowCount == 0) throw new DataFormatException(background.Name, 0, null, "There is no background row; attributions are differences from what is usual. See whether the source is empty, or a filter or split has left nothing.");
        return new PermutationExplainer(predictor, DataBatch.Concat(drawn.Schema, drawn.Batches), options);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A column has another type than in the background.</exception>
    /// <exception cref="PredictionFailedException">The model failed, or gave a number that nothing can be attributed of.</exception>
    public async ValueTask<Explanation> ExplainAsync(DataBatch rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        cancellationToken.ThrowIfCancellationRequested();
        var chosen = Choose(rows);
        var context = new PredictionContext();
        var background = new double[_background.RowCount];
        await PredictAsync(_background, background, context, cancellationToken).ConfigureAwait(false);
        var predictions = new double[rows.RowCount];
        await PredictAsync(chosen, predictions, context, cancellationToken).ConfigureAwait(false);
        var (baseValue, attributions) = (background.Average(), new double[rows.RowCount * Features.Count]);
        Column[] columns = [.. Features.Select(name => Column.Concat([chosen[name], _background[name]]))];
        var values = new double[_coalitions.Sets.Count];
        for (var row = 0; row < rows.RowCount; row++)
        {
            (values[0], values[1]) = (baseValue, predictions[row]);
            await AskAsync(row, rows.RowCount, columns, values, context, cancellationToken).ConfigureAwait(false);
            _coalitions.Attribute(values, attributions.AsSpan(row * Features.Count, Features.Count));
        }

        return new Explanation(Features, baseValue, attributions, predictions) { Output = _output.Name, Scale = _options.Scale };
    }

    /// <summary>Asks what is predicted on average over the background where the features of a set are those of the row.</summary>
    private async ValueTask AskAsync(int row, int rowCount, Column[] columns, double[] values, PredictionContext context, CancellationToken cancellationToken)
    {
        var background = _background.RowCount;
        var setsAtOnce = Math.Max(1, _options.MaximumBatchRows / background);
        for (var first = 2; first < values.Length; first += setsAtOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sets = Math.Min(setsAtOnce, values.Length - first);
            var order = new int[sets * background];
            var mixed = new Column[columns.Length];
            for (var feature = 0; feature < columns.Length; feature++)
            {
                for (var i = 0; i < order.Length; i++) order[i] = _coalitions.Sets[first + (i / background)][feature] ? row : rowCount + (i % background);
                mixed[feature] = columns[feature].Take(order);
            }

            var answers = new double[order.Length];
            await PredictAsync(new DataBatch(_background.Schema, mixed), answers, context, cancellationToken).ConfigureAwait(false);
            for (var set = 0; set < sets; set++) values[first + set] = Mean(answers.AsSpan(set * background, background));
        }
    }

    private async ValueTask PredictAsync(DataBatch rows, double[] target, PredictionContext context, CancellationToken cancellationToken)
    {
        for (var start = 0; start < rows.RowCount; start += _options.MaximumBatchRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = rows.Rows(start, Math.Min(_options.MaximumBatchRows, rows.RowCount - start));
            using var inputs = _predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = _predictor.Signature.RentOutputs(batch.RowCount);
            _binding.Write(batch, inputs);
            context.Reset();
            await _predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
            _output.Read(outputs, target.AsSpan(start, batch.RowCount));
        }
    }

    private DataBatch Choose(DataBatch rows)
    {
        var chosen = rows.Select(Features);
        foreach (var column in _background.Schema)
        {
            var other = chosen.Schema[column.Name];
            if (other.Type != column.Type || other.Width != column.Width)
                throw new ArgumentException($"Column '{column.Name}' is {other.Type} × {other.Width}; in the background it is {column.Type} × {column.Width}.", nameof(rows));
        }

        return new DataBatch(_background.Schema, Features.Select(name => chosen[name]));
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values) sum += value;
        return sum / values.Length;
    }

    private static DataBatch Draw(DataBatch background, PermutationExplainerOptions options)
        => background.RowCount <= options.MaximumBackgroundRows
            ? background
            : background.Take([.. RowShuffle.Shuffle([.. Enumerable.Range(0, background.RowCount)], options.Seed).Take(options.MaximumBackgroundRows).Order()]);
}
