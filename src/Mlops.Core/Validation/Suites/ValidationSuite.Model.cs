namespace Mlops.Validation;

public sealed partial class ValidationSuite
{
    /// <summary>Creates the suite of a trained model: is it good enough, for all kinds of rows, and does it keep what training promised?</summary>
    /// <remarks>
    /// Judges classifications by the classes that the model's signature names, regressions otherwise; checks that a model, a label or a test set is missing for are not applicable.
    /// Each check stands in its place with its defaults: <see cref="With"/> puts another one there, <see cref="Without"/> leaves it out.
    /// </remarks>
    /// <returns>The suite.</returns>
    /// <example><code>
    /// var report = await ValidationSuite.Model().With(new RocAucCheck { MinimumArea = 0.8 }).RunAsync(train, test, predictor);
    /// if (report.Status >= CheckStatus.Fail) return report.ExitCode;
    /// </code></example>
    public static ValidationSuite Model() => new(
        "model",
        new PerformanceDegradationCheck(),
        new RocAucCheck(),
        new ConfusionMatrixCheck(),
        new PredictionDriftCheck(),
        new SimpleModelGainCheck(),
        new WeakSegmentsCheck(),
        new CalibrationCheck(),
        new RegressionErrorKurtosisCheck(),
        new RegressionBiasCheck(),
        new UnusedFeaturesCheck(),
        new BoostingOverfitCheck(),
        new InferenceTimeCheck(),
        new PerformanceBiasCheck());
}
