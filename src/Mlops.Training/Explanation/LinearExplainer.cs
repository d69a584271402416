using System.Globalization;
using Mlops.Data;
using Mlops.Explanation;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Exact Shapley values of linear models: how much each column of a row moved the model's score away from its mean over a background.</summary>
/// <remarks>
/// <para>The score of a linear model of column-wise preprocessing is a sum over columns, b + Σ g(x of the column). The Shapley value of a column, where absent columns
/// are drawn from the background (interventional), is then exactly g(x) − mean of g over the background; no sampling. The base value is the mean score of the background.</para>
/// <para>The score is the predicted number of a regression; of two classes with the logistic function the log-odds of a class; otherwise the score of a class before the softmax.</para>
/// <para>Source: S. M. Lundberg and S.-I. Lee, "A unified approach to interpreting model predictions", NeurIPS 2017, corollary 1; D. Janzing, L. Minorics and P. Blöbaum,
/// "Feature relevance quantification in explainable AI: a causal problem", AISTATS 2020. Time O(rows · features).</para>
/// </remarks>
/// <example><code>
/// var explainer = await LinearExplainer.CreateAsync((IGraphModel)model, split.Train);
/// Explanation explanation = await explainer.ExplainAsync(batch);
/// // explanation.BaseValue + Σ explanation.GetAttributions(row) = explanation.Predictions[row]
/// </code></example>
public sealed class LinearExplainer : IExplainer
{
    private readonly GraphModel _features;
    private readonly FeatureTrace _trace;
    private readonly double[] _coefficients;
    private readonly double[] _means;
    private readonly string _output;
    private readonly ExplanationScale _scale;

