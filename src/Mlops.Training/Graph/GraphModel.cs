using Mlops.Models;

namespace Mlops.Training;

/// <summary>A model that is a <see cref="ModelGraph"/> and is evaluated in managed code. Immutable, safe for concurrent use.</summary>
/// <param name="graph">The graph.</param>
public sealed class GraphModel(ModelGraph graph) : IGraphModel
{
    /// <inheritdoc/>
    public ModelGraph Graph { get; } = graph ?? throw new ArgumentNullException(nameof(graph));

    /// <summary>Gets what the training that made the model warns of, such as iterations that were not enough; not saved with the model.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> TrainingWarnings { get; init; } = [];

    /// <summary>Gets figures of the training that made the model, by name: <c>loss</c>, <c>iterations</c>, <c>inertia</c>; not saved with the model.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyDictionary<string, double> TrainingMetrics { get; init; } = new Dictionary<string, double>();

    /// <inheritdoc/>
    public ModelSignature Signature => Graph.Signature;

    /// <inheritdoc/>
    public IPredictor CreatePredictor() => new GraphPredictor(Graph);

    /// <inheritdoc/>
    public async Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        await target.WriteFileAsync(GraphModelFlavor.GraphFile, Graph.ToJson(), cancellationToken).ConfigureAwait(false);
        target.AddFlavor(GraphModelFlavor.FlavorName, new Dictionary<string, object?> { ["data"] = GraphModelFlavor.GraphFile });
    }
}
