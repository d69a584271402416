using Mlops.Models;

namespace Mlops.Training;

/// <summary>Evaluates a graph node by node over reused buffers; float32 between nodes, dot products in float64.</summary>
internal sealed class GraphPredictor(ModelGraph graph) : IPredictor
{
    private const string Model = "graph";

    private readonly GraphPlan _plan = new(graph);
    private GraphWorkspace? _spare;
    private bool _isDisposed;

    public ModelSignature Signature => graph.Signature;

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            PredictionChecks.CheckInputs(graph.Signature, inputs, Model);
            PredictionChecks.CheckOutputs(graph.Signature, inputs, outputs, Model);
            var workspace = Interlocked.Exchange(ref _spare, null) ?? new GraphWorkspace(_plan);
            workspace.Run(inputs, outputs);
            _spare = workspace;
            return ValueTask.CompletedTask;
        }
        catch (Exception error)
        {
            return ValueTask.FromException(error);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(ModelGraph) ? graph : serviceType.IsInstanceOfType(this) ? this : null;
    }

    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }
}
