using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Explanation;

/// <summary>Reads the number that is explained from the outputs of a model.</summary>
internal sealed class ExplainedOutput
{
    private readonly JudgedOutput _output;
    private readonly ExplanationScale _scale;

    public ExplainedOutput(ModelSignature signature, PermutationExplainerOptions options)
    {
        _output = JudgedOutput.Find(signature.Outputs, options.Output, options.Element, options.Class);
        _scale = options.Scale;
        if (_scale == ExplanationScale.LogOdds && _output.PositiveClass is null && _output.Output.Width != 1)
            throw new ArgumentException($"The output {_output.Output} does not name its classes, so it has no odds. Name them in the signature, or explain the prediction itself.", nameof(options));
    }

    /// <summary>Gets what is explained, for people.</summary>
    public string Name => _output.PositiveClass is { } positive ? $"{_output.Output.Name}[{positive}]" : _output.ToString();

    /// <summary>Reads the numbers of a batch.</summary>
    /// <exception cref="PredictionFailedException">A number is NaN or infinite, or is no probability though its odds are asked for.</exception>
    public void Read(TensorBatch outputs, Span<double> target)
    {
        for (var row = 0; row < target.Length; row++)
        {
            var value = _output.Read(outputs, row);
            if (!double.IsFinite(value)) throw new PredictionFailedException("model", $"The output '{_output.Output.Name}' is NaN or infinite for a row that mixes the explained one with the background, so that nothing can be attributed.");
            target[row] = value;
        }

        if (_scale == ExplanationScale.LogOdds) ToLogOdds(outputs, target);
    }

    private void ToLogOdds(TensorBatch outputs, Span<double> target)
    {
        var buffer = outputs[_output.Slot];
        var width = outputs.Rows == 0 ? 1 : buffer.Length / outputs.Rows;
        var all = width > 2 ? TensorNumbers.ToDoubles(buffer) : [];
        for (var row = 0; row < target.Length; row++)
        {
            if (target[row] is < 0 or > 1) throw new PredictionFailedException("model", $"The output '{_output.Output.Name}' is no probability from 0 to 1, so it has no odds. Explain the prediction itself.");
            if (width <= 2)
            {
                target[row] = -Probability.Loss(target[row]) + Probability.Loss(1 - target[row]);
                continue;
            }

            // Scores before a softmax are known but for what they have in common.
            double mean = 0;
            foreach (var probability in all.AsSpan(row * width, width)) mean -= Probability.Loss(probability) / width;
            target[row] = -Probability.Loss(target[row]) - mean;
        }
    }
}
