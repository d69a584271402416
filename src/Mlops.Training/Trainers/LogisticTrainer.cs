using System.Globalization;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Trains a logistic regression, binary or multinomial: minimises ½‖w‖² + C Σ weight · log loss, the intercepts unpenalised.</summary>
/// <remarks>
/// <para>The features are held in memory and the objective is minimised by L-BFGS in 64-bit floating point, from zero; deterministic.</para>
/// <para>Two classes have one row of coefficients (logistic function), more have one each (softmax). Rows without a label, or with weight 0, are left out.</para>
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
            var settings = new Dictionary<string, string>
            {
                ["c"] = _options.C.ToString("R", CultureInfo.InvariantCulture),
                ["max_iterations"] = _options.MaxIterations.ToString(CultureInfo.InvariantCulture),
                ["tolerance"] = _options.Tolerance.ToString("R", CultureInfo.InvariantCulture),
                ["imputation"] = _options.Preprocessing.Imputation.ToString(),
                ["standardize"] = _options.Preprocessing.Standardize ? "true" : "false",
            };
            if (_options.PositiveClass is { } positive) settings["positive_class"] = positive;
            return settings;
        }
    }

    /// <inheritdoc/>
    public async Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var classes = await ClassLabels.ReadAsync(context.Training, _options.PositiveClass, cancellationToken).ConfigureAwait(false);
        context.Progress?.Report(new TrainingProgress("fit preprocessing", 0));
        var preprocessor = await Preprocessor.FitAsync(context.Training, _options.Preprocessing, cancellationToken).ConfigureAwait(false);
        var label = context.Training.Schema.Single(ColumnRole.Label).Name;
        var blocks = new List<FeatureBlock>();
        await foreach (var block in FeatureReader.ReadAsync(context.Training, preprocessor, batch => classes.NumbersOf(batch[label]), cancellationToken).ConfigureAwait(false))
            blocks.Add(block);
        if (blocks.TrueForAll(block => block.Rows == 0))
            throw new DataFormatException(context.Training.Name, 0, label, "No labelled row has a weight above 0. Training needs at least one.");

        var objective = new LogisticObjective(blocks, preprocessor.FeatureNames.Count, classes.Count, _options.C);
        var (parameters, hasConverged) = Lbfgs.Minimize(objective.Evaluate, new double[objective.ParameterCount], _options.MaxIterations, _options.Tolerance * objective.Scale, (iteration, loss) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            context.Progress?.Report(new TrainingProgress("iteration", Math.Min(1, (double)iteration / _options.MaxIterations), loss / objective.Scale));
        });
        var (coefficients, intercepts) = objective.Split(parameters);
        if (hasConverged) return LinearModels.Classifier(preprocessor, coefficients, intercepts, classes, []);
        var warning = string.Create(CultureInfo.InvariantCulture, $"The training has not converged in {_options.MaxIterations} iterations. Raise {nameof(LogisticOptions.MaxIterations)} or {nameof(LogisticOptions.Tolerance)}, lower {nameof(LogisticOptions.C)}, or standardise the features.");
        context.Progress?.Report(new TrainingProgress("iteration", 1) { Warning = warning });
        return LinearModels.Classifier(preprocessor, coefficients, intercepts, classes, [warning]);
    }

    private static LogisticOptions Check(LogisticOptions options)
    {
        if (!(options.C > 0) || !double.IsFinite(options.C))
            throw new ArgumentOutOfRangeException(nameof(options), options.C, "C must be a positive number.");
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxIterations, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Tolerance, 0, nameof(options));
        return options;
    }
}
