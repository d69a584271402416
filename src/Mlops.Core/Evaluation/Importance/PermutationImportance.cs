using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>Measures how much a model's score depends on each feature: by how much it gets worse when the feature's values are shuffled among the rows.</summary>
/// <remarks>
/// To be measured on rows that the model did not learn from. Features that say the same share their importance. Works for every predictor, also through an exported model. Source: L. Breiman,
/// "Random forests", Machine Learning 45 (2001); for any model A. Fisher, C. Rudin, F. Dominici (2019).
/// </remarks>
/// <example><code>var importance = await PermutationImportance.MeasureAsync(predictor, heldOut); // [tenure 0.0412 ± 0.0031, …], the largest first</code></example>
public static class PermutationImportance
{
    /// <summary>Measures the importance of features on a dataset, which is held in memory.</summary>
    /// <param name="predictor">The model.</param>
    /// <param name="dataset">The rows, with one column of the role Label.</param>
    /// <param name="options">The repeats, the features and the metric; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Is told the share of the work that is done, 0..1; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels the measuring.</param>
    /// <returns>The importance of each feature, the largest first.</returns>
    /// <exception cref="EntityNotFoundException">The dataset has no label, or lacks a column; or a feature is none of the model.</exception>
    public static async Task<IReadOnlyList<FeatureImportance>> MeasureAsync(
        IPredictor predictor, IDataset dataset, PermutationImportanceOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        var evaluation = new EvaluationOptions();
        var source = EvaluationData.FindSource(predictor, dataset, evaluation);
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) batches.Add(batch);
        return await MeasureAsync(predictor, source, DataBatch.Concat(dataset.Schema, batches), evaluation, options ?? new PermutationImportanceOptions(), progress, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<IReadOnlyList<FeatureImportance>> MeasureAsync(
        IPredictor predictor, OutcomeSource source, DataBatch rows, EvaluationOptions evaluation, PermutationImportanceOptions options, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Repeats, 1, nameof(options));
        var features = Choose(FeaturesOf(predictor), options.Features);
        var plain = await Predict(rows).ConfigureAwait(false);
        var metric = options.Metric ?? evaluation.PrimaryOf(plain.Task);
        var before = metric.Compute(plain);
        var found = new List<FeatureImportance>(features.Count);
        for (var i = 0; i < features.Count; i++)
        {
            var drops = new List<double>();
            var reason = before.UndefinedReason;
            for (var repeat = 0; repeat < options.Repeats && reason is null; repeat++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // The order depends on the repeat only, so that features and models are compared by the same orders.
                var order = RowShuffle.Shuffle([.. Enumerable.Range(0, rows.RowCount)], SplitMix64.At(options.Seed, (ulong)repeat));
                var after = metric.Compute(await Predict(Replace(rows, features[i], order)).ConfigureAwait(false));
                if (after.IsDefined) drops.Add(metric.GainOver(before.Value, after.Value));
                else reason = after.UndefinedReason;
                progress?.Report((((double)i * options.Repeats) + repeat + 1) / ((double)features.Count * options.Repeats));
            }

            var mean = drops.Count == 0 ? 0 : drops.Average();
            var deviation = drops.Count < 2 ? 0 : Math.Sqrt(drops.Sum(drop => (drop - mean) * (drop - mean)) / (drops.Count - 1));
            found.Add(new FeatureImportance(features[i], reason is null ? mean : 0, reason is null ? deviation : 0, reason));
        }

        return [.. found.OrderByDescending(feature => feature.Mean)];

        async ValueTask<ModelOutcomes> Predict(DataBatch batch)
            => EvaluationData.ChoosePositive(await OutcomeCollector.PredictAsync(predictor, source, batch, cancellationToken).ConfigureAwait(false), evaluation);
    }

    /// <summary>The columns that feed a model, each once.</summary>
    internal static IReadOnlyList<string> FeaturesOf(IPredictor predictor)
        => [.. predictor.Signature.Inputs.SelectMany(input => input.Columns.Count > 0 ? input.Columns : [input.Name]).Distinct(StringComparer.Ordinal)];

    private static IReadOnlyList<string> Choose(IReadOnlyList<string> known, IReadOnlyList<string>? asked)
    {
        foreach (var name in asked ?? [])
        {
            if (known.Contains(name, StringComparer.Ordinal)) continue;
            var meant = NearestName.Find(name, known);
            throw new EntityNotFoundException("column", name, $"The model takes no column '{name}'.{(meant is null ? $" It takes: {string.Join(", ", known.Take(20))}." : $" Did you mean '{meant}'?")}");
        }

        return asked ?? known;
    }

    private static DataBatch Replace(DataBatch rows, string column, int[] order)
        => new(rows.Schema, rows.Schema.Select(schema => schema.Name == column ? rows[schema.Name].Take(order) : rows[schema.Name]));
}
