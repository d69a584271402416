using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>Which output of a model tells its outcomes, and what the elements of a row are.</summary>
/// <param name="Slot">The slot of the output, from 0.</param>
/// <param name="Output">The output.</param>
/// <param name="Classes">The classes whose probabilities it holds; none where it holds numbers. Two classes may share one element, the probability of the last one.</param>
internal sealed record OutcomeSource(int Slot, TensorSpec Output, IReadOnlyList<string> Classes)
{
    /// <summary>Finds the output as <see cref="JudgedOutput"/> does: the probabilities, else the first floating-point output, else the first one of numbers.</summary>
    /// <param name="outputs">The outputs of the model.</param>
    /// <param name="slot">The output; <see langword="null"/> for the default.</param>
    /// <param name="classes">The names of the classes of an output that does not name them; empty for none.</param>
    /// <param name="source">Receives the output.</param>
    /// <returns>Why there is none; <see langword="null"/> where there is one.</returns>
    public static string? Find(IReadOnlyList<TensorSpec> outputs, int? slot, IReadOnlyList<string> classes, out OutcomeSource? source)
    {
        source = null;
        if (slot < 0 || slot >= outputs.Count) return $"The model has no output {slot}; it has {outputs.Count}.";
        if (slot is null && outputs.All(output => output.ElementType == ElementType.String)) return "No output of the model holds numbers that could be judged.";
        var found = slot ?? JudgedOutput.FindSlot(outputs);
        var spec = outputs[found];
        if (spec.ElementType == ElementType.String) return $"The output '{spec.Name}' of the model holds text, which cannot be judged as numbers.";
        var named = spec.Classes.Count > 0 ? spec.Classes : classes;
        if (named.Count == 0 && spec.Width > 1)
            return $"The model names no classes for its output {spec}, so that its numbers cannot be judged as probabilities. Name them in the signature ({nameof(TensorSpec)}.{nameof(TensorSpec.Classes)}) or for the suite if they are; clusters are judged by {nameof(ClusterShape)} and {nameof(ClusterAgreement)}.";
        if (named.Count > 0 && spec.Width >= 0 && spec.Width != named.Count && !(spec.Width == 1 && named.Count == 2))
            return $"{named.Count} classes were named for the output {spec}.";
        source = new OutcomeSource(found, spec, named);
        return null;
    }

    /// <summary>Reads the predictions of a batch.</summary>
    /// <param name="outputs">What the model gave.</param>
    /// <param name="target">Receives the predictions, shape (rows × classes), or (rows).</param>
    /// <exception cref="PredictionFailedException">The output has another width at run time.</exception>
    public void Read(TensorBatch outputs, Span<double> target)
    {
        var buffer = outputs[Slot];
        var width = Math.Max(1, Classes.Count);
        var actual = outputs.Rows == 0 ? width : buffer.Length / outputs.Rows;
        if (actual == width)
        {
            TensorNumbers.CopyTo(buffer, target);
            return;
        }

        if (actual != 1 || width != 2) throw Unfit(width, actual);
        var positive = TensorNumbers.ToDoubles(buffer);
        for (var row = 0; row < positive.Length; row++) (target[2 * row], target[(2 * row) + 1]) = (1 - positive[row], positive[row]);
    }

    private PredictionFailedException Unfit(int expected, int actual)
        => new("model", $"The output '{Output.Name}' has {actual} elements in each row; {expected} were expected. {(Classes.Count == 0 ? "Name its classes in the signature." : "Correct the names of its classes.")}");
}
