using System.Globalization;
using System.Numerics.Tensors;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Clusters rows around centroids: minimises the inertia, Σ weight · ‖x − nearest centroid‖².</summary>
/// <remarks>
/// <para>Lloyd's algorithm from k-means++ centroids, begun several times; the result of the smallest inertia is kept. The features are held in memory, 8 bytes each.
/// Time O(rows · features · clusters) for each iteration. Deterministic by <see cref="TrainingContext.Seed"/>, whatever the number of processors and however the dataset
/// cuts its rows into batches. A cluster that loses all its rows gets the row that is farthest from its centroid.</para>
/// <para>No label is needed, and one that is there is not looked at. Rows of weight 0 are left out. Validation data are not used.</para>
/// <para>The outputs are the number of the cluster and the Euclidean distances to all centroids, in the space of the features. The inertia and the number of iterations are
/// in <see cref="GraphModel.TrainingMetrics"/>.</para>
/// <para>Source: S. P. Lloyd, IEEE Trans. Inform. Theory 28 (1982); D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007, the best of
/// 2 + ⌊ln k⌋ candidates for each centroid. Tolerance and convergence are scikit-learn's.</para>
/// </remarks>
/// <param name="options">How they are clustered.</param>
public sealed class KMeansTrainer(KMeansOptions? options = null) : ITrainer
{
    /// <summary>The output that holds the cluster of a row: Int64 (rows × 1), from 0.</summary>
    public const string Cluster = "cluster";

    /// <summary>The output that holds the distances to all centroids: Float32 (rows × clusters).</summary>
    public const string Distances = "distances";

    private readonly KMeansOptions _options = Check(options ?? new KMeansOptions());

    /// <inheritdoc/>
    public string Name => "k-means";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Params => new Dictionary<string, string>(_options.Preprocessing.ToParams())
    {
        ["clusters"] = _options.Clusters.ToString(CultureInfo.InvariantCulture),
        ["initializations"] = _options.Initializations.ToString(CultureInfo.InvariantCulture),
        ["max_iterations"] = _options.MaxIterations.ToString(CultureInfo.InvariantCulture),
        ["tolerance"] = _options.Tolerance.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">There are fewer rows than clusters, or a weight or feature cannot be used; the column is named.</exception>
    public async Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Progress?.Report(new TrainingProgress("fit preprocessing", 0));
        var data = CountedRows.Of(context.Training);
        var preprocessor = await Preprocessor.FitAsync(data, _options.Preprocessing, cancellationToken).ConfigureAwait(false);
        context.Progress?.Report(new TrainingProgress("read features", 0));
        var blocks = FeatureReader.ReadAsync(data, preprocessor, (batch, _) => new double[batch.RowCount], cancellationToken);
        var table = await FeatureTable.ReadAsync(blocks, preprocessor.FeatureNames.Count, cancellationToken).ConfigureAwait(false);
        if (table.Rows < _options.Clusters)
            throw new DataFormatException(context.Training.Name, 0, null, string.Create(CultureInfo.InvariantCulture, $"There are {table.Rows} rows of a weight above 0 for {_options.Clusters} clusters. Ask for fewer clusters."));

        // No squared distance is larger than this, so that no sum overflows.
        var (total, largest) = (table.Blocks.Sum(block => TensorPrimitives.Sum<double>(block.Weights)), table.Blocks.Max(block => Math.Abs(TensorPrimitives.MaxMagnitude<double>(block.Features))));
        if (!double.IsFinite(total * 4 * Math.Max(1, largest * largest) * table.Width)) throw RowWeights.TooLarge(context.Training);
        var best = Search(new KMeansRows(table, _options.MaxParallelism, cancellationToken), context);
        List<string> warnings = [];
        if (!best.HasConverged)
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"The clustering has not converged in {_options.MaxIterations} iterations. Raise {nameof(KMeansOptions.MaxIterations)} or {nameof(KMeansOptions.Tolerance)}."));
        if (best.EmptyClusters > 0)
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"{best.EmptyClusters} of {_options.Clusters} clusters have no row: the rows have fewer different features. Ask for fewer clusters."));
        foreach (var warning in warnings) context.Progress?.Report(new TrainingProgress("iteration", 1) { Warning = warning });
        var step = new KMeansOperator([.. best.Centroids.Chunk(table.Width)]) { FeatureNames = preprocessor.FeatureNames };
        return new GraphModel(LinearModels.Build(preprocessor, step, TensorSpec.Of<long>(Cluster), TensorSpec.Of<float>(Distances, _options.Clusters)))
        {
            TrainingWarnings = warnings,
            TrainingMetrics = new Dictionary<string, double> { ["inertia"] = best.Inertia, ["iterations"] = best.Iterations },
        };
    }

    private KMeansResult Search(KMeansRows rows, TrainingContext context)
    {
        KMeansResult? best = null;
        var tolerance = _options.Tolerance * rows.MeanVariance();
        for (var i = 0; i < _options.Initializations; i++)
        {
            var done = (double)i / _options.Initializations;
            var start = KMeansSeeding.Choose(rows, _options.Clusters, SplitMix64.At(context.Seed, (ulong)i));
            var result = rows.Refine(start, _options.MaxIterations, tolerance, (iteration, inertia) =>
                context.Progress?.Report(new TrainingProgress("iteration", done + ((double)iteration / _options.MaxIterations / _options.Initializations), inertia)));
            if (best is null || result.Inertia < best.Inertia) best = result;
        }

        context.Progress?.Report(new TrainingProgress("iteration", 1, best!.Inertia));
        return best!;
    }

    private static KMeansOptions Check(KMeansOptions options)
    {
        TrainerOptions.CheckAtLeastOne(options.Clusters, nameof(options.Clusters));
        TrainerOptions.CheckAtLeastOne(options.Initializations, nameof(options.Initializations));
        TrainerOptions.CheckAtLeastOne(options.MaxIterations, nameof(options.MaxIterations));
        TrainerOptions.CheckTolerance(options.Tolerance);
        TrainerOptions.CheckParallelism(options.MaxParallelism);
        TrainerOptions.CheckPreprocessing(options.Preprocessing);
        return options;
    }
}
