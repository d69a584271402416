using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Adds batching to predictors.</summary>
public static class BatchingPredictorBuilderExtensions
{
    /// <summary>Predicts the rows of many callers together. Decorators added before it see each caller's predictions, those added after it see batches.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="options">How batches are formed; the defaults when <see langword="null"/>.</param>
    /// <param name="model">The name of the model, for messages and measurements.</param>
    /// <param name="budget">What bounds the batches that run over several models; nothing when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; thrown by <see cref="PredictorBuilder.Build"/>, as is what follows.</exception>
    /// <exception cref="ArgumentException">The model cannot be batched.</exception>
    public static PredictorBuilder UseBatching(
        this PredictorBuilder builder,
        BatchingOptions? options = null,
        string model = "model",
        ComputeBudget? budget = null,
        TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Use(inner => new BatchingPredictor(inner, options, model, budget, timeProvider));
    }
}
