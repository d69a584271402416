using Mlops.Models;

namespace Mlops.Training;

/// <summary>Evaluates a graph node by node over reused buffers; float32 between nodes, dot products in float64.</summary>
internal sealed class GraphPredictor(ModelGraph graph) : IPredictor
{
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
            CheckInputs(inputs);
            if (outputs.Rows != inputs.Rows) outputs.SetRows(inputs.Rows);
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

    private void CheckInputs(TensorBatch inputs)
    {
        var specs = graph.Signature.Inputs;
        if (inputs.Count != specs.Count)
            throw new PredictionFailedException("graph", $"The model has {specs.Count} inputs; {inputs.Count} were given. Rent them from its signature.");
        for (var slot = 0; slot < specs.Count; slot++)
        {
            var buffer = inputs[slot];
            if (buffer.ElementType != specs[slot].ElementType)
                throw new PredictionFailedException("graph", $"The input {specs[slot]} was given as {buffer.ElementType}.");
            if (buffer.Length != inputs.Rows * specs[slot].Width)
                throw new PredictionFailedException("graph", $"The input {specs[slot]} needs {specs[slot].Width} elements a row; {buffer.Length} were given for {inputs.Rows} rows.");
        }
    }
}
