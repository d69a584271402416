using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>The loss of some rows, and its gradient, without C and the penalty.</summary>
internal sealed class LogisticPart(IReadOnlyList<FeatureBlock> blocks, int features, int rows, CancellationToken cancellationToken)
{
    /// <summary>Scores of so many rows stay in the nearest cache.</summary>
    private const int TileRows = 512;

    private readonly double[] _scores = new double[TileRows * rows];
    private readonly double[] _powers = new double[TileRows];
    private readonly double[] _logs = new double[TileRows];

    public double Loss { get; private set; }

    public double[] Gradient { get; } = new double[rows * (features + 1)];

    public void Evaluate(double[] parameters)
    {
        Loss = 0;
        Gradient.AsSpan().Clear();
        foreach (var block in blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var start = 0; start < block.Rows; start += TileRows)
            {
                var count = Math.Min(TileRows, block.Rows - start);
                for (var i = 0; i < rows; i++)
                {
                    var scores = Scores(i, count);
                    scores.Fill(parameters[(i * (features + 1)) + features]);
                    BlockMath.AddProducts(block, start, parameters.AsSpan(i * (features + 1), features), scores);
                }

                var labels = block.Labels.AsSpan(start, count);
                var weights = block.Weights.AsSpan(start, count);
                Loss += rows == 1 ? Binary(labels, weights) : Multinomial(labels, weights);
                for (var i = 0; i < rows; i++)
                {
                    BlockMath.AddDots(block, start, Scores(i, count), Gradient.AsSpan(i * (features + 1), features));
                    Gradient[(i * (features + 1)) + features] += TensorPrimitives.Sum<double>(Scores(i, count));
                }
            }
        }
    }

    private Span<double> Scores(int row, int count) => _scores.AsSpan(row * TileRows, count);

    /// <summary>Puts weight × (probability − label) in the place of the scores.</summary>
    private double Binary(ReadOnlySpan<double> labels, ReadOnlySpan<double> weights)
    {
        var scores = Scores(0, labels.Length);
        var powers = _powers.AsSpan(0, labels.Length);
        var logs = _logs.AsSpan(0, labels.Length);
        // log(1 + e^−|s|) never overflows.
        TensorPrimitives.Abs(scores, powers);
        TensorPrimitives.Negate(powers, powers);
        TensorPrimitives.Exp(powers, powers);
        TensorPrimitives.LogP1(powers, logs);
        for (var row = 0; row < scores.Length; row++)
        {
            var (score, power) = (scores[row], powers[row]);
            logs[row] += Math.Max(0, score) - (labels[row] * score);
            scores[row] = weights[row] * (((score >= 0 ? 1 : power) / (1 + power)) - labels[row]);
        }

        return TensorPrimitives.Dot(logs, weights);
    }

    /// <summary>Puts weight × (probability − 1 for the label's class) in the place of the scores.</summary>
    private double Multinomial(ReadOnlySpan<double> labels, ReadOnlySpan<double> weights)
    {
        var count = labels.Length;
        var largest = _powers.AsSpan(0, count);
        var sums = _logs.AsSpan(0, count);
        Scores(0, count).CopyTo(largest);
        for (var i = 1; i < rows; i++) TensorPrimitives.Max(largest, Scores(i, count), largest);
        sums.Clear();
        double loss = 0;
        for (var row = 0; row < count; row++) loss += weights[row] * (largest[row] - Scores((int)labels[row], count)[row]);
        for (var i = 0; i < rows; i++)
        {
            var scores = Scores(i, count);
            TensorPrimitives.Subtract(scores, largest, scores);
            TensorPrimitives.Exp(scores, scores);
            TensorPrimitives.Add(sums, scores, sums);
        }

        TensorPrimitives.Divide(weights, sums, largest);
        TensorPrimitives.Log(sums, sums);
        loss += TensorPrimitives.Dot(sums, weights);
        for (var i = 0; i < rows; i++) TensorPrimitives.Multiply(Scores(i, count), largest, Scores(i, count));
        for (var row = 0; row < count; row++) Scores((int)labels[row], count)[row] -= weights[row];
        return loss;
    }
}
