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

    /// <summary>Gets or sets how long a load of this model may take, as <see cref="ModelHostOptions.LoadTimeout"/>.</summary>
    /// <value>The default value is <see langword="null"/>: as long as <see cref="ModelHostOptions.LoadTimeout"/> says. At most 49 days, <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan? LoadTimeout { get; set; }

    /// <summary>Gets or sets how the rows of many callers are predicted together; <see langword="null"/> where each prediction runs by itself.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public BatchingOptions? Batching { get; set; }

    /// <summary>
    /// Gets or sets of how many rows the batches are that a new generation predicts before it serves, one after the other: shapes that a model prepares itself for when it first sees them are prepared then.
    /// They hold the golden rows of the model over and over, or where there are none, zeros and empty texts. With <see cref="ModelHostOptions.WarmUp"/> off there are none.
    /// </summary>
    /// <value>The default value is empty: one row; with batching, the powers of two up to <see cref="BatchingOptions.MaxBatchRows"/>, and that.</value>
    public IReadOnlyList<int> WarmUpRows { get; set; } = [];

    /// <summary>
    /// Gets or sets the shapes of those batches, of a model with inputs whose sizes are open and that prepares itself for each shape when it first sees it. They are filled like those of <see cref="WarmUpRows"/>, of which each
    /// shape that does not say its rows is predicted. A version that cannot have one of them is refused.
    /// </summary>
    /// <value>The default value is empty: the sizes that the signature fixes, or the golden rows have. A model with open sizes and without golden rows is not warmed up then.</value>
    public IReadOnlyList<WarmUpShape> WarmUpShapes { get; set; } = [];

    /// <summary>Gets or sets how a new version is watched while the one before it stays loaded, to be switched back to; <see langword="null"/> where the switch is final.</summary>
    /// <value>The default value is <see langword="null"/>: two versions take the memory of two, and the host would serve another version than the registry says.</value>
    public ProbationOptions? Probation { get; set; }

    /// <summary>Keeps the version before a new one loaded for a while, and switches back to it when the new one fails or is slow.</summary>
    /// <param name="configure">Changes how long, and what the new version must not do.</param>
    /// <returns>These options.</returns>
    public HostedModelOptions UseProbation(Action<ProbationOptions>? configure = null)
    {
        Probation ??= new ProbationOptions();
        configure?.Invoke(Probation);
        return this;
    }

    /// <summary>Predicts the rows of many callers together. Each generation of the model has batches of its own, so that a batch is answered by one version.</summary>
    /// <param name="configure">Changes how batches are formed.</param>
    /// <returns>These options.</returns>
    public HostedModelOptions UseBatching(Action<BatchingOptions>? configure = null)
    {
        Batching ??= new BatchingOptions();
        configure?.Invoke(Batching);
        return this;
    }

    /// <summary>Copies valid options with all they hold: a change after the model was added must not show, or fail, at some later load.</summary>
    internal HostedModelOptions Copy()
    {
        var copy = (HostedModelOptions)MemberwiseClone();
        copy.Batching = Batching?.Copy();
        copy.Probation = Probation?.Copy();
        copy.WarmUpRows = [.. WarmUpRows];
        copy.WarmUpShapes = [.. WarmUpShapes.Select(shape => shape.Copy())];
        return copy;
    }

    internal void Validate()
    {
        if (!Enum.IsDefined(Load)) throw new ArgumentOutOfRangeException(nameof(Load), Load, $"Choose one of {nameof(ModelLoading)}.");
        if (LoadTimeout is { } timeout) WaitLimit.CheckTimeout(timeout, nameof(LoadTimeout));
        Batching?.Validate();
        Probation?.Validate();
        ArgumentNullException.ThrowIfNull(WarmUpRows);
        foreach (var rows in WarmUpRows) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows, nameof(WarmUpRows));
        ArgumentNullException.ThrowIfNull(WarmUpShapes);
        foreach (var shape in WarmUpShapes)
        {
            ArgumentNullException.ThrowIfNull(shape, nameof(WarmUpShapes));
            shape.Validate();
        }
    }

    /// <summary>The batches to warm up with.</summary>
    internal IReadOnlyList<WarmUpBatch> FindWarmUpBatches()
    {
        var rows = FindWarmUpRows();
        return WarmUpShapes.Count == 0
            ? [.. rows.Select(count => new WarmUpBatch(count))]
            : [.. WarmUpShapes.SelectMany((shape, index) => (shape.Rows is { } own ? [own] : rows).Select(count => new WarmUpBatch(count, shape, index)))];
    }

    /// <summary>The row counts to warm up: those asked for, or those of the batches that will be formed.</summary>
    private IReadOnlyList<int> FindWarmUpRows()
    {
        if (WarmUpRows.Count > 0) return WarmUpRows;
        if (Batching is not { } batching) return [1];
        var rows = new List<int>();
        for (var count = 1L; count < batching.MaxBatchRows; count *= 2) rows.Add((int)count);
        return [.. rows, batching.MaxBatchRows];
    }
}
