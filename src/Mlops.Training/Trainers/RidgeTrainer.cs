using System.Globalization;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Trains a linear regression with an L2 penalty: minimises Σ weight · (y − b − w·x)² + α‖w‖², the intercept b unpenalised.</summary>
/// <remarks>
/// <para>Two streaming passes: one fits the preprocessing, one accumulates the normal equations of the centred features in 64-bit floating point,
/// which are solved by Cholesky decomposition. Time O(rows · features²), memory O(features²). The result does not depend on how the dataset cuts its rows into batches.</para>
/// <para>Rows without a label, or with weight 0, are left out. With α = 0, collinear features are refused; a feature that does not vary has the coefficient 0.
/// Validation data are not used.</para>
/// <para>Source: A. E. Hoerl and R. W. Kennard, "Ridge regression", Technometrics 12 (1970). The objective is scikit-learn's.</para>
/// </remarks>
/// <param name="options">How it is fitted.</param>
public sealed class RidgeTrainer(RidgeOptions? options = null) : ITrainer
{
    private readonly RidgeOptions _options = Check(options ?? new RidgeOptions());

    /// <inheritdoc/>
    public string Name => "ridge";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Params => new Dictionary<string, string>(_options.Preprocessing.ToParams())
    {
        ["alpha"] = _options.Alpha.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <inheritdoc/>
    /// <exception cref="DataFormatException">There are no labelled rows, a weight, label or feature cannot be used, or features are collinear without a penalty; the column is named.</exception>
    public async Task<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var label = LabelColumn.Numeric(context.Training);
        var data = CountedRows.Of(context.Training, label);
        context.Progress?.Report(new TrainingProgress("fit preprocessing", 0));
        var preprocessor = await FitAsync(data, context.Training, label, cancellationToken).ConfigureAwait(false);
        context.Progress?.Report(new TrainingProgress("accumulate", 0.4));
        var moments = new NormalEquations(preprocessor.FeatureNames.Count);
        await foreach (var block in FeatureReader.ReadAsync(data, preprocessor, label, cancellationToken).ConfigureAwait(false))
        {
            moments.Add(block);
            cancellationToken.ThrowIfCancellationRequested();
        }

        moments.Close();
        if (moments.Count == 0) throw LabelColumn.NoLabel(context.Training, label);
        if (!moments.IsFinite) throw RowWeights.TooLarge(context.Training);
        context.Progress?.Report(new TrainingProgress("solve", 0.9));
        cancellationToken.ThrowIfCancellationRequested();
        var (coefficients, intercept) = Solve(moments, preprocessor, context);
        context.Progress?.Report(new TrainingProgress("solve", 1));
        return new GraphModel(LinearModels.Regressor(preprocessor, coefficients, intercept));
    }

    private async Task<FittedPreprocessor> FitAsync(IDataset labelled, IDataset all, string label, CancellationToken cancellationToken)
    {
        try
        {
            return await Preprocessor.FitAsync(labelled, _options.Preprocessing, cancellationToken).ConfigureAwait(false);
        }
        catch (DataFormatException error) when (error.Column is null)
        {
            // No rows: are there none, or none with a label?
            await foreach (var _ in all.ReadAsync(new ReadOptions { Columns = [label] }, cancellationToken).ConfigureAwait(false)) throw LabelColumn.NoLabel(all, label);
            throw;
        }
    }

    private (double[] Coefficients, double Intercept) Solve(NormalEquations moments, FittedPreprocessor preprocessor, TrainingContext context)
    {
        var (gram, coefficients) = moments.Centre();
        var n = coefficients.Length;
        for (var i = 0; i < n; i++)
        {
            gram[(i * n) + i] += _options.Alpha;
            // A feature that does not vary says nothing; any number above 0 here gives it the coefficient 0.
            if (gram[(i * n) + i] == 0) gram[(i * n) + i] = 1;
        }

        var collinear = CholeskySolver.Solve(gram, coefficients);
        if (collinear.Length > 0) throw Collinear(collinear, moments, preprocessor, context);
        var intercept = moments.LabelMean;
        for (var i = 0; i < n; i++) intercept -= coefficients[i] * moments.MeanOf(i);
        return (coefficients, intercept);
    }

    private static DataFormatException Collinear(int[] features, NormalEquations moments, FittedPreprocessor preprocessor, TrainingContext context)
    {
        var trace = FeatureTrace.Create(preprocessor.ToModel().Graph, preprocessor.OutputName);
        var columns = features.SelectMany(feature => trace.Features[feature]).Distinct().Select(column => trace.Columns[column]).ToArray();
        var named = string.Join(", ", columns.Take(10).Select(column => $"'{column}'")) + (columns.Length > 10 ? ", …" : "");
        var cause = moments.Count <= trace.Features.Length
            ? string.Create(CultureInfo.InvariantCulture, $"There are {moments.Count} rows for {trace.Features.Length} features, so the features of {named} are collinear")
            : $"Features of {named} are collinear: one is a combination of the others";
        return new DataFormatException(context.Training.Name, 0, columns[0], $"{cause}, and without a penalty there is no single solution. Set {nameof(RidgeOptions)}.{nameof(RidgeOptions.Alpha)} above 0, or leave columns out.");
    }

    private static RidgeOptions Check(RidgeOptions options)
    {
        if (!(options.Alpha >= 0) || !double.IsFinite(options.Alpha))
            throw new ArgumentOutOfRangeException(nameof(options), options.Alpha, "Alpha must be 0 or a positive number.");
        TrainerOptions.CheckPreprocessing(options.Preprocessing);
        return options;
    }
}
