using System.Globalization;
using System.Numerics.Tensors;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Trains a logistic regression, binary or multinomial: minimises ½‖w‖² + C Σ weight · log loss, the intercepts unpenalised.</summary>
/// <remarks>
/// <para>The features are held in memory, 8 bytes each, and the objective is minimised by L-BFGS in 64-bit floating point, from zero; deterministic, whatever the number of
/// processors and however the dataset cuts its rows into batches. The weight of a row is its own (role Weight) times that of its class (<see cref="LogisticOptions.ClassWeights"/>).</para>
/// <para>Two classes have one row of coefficients (logistic function), more have one each (softmax). Rows without a label, or with weight 0, are left out.
/// Collinear features, and more features than rows, have a defined result because of the penalty. Validation data are not used.</para>
/// <para>The outputs are the class, and the probability of each class in ascending order, the positive class (<see cref="LogisticOptions.PositiveClass"/>) last;
/// <see cref="TensorSpec.Classes"/> names them.</para>
/// <para>A fit that ends with its iterations, unconverged, tells so as a warning: in the progress, and in <see cref="GraphModel.TrainingWarnings"/>.</para>
/// <para>The objective is scikit-learn's with an L2 penalty.</para>
/// </remarks>
/// <param name="options">How it is fitted.</param>
public sealed class LogisticTrainer(LogisticOptions? options = null) : ITrainer
{
    private readonly LogisticOptions _options = Check(options ?? new LogisticOptions());

    /// <inheritdoc/>
    public string Name => "logistic";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Params
    {
        get
        {
            var settings = new Dictionary<string, string>(_options.Preprocessing.ToParams())
            {
                ["c"] = _options.C.ToString("R", CultureInfo.InvariantCulture),
                ["max_iterations"] = _options.MaxIterations.ToString(CultureInfo.InvariantCulture),
                ["tolerance"] = _options.Tolerance.ToString("R", CultureInfo.InvariantCulture),
                ["class_weights"] = _options.ClassWeights.ToString(),
            };
            if (_options.PositiveClass is { } positive) settings["positive_class"] = positive;
            return settings;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">There are no labelled rows, fewer than two classes, or a weight, label, feature or class weight cannot be used; the column is named.</exception>
    public async Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var classes = await ClassLabels.ReadAsync(context.Training, _options.PositiveClass, cancellationToken).ConfigureAwait(false);
        var classWeights = _options.ClassWeights.Resolve(classes, context.Training.Name);
        var data = CountedRows.Of(context.Training, classes.Label);
        context.Progress?.Report(new TrainingProgress("fit preprocessing", 0));
        var preprocessor = await Preprocessor.FitAsync(data, _options.Preprocessing, cancellationToken).ConfigureAwait(false);
        context.Progress?.Report(new TrainingProgress("read features", 0));
        var blocks = FeatureReader.ReadAsync(data, preprocessor, (batch, _) => classes.NumbersOf(batch[classes.Label]), cancellationToken);
        var table = await FeatureTable.ReadAsync(blocks, preprocessor.FeatureNames.Count, cancellationToken).ConfigureAwait(false);
        foreach (var block in table.Blocks)
        {
            for (var row = 0; row < block.Rows; row++) block.Weights[row] *= classWeights[(int)block.Labels[row]];
        }

        var objective = new LogisticObjective(table, classes.Count, _options.C, _options.MaxParallelism, cancellationToken);
        var curvatures = objective.Curvatures();
        if (!double.IsFinite(objective.Scale) || !TensorPrimitives.IsFiniteAll<double>(curvatures)) throw RowWeights.TooLarge(context.Training);
        var result = Lbfgs.Minimize(objective.Evaluate, new double[objective.ParameterCount], curvatures, _options.MaxIterations, _options.Tolerance * objective.Scale, (iteration, loss) =>
        {
            context.Progress?.Report(new TrainingProgress("iteration", Math.Min(1, (double)iteration / _options.MaxIterations), loss / objective.Scale));
            cancellationToken.ThrowIfCancellationRequested();
        });
        var (coefficients, intercepts) = objective.Split(result.Parameters);
        if (!double.IsFinite(result.Value)) throw RowWeights.TooLarge(context.Training);
        List<string> warnings = [];
        if (!result.HasConverged)
        {
            warnings.Add(result.HasStalled
                ? string.Create(CultureInfo.InvariantCulture, $"The training has stopped after {result.Iterations} iterations above {nameof(LogisticOptions.Tolerance)}, because rounding hides any further improvement. Standardise the features, lower {nameof(LogisticOptions.C)}, or divide the weights by their mean.")
                : string.Create(CultureInfo.InvariantCulture, $"The training has not converged in {_options.MaxIterations} iterations. Raise {nameof(LogisticOptions.MaxIterations)} or {nameof(LogisticOptions.Tolerance)}, lower {nameof(LogisticOptions.C)}, or standardise the features."));
            context.Progress?.Report(new TrainingProgress("iteration", 1) { Warning = warnings[0] });
        }

        return new GraphModel(LinearModels.Classifier(preprocessor, coefficients, intercepts, classes))
        {
            TrainingWarnings = warnings,
            TrainingMetrics = new Dictionary<string, double> { ["loss"] = result.Value / objective.Scale, ["iterations"] = result.Iterations },
        };
    }

    private static LogisticOptions Check(LogisticOptions options)
    {
        if (!(options.C > 0) || !double.IsFinite(options.C))
            throw new ArgumentOutOfRangeException(nameof(options), options.C, "C must be a positive number.");
        TrainerOptions.CheckAtLeastOne(options.MaxIterations, nameof(options.MaxIterations));
        TrainerOptions.CheckTolerance(options.Tolerance);
        TrainerOptions.CheckParallelism(options.MaxParallelism);
        TrainerOptions.CheckPreprocessing(options.Preprocessing);
        return options;
    }
}
