using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Predicts with an ONNX model on the caller's thread.</summary>
/// <remarks>
/// <para>ONNX Runtime reads the inputs where they lie and, where only the number of rows of an output is open, writes the outputs in place; a call
/// then allocates nothing on the managed heap. Other outputs, text and sequences are copied.</para>
/// <para>A cancelled prediction ends between two nodes of the model. A batch of no rows gives outputs of no rows without asking the model.</para>
/// </remarks>
internal sealed unsafe class OnnxPredictor : IPredictor
{
    /// <summary>A model is free to join inputs of different rows; it says itself what does not fit.</summary>
    private static readonly Func<int, bool> s_anyRows = _ => true;

    private readonly OnnxModel _model;
    private readonly SharedSession _shared;
    private readonly int _inputCount;
    private readonly OutputPlan[] _outputs;
    private readonly Func<int, bool> _hasOwnRows;
    private int _isDisposed;

    public OnnxPredictor(OnnxModel model, SharedSession shared)
    {
        ObjectDisposedException.ThrowIf(!shared.TryAcquire(), model);
        _model = model;
        _shared = shared;
        _inputCount = model.Signature.Inputs.Count;
        _outputs = Array.ConvertAll(shared.Session.Outputs, output => new OutputPlan(output, model.Signature));
        var plans = new OutputPlan[model.Signature.Outputs.Count];
        foreach (var plan in _outputs) plans.AsSpan(plan.Slot, plan.SlotCount).Fill(plan);
        _hasOwnRows = slot => !plans[slot].IsInPlace;
    }

    public ModelSignature Signature => _model.Signature;

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(context);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        try
        {
            Predict(_shared.Session, inputs, outputs, cancellationToken);
            return default;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }
        catch (OrtException error)
        {
            return ValueTask.FromException(new PredictionFailedException(_model.Name, $"ONNX Runtime could not run the model '{_model.Name}' (code {error.Code}): {error.Message}", error));
        }
        catch (PredictionFailedException error)
        {
            return ValueTask.FromException(error);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType.IsInstanceOfType(this) ? this : _model.GetService(serviceType);
    }

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) _shared.Release();
        return default;
    }

    private void Predict(OrtSession session, TensorBatch inputs, TensorBatch outputs, CancellationToken cancellationToken)
    {
        PredictionChecks.CheckInputs(_model.Signature, inputs, _model.Name, s_anyRows);
        PredictionChecks.CheckOutputs(_model.Signature, inputs, outputs, _model.Name, _hasOwnRows);
        if (inputs.Rows == 0 && inputs.Count > 0)
        {
            outputs.SetRows(0);
            return;
        }

        var values = session.RentValues(_inputCount == 0 ? 0 : inputs[0].Address);
        try
        {
            if (cancellationToken.CanBeCanceled || session.ShrinksArena) RunWithOptions(session, inputs, outputs, values, cancellationToken);
            else Run(session, inputs, outputs, values, 0);
        }
        finally
        {
            session.ReturnValues(values);
        }
    }

    private void RunWithOptions(OrtSession session, TensorBatch inputs, TensorBatch outputs, RunValues values, CancellationToken cancellationToken)
    {
        var run = session.RentRun();
        try
        {
            using (run.Register(cancellationToken)) Run(session, inputs, outputs, values, run.Options);
        }
        catch (OrtException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            run.Reset();
            session.ReturnRun(run);
        }
    }

    private void Run(OrtSession session, TensorBatch inputs, TensorBatch outputs, RunValues values, nint runOptions)
    {
        for (var i = 0; i < _inputCount; i++) values.Bind(i, inputs[i]);
        if (!TryRun(session, outputs, values, runOptions, inPlace: true)) TryRun(session, outputs, values, runOptions, inPlace: false);
    }

    /// <summary>Runs the model; <see langword="false"/> when an output turned out not to have the rows of the inputs, so that it cannot be written in place.</summary>
    private bool TryRun(OrtSession session, TensorBatch outputs, RunValues values, nint runOptions, bool inPlace)
    {
        var api = session.Library.Api;
        var isAnyInPlace = false;
        for (var i = 0; i < _outputs.Length; i++)
        {
            if (inPlace && _outputs[i].IsInPlace)
            {
                values.Bind(_inputCount + i, outputs[_outputs[i].Slot]);
                isAnyInPlace = true;
            }
            else
            {
                values.Clear(_inputCount + i);
            }
        }

        nint status;
        fixed (nint* start = values.Values)
        {
            status = api.Run(session.Pointer, runOptions, session.InputNames, start, (nuint)_inputCount, session.OutputNames, (nuint)_outputs.Length, start + _inputCount);
        }

        if (status != 0)
        {
            var error = session.Library.TakeError(status);
            if (isAnyInPlace && error.Message.Contains("shape", StringComparison.OrdinalIgnoreCase)) return false;
            throw error;
        }

        var results = values.Values[_inputCount..];
        for (var i = 0; i < results.Length; i++)
        {
            var plan = _outputs[i];
            if (inPlace && plan.IsInPlace) continue;
            var buffer = outputs[plan.Slot];
            switch (plan.Kind)
            {
                case SessionOutputKind.TensorSequence or SessionOutputKind.RowSequence:
                    OrtSequences.CopyTensors(session.Library, results[i], buffer, plan.Kind == SessionOutputKind.RowSequence, plan.Texts, _model.Name);
                    break;
                case SessionOutputKind.MapSequence: OrtSequences.CopyMaps(session.Library, results[i], buffer, outputs[plan.Slot + 1], plan.Texts, _model.Name); break;
                default:
                    OrtTensors.CopyTo(session.Library, results[i], buffer, plan.Texts, _model.Name);
                    // What does not follow the rows of the inputs cannot be written in place the next time either.
                    if (!inPlace && buffer.Shape.Length > 0 && buffer.Shape[0] != outputs.Rows) plan.IsInPlace = false;
                    break;
            }
        }

        return true;
    }

    /// <summary>What is known about an output. Shared by concurrent calls, which at worst learn the same thing twice.</summary>
    private sealed class OutputPlan(SessionOutput output, ModelSignature signature)
    {
        private volatile bool _isInPlace = output.Kind == SessionOutputKind.Tensor && signature.Outputs[output.Slot] is { ElementType: not ElementType.String, Shape: [< 0, ..], Width: >= 0 };

        public SessionOutputKind Kind { get; } = output.Kind;

        public int Slot { get; } = output.Slot;

        public int SlotCount { get; } = output.Kind == SessionOutputKind.MapSequence ? 2 : 1;

        public TextCache? Texts { get; } = output.Kind == SessionOutputKind.MapSequence || signature.Outputs[output.Slot].ElementType == ElementType.String ? new TextCache() : null;

        /// <summary>Whether ONNX Runtime writes straight into the caller's buffer: the rows are the only open dimension, and follow those of the inputs as far as is known.</summary>
        public bool IsInPlace
        {
            get => _isInPlace;
            set => _isInPlace = value;
        }
    }
}
