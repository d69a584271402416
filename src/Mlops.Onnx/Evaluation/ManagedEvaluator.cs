using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Evaluates a model in C#, block of rows by block of rows, on the caller's thread. Safe for concurrent use; allocates nothing once it is warm.</summary>
internal sealed class ManagedEvaluator
{
    private readonly EvaluationPlan _plan;
    private readonly bool _hasTexts;
    private readonly SlotPool<EvaluationWorkspace> _kept = new(Environment.ProcessorCount);

    private ManagedEvaluator(EvaluationPlan plan, OnnxMetadata metadata)
    {
        _plan = plan;
        _hasTexts = plan.Slots.Any(slot => slot.ElementType == ElementType.String);
        Metadata = metadata;
    }

    public OnnxMetadata Metadata { get; }

    public ModelSignature Signature => _plan.Signature;

    /// <summary>Compiles a model.</summary>
    /// <exception cref="ModelLoadException">The bytes are no model, or the model holds what the evaluator does not know.</exception>
    public static ManagedEvaluator Compile(ReadOnlySpan<byte> bytes, string modelName)
    {
        try
        {
            var model = OnnxMessageReader.ReadModel(bytes);
            var metadata = new OnnxMetadata
            {
                ProducerName = model.ProducerName,
                GraphName = model.Graph!.Name,
                Domain = model.Domain,
                Description = model.Description,
                Version = model.Version,
                Properties = model.Properties.AsReadOnly(),
            };
            return new ManagedEvaluator(GraphCompiler.Compile(model, modelName), metadata);
        }
        catch (ProtobufException error)
        {
            throw new ModelLoadException(modelName, $"The model '{modelName}' is damaged: {error.Message}. Restore it from its source, or export it again.", error);
        }
    }

    /// <summary>Fills the outputs, which were checked, for inputs that were checked.</summary>
    public void Run(TensorBatch inputs, TensorBatch outputs, string modelName, CancellationToken cancellationToken)
    {
        var workspace = _kept.TryRent() ?? new EvaluationWorkspace(_plan.Slots, _plan.BlockRows);
        try
        {
            for (var first = 0; first < inputs.Rows; first += _plan.BlockRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var rows = Math.Min(_plan.BlockRows, inputs.Rows - first);
                for (var slot = 0; slot < inputs.Count; slot++) CopyIn(workspace, inputs[slot], slot, first, rows);
                foreach (var step in _plan.Steps) step.Run(workspace, rows);
                for (var slot = 0; slot < outputs.Count; slot++) CopyOut(workspace, outputs[slot], slot, first, rows);
            }
        }
        catch (RefusedRowException error)
        {
            throw new PredictionFailedException(modelName, $"The model '{modelName}' {error.Message}.", error);
        }
        finally
        {
            if (_hasTexts) workspace.ClearTexts();
            _kept.TryReturn(workspace);
        }
    }

    /// <summary>Gives the outputs the shapes that the model computes, where the signature leaves them open.</summary>
    public void Resize(TensorBatch outputs, int rows)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            var dimensions = _plan.OutputDimensions[i];
            var shape = outputs[i].Shape;
            var isRight = shape.Length == dimensions.Length + 1;
            for (var d = 0; isRight && d < dimensions.Length; d++) isRight = shape[d + 1] == dimensions[d];
            if (!isRight) outputs[i].Resize([rows, .. dimensions.Select(size => (nint)size)]);
        }
    }

    private void CopyIn(EvaluationWorkspace workspace, TensorBuffer buffer, int slot, int first, int rows)
    {
        switch (buffer)
        {
            case TensorBuffer<float> numbers: CopyIn(numbers); break;
            case TensorBuffer<double> numbers: CopyIn(numbers); break;
            case TensorBuffer<long> numbers: CopyIn(numbers); break;
            case TensorBuffer<int> numbers: CopyIn(numbers); break;
            case TensorBuffer<bool> values: CopyIn(values); break;
            case TensorBuffer<string> texts:
                CopyIn(texts);
                // A missing text is "", also where the caller has left null.
                foreach (ref var text in workspace.Get<string>(slot, rows)) text ??= "";
                break;
        }

        void CopyIn<T>(TensorBuffer<T> source)
        {
            var width = _plan.Slots[slot].Width;
            source.Span.Slice(first * width, rows * width).CopyTo(workspace.Get<T>(slot, rows));
        }
    }

    private void CopyOut(EvaluationWorkspace workspace, TensorBuffer buffer, int slot, int first, int rows)
    {
        switch (buffer)
        {
            case TensorBuffer<float> numbers: CopyOut(numbers); break;
            case TensorBuffer<double> numbers: CopyOut(numbers); break;
            case TensorBuffer<long> numbers: CopyOut(numbers); break;
            case TensorBuffer<int> numbers: CopyOut(numbers); break;
            case TensorBuffer<bool> values: CopyOut(values); break;
            case TensorBuffer<string> texts: CopyOut(texts); break;
        }

        void CopyOut<T>(TensorBuffer<T> target)
        {
            var source = workspace.Get<T>(_plan.Outputs[slot], rows);
            source.CopyTo(target.Span.Slice(first * (source.Length / rows)));
        }
    }
}
