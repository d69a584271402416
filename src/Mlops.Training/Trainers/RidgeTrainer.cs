using System.Globalization;
using MathNet.Numerics.LinearAlgebra;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Trains a linear regression with an L2 penalty: minimises Σ weight · (y − b − w·x)² + α‖w‖², the intercept b unpenalised.</summary>
/// <remarks>
/// <para>Two streaming passes: one fits the preprocessing, one accumulates the normal equations of the centred features in 64-bit floating point,
/// which are solved by Cholesky decomposition. Time O(rows · features²), memory O(features²).</para>
/// <para>Rows without a label, or with weight 0, are left out. With α = 0, collinear features are refused.</para>
/// <para>Source: A. E. Hoerl and R. W. Kennard, "Ridge regression", Technometrics 12 (1970). The objective is scikit-learn's.</para>
/// </remarks>
/// <param name="options">How it is fitted.</param>
public sealed class RidgeTrainer(RidgeOptions? options = null) : ITrainer
{
    private readonly RidgeOptions _options = Check(options ?? new RidgeOptions());

    /// <inheritdoc/>
    public string Name => "ridge";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Params => new Dictionary<string, string>
    {
        ["alpha"] = _options.Alpha.ToString("R", CultureInfo.InvariantCulture),
        ["imputation"] = _options.Preprocessing.Imputation.ToString(),
        ["standardize"] = _options.Preprocessing.Standardize ? "true" : "false",
    };

    /// <inheritdoc/>
    public async Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var label = LabelColumn.Numeric(context.Training);
        context.Progress?.Report(new TrainingProgress("fit preprocessing", 0));
        var preprocessor = await Preprocessor.FitAsync(context.Training, _options.Preprocessing, cancellationToken).ConfigureAwait(false);
        context.Progress?.Report(new TrainingProgress("accumulate", 0.4));
        var moments = new NormalEquations(preprocessor.FeatureNames.Count);
        await foreach (var block in FeatureReader.ReadAsync(context.Training, preprocessor, label, cancellationToken).ConfigureAwait(false))
        {
            moments.Add(block);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (moments.Count == 0)
            throw new DataFormatException(context.Training.Name, 0, label, "No row has a label. Training needs at least one labelled row.");
        context.Progress?.Report(new TrainingProgress("solve", 0.9));
        var (coefficients, intercept) = Solve(moments, context);
        context.Progress?.Report(new TrainingProgress("solve", 1));
        return LinearModels.Regressor(preprocessor, coefficients, intercept);
    }

    private (double[] Coefficients, double Intercept) Solve(NormalEquations moments, TrainingContext context)
    {
        var (gram, right) = moments.Centre();
        for (var i = 0; i < right.Length; i++) gram[i, i] += _options.Alpha;
        Vector<double> solution;
        try
        {
            solution = Matrix<double>.Build.DenseOfArray(gram).Cholesky().Solve(Vector<double>.Build.Dense(right));
        }
        catch (ArgumentException error)
        {
            // MathNet's way to say that the matrix is not positive definite.
            throw new DataFormatException(context.Training.Name, 0, null, "Features are collinear, so without a penalty there is no single solution. Set RidgeOptions.Alpha above 0, or leave columns out.", error);
        }

        var coefficients = solution.ToArray();
        var intercept = moments.LabelMean;
        for (var i = 0; i < coefficients.Length; i++) intercept -= coefficients[i] * moments.FeatureMeans[i];
        return (coefficients, intercept);
    }

    private static RidgeOptions Check(RidgeOptions options)
    {
        if (!(options.Alpha >= 0) || !double.IsFinite(options.Alpha))
            throw new ArgumentOutOfRangeException(nameof(options), options.Alpha, "Alpha must be 0 or a positive number.");
        return options;
    }
}