    private LinearExplainer(LinearCoefficients learned, GraphModel features, FeatureTrace trace, double[] coefficients, double baseValue, double[] means, string output)
    {
        _features = features;
        _trace = trace;
        _coefficients = coefficients;
        _means = means;
        _output = output;
        _scale = learned.Classes.Count == 0 ? ExplanationScale.Prediction : ExplanationScale.LogOdds;
        FeatureNames = learned.FeatureNames;
        BaseValue = baseValue;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Features => _trace.Columns;

    /// <summary>Gets what each feature is that the preprocessing makes of the columns, shape (features): <c>income</c>, <c>home=rent</c>.</summary>
    public IReadOnlyList<string> FeatureNames { get; }

    /// <summary>Gets the mean score of the background.</summary>
    public double BaseValue { get; }

    /// <summary>Makes an explainer.</summary>
    /// <param name="model">A model of <see cref="RidgeTrainer"/> or <see cref="LogisticTrainer"/>, or another one whose graph ends with a linear step.</param>
    /// <param name="background">The rows that a column is compared with, read once: best the training data. Each counts once.</param>
    /// <param name="outputClass">The class whose score is explained; <see langword="null"/> for the last one of two. It must be given where there are more. Not for regressions.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The explainer.</returns>
    /// <exception cref="ArgumentException">The graph has no linear step or more than one, a feature is made of several columns, a class is named that the model does not have, or more than two classes leave open which is explained.</exception>
    /// <exception cref="EntityNotFoundException">The background lacks a column.</exception>
    /// <exception cref="DataFormatException">The background has no rows, or a feature of it is missing or infinite because nothing fills or clips it; the column is named.</exception>
    public static async Task<LinearExplainer> CreateAsync(IGraphModel model, IDataset background, string? outputClass = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(background);
        var learned = LinearCoefficients.Of(model);
        var (coefficients, intercept, output) = Score(model, learned, outputClass);
        var trace = FeatureTrace.Create(model.Graph, learned.FeatureTensor);
        for (var i = 0; i < trace.Features.Length; i++)
        {
            if (trace.Features[i].Length > 1)
                throw new ArgumentException($"The feature '{learned.FeatureNames[i]}' is made of {trace.Describe(i)}; only a score that is a sum over columns can be explained exactly.", nameof(model));
        }

        var features = FeatureModel(model.Graph, learned.FeatureTensor, coefficients.Length);
        var means = new double[coefficients.Length];
        long rows = 0;
        await foreach (var batch in background.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (computed, width) = (await ComputeAsync(features, batch, cancellationToken).ConfigureAwait(false), means.Length);
            if (FindNotFinite(computed, width) is { } broken)
                throw new DataFormatException(background.Name, 0, trace.Features[broken] is [var column, ..] ? trace.Columns[column] : null, $"A feature made of {trace.Describe(broken)} is missing or infinite in a row of the background, so that nothing can be compared with it. Leave such rows out, or train with a preprocessing that fills or clips them.");
            for (var row = 0; row < batch.RowCount; row++)
            {
                rows++;
                for (var i = 0; i < width; i++) means[i] += (computed[(row * width) + i] - means[i]) / rows;
            }
        }

        if (rows == 0) throw NoRows.In(background);
        var baseValue = intercept;
        for (var i = 0; i < means.Length; i++) baseValue += coefficients[i] * means[i];
        return new LinearExplainer(learned, features, trace, coefficients, baseValue, means, output);
    }

    /// <inheritdoc/>
    public ValueTask<Explanation.Explanation> ExplainAsync(DataBatch rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return ExplainAsync(rows, byColumn: true, cancellationToken);
    }

    /// <summary>Explains predictions feature by feature: the categories of a text, for example, each by itself.</summary>
    /// <remarks>The features of one column cannot be drawn independently of each other; what each adds is coefficient · (value − mean), and those of a column add up to its Shapley value.</remarks>
    /// <param name="rows">The rows, with the columns that the model takes.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The attributions of each row to <see cref="FeatureNames"/>.</returns>
    /// <exception cref="EntityNotFoundException">A column is absent.</exception>
    /// <exception cref="PredictionFailedException">A feature is missing or infinite because nothing fills or clips it; the column is named.</exception>
    public ValueTask<Explanation.Explanation> ExplainFeaturesAsync(DataBatch rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return ExplainAsync(rows, byColumn: false, cancellationToken);
    }

    private async ValueTask<Explanation.Explanation> ExplainAsync(DataBatch rows, bool byColumn, CancellationToken cancellationToken)
    {
        var computed = await ComputeAsync(_features, rows, cancellationToken).ConfigureAwait(false);
        var (names, width) = (byColumn ? Features : FeatureNames, _coefficients.Length);
        if (FindNotFinite(computed, width) is { } broken)
            throw new PredictionFailedException("graph", $"A feature made of {_trace.Describe(broken)} is missing or infinite in a row that is to be explained, so that nothing can be attributed. Correct the row, or train with a preprocessing that fills or clips such values.");
        var attributions = new double[rows.RowCount * names.Count];
        var predictions = new double[rows.RowCount];
        for (var row = 0; row < rows.RowCount; row++)
        {
            var target = attributions.AsSpan(row * names.Count, names.Count);
            for (var i = 0; i < width; i++)
            {
                // A feature of no column is the same for every row, so that it adds nothing.
                var added = _coefficients[i] * (computed[(row * width) + i] - _means[i]);
                if (!byColumn) target[i] = added;
                else if (_trace.Features[i] is [var column]) target[column] += added;
            }

            predictions[row] = BaseValue;
            foreach (var value in target) predictions[row] += value;
        }

        return new Explanation.Explanation(names, BaseValue, attributions, predictions) { Output = _output, Scale = _scale };
    }

    /// <summary>The first feature that is not a finite number in some row; <see langword="null"/> where all are.</summary>
    private static int? FindNotFinite(float[] computed, int width)
    {
        var index = Array.FindIndex(computed, value => !float.IsFinite(value));
        return index < 0 ? null : index % width;
    }

    private static (double[] Coefficients, double Intercept, string Output) Score(IGraphModel model, LinearCoefficients learned, string? outputClass)
    {
        if (learned.Classes.Count == 0)
        {
            if (outputClass is not null) throw new ArgumentException($"The model is a regression; it has no class '{outputClass}'.", nameof(outputClass));
            return (learned.GetRow(0).ToArray(), learned.Intercepts[0], model.Signature.Outputs[0].Name);
        }

        if (outputClass is null && learned.Classes.Count > 2)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The model has {learned.Classes.Count} classes; say whose score is explained: {nameof(outputClass)} is one of {Named(learned.Classes)}."), nameof(outputClass));
        var index = outputClass is null ? learned.Classes.Count - 1 : learned.Classes.Index().Where(pair => pair.Item == outputClass).Select(pair => pair.Index).DefaultIfEmpty(-1).First();
        if (index < 0)
            throw new ArgumentException($"The model has no class '{outputClass}'. Its classes are: {Named(learned.Classes)}.", nameof(outputClass));
        if (learned.RowCount > 1) return (learned.GetRow(index).ToArray(), learned.Intercepts[index], learned.Classes[index]);
        // The log-odds of one class are those of the other with the opposite sign.
        var sign = index == 1 ? 1.0 : -1.0;
        return ([.. learned.GetRow(0).ToArray().Select(value => sign * value)], sign * learned.Intercepts[0], learned.Classes[index]);
    }

    private static string Named(IReadOnlyList<string> classes)
        => string.Join(", ", classes.Take(20).Select(name => $"'{name}'")) + (classes.Count > 20 ? ", …" : "");

    /// <summary>The part of the graph that makes the features.</summary>
    private static GraphModel FeatureModel(ModelGraph graph, string tensor, int width)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal) { tensor };
        var nodes = new List<GraphNode>();
        foreach (var node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(needed.Contains)) continue;
            nodes.Insert(0, node);
            needed.UnionWith(node.Inputs);
        }

        var output = TensorSpec.Of<float>(tensor, width);
        if (nodes.Count > 0) return new GraphModel(new ModelGraph(new ModelSignature(graph.Signature.Inputs, [output]), nodes));
        // The features are an input as it is; an output must be written by a node.
        var copy = output with { Name = string.Create(CultureInfo.InvariantCulture, $"{tensor}_{graph.Nodes.Count}") };
        return new GraphModel(new ModelGraph(new ModelSignature(graph.Signature.Inputs, [copy]), [new GraphNode(new SelectOperator([.. Enumerable.Range(0, width)]), [tensor], [copy.Name])]));
    }

    private static async ValueTask<float[]> ComputeAsync(GraphModel features, DataBatch rows, CancellationToken cancellationToken)
    {
        var predictor = features.CreatePredictor();
        await using var owned = predictor.ConfigureAwait(false);
        var binding = TensorBinding.Create(features.Signature.Inputs, rows.Schema);
        using var inputs = predictor.Signature.RentInputs(rows.RowCount);
        using var outputs = predictor.Signature.RentOutputs(rows.RowCount);
        binding.Write(rows, inputs);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken).ConfigureAwait(false);
        return outputs.Get<float>(0).Span.ToArray();
    }
}
