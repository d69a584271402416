using Mlops.Models;

namespace Mlops.Serving;

/// <summary>How the tensors of a model are gathered into batches and scattered again, and which requests can share one. Immutable, safe for concurrent use.</summary>
internal sealed class BatchLayout
{
    private readonly ModelSignature _signature;
    private readonly RowCopier[] _inputs;
    private readonly RowCopier[] _outputs;
    private readonly string _model;

    public BatchLayout(ModelSignature signature, string model)
    {
        foreach (var input in signature.Inputs)
        {
            if (input.Shape is [>= 0, ..]) throw CannotBatch(model, $"the input {input} has a fixed number of rows");
        }

        foreach (var output in signature.Outputs)
        {
            if (output.Shape is not [< 0, ..]) throw CannotBatch(model, $"the output {output} does not have a row for each row of the inputs");
        }

        if (!signature.Inputs.Any(input => input.Shape.Count > 0)) throw CannotBatch(model, "no input has rows");
        _signature = signature;
        _model = model;
        _inputs = RowCopier.Create(signature.Inputs);
        _outputs = RowCopier.Create(signature.Outputs);
        HasGroups = signature.Inputs.Any(input => input.Shape.Count == 0 || input.Width < 0);
    }

    /// <summary>Gets the model's name, for messages.</summary>
    public string Model => _model;

    /// <summary>Gets whether requests can differ in more than their rows.</summary>
    public bool HasGroups { get; }

    /// <summary>Checks a call as every predictor does, and besides that each input has as many rows as the batch.</summary>
    public void Check(TensorBatch inputs, TensorBatch outputs)
    {
        PredictionChecks.CheckInputs(_signature, inputs, _model);
        PredictionChecks.CheckOutputs(_signature, inputs, outputs, _model);
    }

    /// <summary>Finds whether a model gave a row for each row.</summary>
    /// <returns>What is wrong; <see langword="null"/> when nothing is.</returns>
    public PredictionFailedException? FindWrongRows(TensorBatch outputs, int rows)
    {
        for (var slot = 0; slot < _outputs.Length; slot++)
        {
            var output = outputs[slot];
            if (output.Shape is [var first, ..] && first == rows) continue;
            return new PredictionFailedException(_model, $"The output '{output.Spec.Name}' of the model '{_model}' has not as many rows as its inputs, so that it cannot be told whose they are. Serve the model without batching.");
        }

        return null;
    }

    public int HashOf(TensorBatch inputs)
    {
        var hash = new HashCode();
        for (var slot = 0; slot < _inputs.Length; slot++)
        {
            var shape = inputs[slot].Shape;
            if (shape.IsEmpty) hash.Add(_inputs[slot].Hash(inputs[slot]));
            for (var i = 1; i < shape.Length; i++) hash.Add(shape[i]);
        }

        return hash.ToHashCode();
    }

    public bool CanShare(TensorBatch left, TensorBatch right)
    {
        for (var slot = 0; slot < _inputs.Length; slot++)
        {
            var (x, y) = (left[slot], right[slot]);
            if (x.Shape.IsEmpty ? !_inputs[slot].AreEqual(x, y) : !x.Shape[1..].SequenceEqual(y.Shape[1..])) return false;
        }

        return true;
    }

    /// <summary>Keeps what requests must have in common to share a batch with these inputs.</summary>
    public TensorBatch CreateExample(TensorBatch inputs)
    {
        var example = _signature.RentInputs(0);
        SetRows(example, inputs, 0);
        return example;
    }

    /// <summary>Gives a batch rows of the widths of the inputs, and their values without rows.</summary>
    public void SetRows(TensorBatch batch, TensorBatch inputs, int rows)
    {
        batch.SetRows(rows);
        if (!HasGroups) return;
        for (var slot = 0; slot < _inputs.Length; slot++)
        {
            var source = inputs[slot];
            if (source.Shape.IsEmpty) _inputs[slot].CopyScalar(source, batch[slot]);
            else if (source.Spec.Width < 0) Resize(batch[slot], source.Shape, rows);
        }
    }

    public void Gather(BatchPart part, TensorBatch batch, int row)
    {
        for (var slot = 0; slot < _inputs.Length; slot++)
        {
            var source = part.Request.Inputs[slot];
            if (!source.Shape.IsEmpty) _inputs[slot].Copy(source, part.FirstRow, batch[slot], row, part.Rows);
        }
    }

    /// <summary>Hands rows to their caller.</summary>
    /// <returns>What is wrong; <see langword="null"/> when nothing is.</returns>
    public PredictionFailedException? Scatter(TensorBatch batch, int row, BatchPart part)
    {
        var request = part.Request;
        for (var slot = 0; slot < _outputs.Length; slot++)
        {
            var (source, target) = (batch[slot], request.Outputs[slot]);
            if (source.Spec.Width < 0)
            {
                // Parts of one request may come from two workers at once.
                lock (request)
                {
                    if (part.Rows == request.Rows || request.TrySetWidths(slot)) Resize(target, source.Shape, request.Rows);
                    else if (!target.Shape[1..].SequenceEqual(source.Shape[1..])) return Ragged(source.Spec);
                }
            }

            _outputs[slot].Copy(source, row, target, part.FirstRow, part.Rows);
        }

        return null;
    }

    private static void Resize(TensorBuffer target, ReadOnlySpan<nint> shape, int rows)
    {
        Span<nint> resized = stackalloc nint[shape.Length];
        shape.CopyTo(resized);
        resized[0] = rows;
        if (!target.Shape.SequenceEqual(resized)) target.Resize(resized);
    }

    private PredictionFailedException Ragged(TensorSpec output) => new(
        _model, $"The rows of the output '{output.Name}' of the model '{_model}' differ in width between the batches that a prediction was split over. Predict fewer rows at once, or raise {nameof(BatchingOptions)}.{nameof(BatchingOptions.MaxBatchRows)}.");

    private static ArgumentException CannotBatch(string model, string reason)
        => new($"The model '{model}' cannot be batched: {reason}. Serve it without batching, or export it for any number of rows.", nameof(model));
}
