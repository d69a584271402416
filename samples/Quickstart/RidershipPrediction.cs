using Mlops.Models;

namespace Quickstart;

/// <summary>What the model predicts for a day.</summary>
/// <param name="Riders">The ridership, in thousands of entries.</param>
internal readonly record struct RidershipPrediction(float Riders) : ITensorRow<RidershipPrediction>
{
    public static IReadOnlyList<TensorSpec> Tensors { get; } = [TensorSpec.Of<float>("prediction")];

    public static RidershipPrediction Read(TensorBatch batch, int row) => new(batch.Get<float>(0).Span[row]);

    public void Write(TensorBatch batch, int row) => batch.Get<float>(0).Span[row] = Riders;
}
