using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Monitoring;

/// <summary>Finds which number of a model's outputs a monitor remembers, once for each signature. Not safe for concurrent use.</summary>
/// <param name="options">What is judged.</param>
/// <param name="onProblem">Is told why nothing is, once for each signature.</param>
internal sealed class JudgedOutputs(ModelMonitorOptions options, Action<string> onProblem)
{
    private TensorSpec[] _seen = [];
    private bool _isSet;

    /// <summary>Gets what is judged; <see langword="null"/> before the first prediction, and when nothing can be.</summary>
    public JudgedOutput? Current { get; private set; }

    /// <summary>Gets why nothing can be judged; <see langword="null"/> when nothing is wrong.</summary>
    public string? Problem { get; private set; }

    /// <summary>Takes the outputs of the model that serves from now on; what callers rented before may know less of them.</summary>
    public void Set(IReadOnlyList<TensorSpec> outputs)
    {
        _isSet = true;
        Find(outputs);
    }

    /// <summary>Gets what is judged of the outputs of a prediction.</summary>
    public JudgedOutput? Get(TensorBatch outputs)
    {
        if (!_isSet && !IsSeen(outputs))
        {
            _seen = new TensorSpec[outputs.Count];
            for (var slot = 0; slot < _seen.Length; slot++) _seen[slot] = outputs[slot].Spec;
            Find(_seen);
        }

        return Current is { } current && current.Slot < outputs.Count && outputs[current.Slot].ElementType == current.Output.ElementType ? current : null;
    }

    private bool IsSeen(TensorBatch outputs)
    {
        if (outputs.Count != _seen.Length) return false;
        for (var slot = 0; slot < _seen.Length; slot++)
        {
            if (!ReferenceEquals(outputs[slot].Spec, _seen[slot])) return false;
        }

        return true;
    }

    private void Find(IReadOnlyList<TensorSpec> outputs)
    {
        try
        {
            (Current, Problem) = (JudgedOutput.Find(outputs, options.Output, options.OutputElement, options.PositiveClass), null);
        }
        catch (ArgumentException exception) // Inputs are followed all the same.
        {
            (Current, Problem) = (null, exception.Message);
            onProblem(exception.Message);
        }
    }
}
