namespace Mlops.Evaluation;

/// <summary>Gates with good defaults. Add your own to the lists, or make a list of what you need; the validators can be used alone.</summary>
/// <example><code>
/// var report = await ModelValidation.ValidateAsync(context, ModelGates.Default("roc_auc", protectedColumns: ["region"]));
/// report.EnsurePassed();
/// </code></example>
public static class ModelGates
{
    /// <summary>Makes the gates of quality, which need outcomes only: better than the champion, better than naive predictions, not overfit, calibrated.</summary>
    /// <remarks>Baselines, the outcomes of training and probabilities of classes are judged where they are there.</remarks>
    /// <param name="metric">The metric that decides: <c>rmse</c>.</param>
    /// <param name="protectedColumns">The slice columns in no slice of which a candidate may be worse than the champion; <see langword="null"/> for none.</param>
    /// <returns>The validators.</returns>
    public static IReadOnlyList<IModelValidator> Quality(string metric, IReadOnlyList<string>? protectedColumns = null) =>
    [
        new ChampionValidator(metric) { ProtectedColumns = protectedColumns ?? [] },
        new BaselineValidator(metric) { IsOptional = true },
        new OverfitValidator(metric) { IsOptional = true },
        new CalibrationValidator { IsOptional = true },
    ];

    /// <summary>Makes the gates of the saved model ("infrastructure validation"): its signature, its package, its memory and its speed.</summary>
    /// <param name="timeProvider">The clock of the speed; <see langword="null"/> for the system's.</param>
    /// <returns>The validators.</returns>
    public static IReadOnlyList<IModelValidator> Package(TimeProvider? timeProvider = null) =>
    [
        new SignatureValidator(),
        new PackageValidator(),
        new MemoryValidator(),
        new LatencyValidator(timeProvider),
    ];

    /// <summary>Makes both: the gates of quality, then those of the saved model.</summary>
    /// <param name="metric">The metric that decides: <c>rmse</c>.</param>
    /// <param name="protectedColumns">The slice columns in no slice of which a candidate may be worse than the champion; <see langword="null"/> for none.</param>
    /// <param name="timeProvider">The clock of the speed; <see langword="null"/> for the system's.</param>
    /// <returns>The validators.</returns>
    public static IReadOnlyList<IModelValidator> Default(string metric, IReadOnlyList<string>? protectedColumns = null, TimeProvider? timeProvider = null)
        => [.. Quality(metric, protectedColumns), .. Package(timeProvider)];
}
