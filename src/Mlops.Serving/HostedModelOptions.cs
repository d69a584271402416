namespace Mlops.Serving;

/// <summary>How one model is served.</summary>
public sealed class HostedModelOptions
{
    /// <summary>Gets or sets when the model is loaded.</summary>
    /// <value>The default value is <see cref="ModelLoading.AtStart"/>.</value>
    public ModelLoading Load { get; set; } = ModelLoading.AtStart;

    /// <summary>Gets or sets whether a model that is loaded on first use stays in memory from then on, whatever the budget.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool IsPinned { get; set; }

    /// <summary>Gets or sets how the rows of many callers are predicted together; <see langword="null"/> where each prediction runs by itself.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public BatchingOptions? Batching { get; set; }

    /// <summary>Predicts the rows of many callers together. Each generation of the model has batches of its own, so that a batch is answered by one version.</summary>
    /// <param name="configure">Changes how batches are formed.</param>
    /// <returns>These options.</returns>
    public HostedModelOptions UseBatching(Action<BatchingOptions>? configure = null)
    {
        Batching ??= new BatchingOptions();
        configure?.Invoke(Batching);
        return this;
    }

    internal void Validate()
    {
        if (!Enum.IsDefined(Load)) throw new ArgumentOutOfRangeException(nameof(Load), Load, $"Choose one of {nameof(ModelLoading)}.");
        Batching?.Validate();
    }
}
