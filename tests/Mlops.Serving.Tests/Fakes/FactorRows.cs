using Mlops.Models;

namespace Mlops.Serving.Tests;

internal readonly record struct X(float Value) : ITensorRow<X>
{
    public static IReadOnlyList<TensorSpec> Tensors { get; } = [TensorSpec.Of<float>("x")];

    public static X Read(TensorBatch batch, int row) => new(batch.Get<float>(0).Span[row]);

    public void Write(TensorBatch batch, int row) => batch.Get<float>(0).Span[row] = Value;
}

internal readonly record struct Y(float Value, float Factor) : ITensorRow<Y>
{
    public static IReadOnlyList<TensorSpec> Tensors { get; } = [TensorSpec.Of<float>("y"), TensorSpec.Of<float>("factor")];

    public static Y Read(TensorBatch batch, int row) => new(batch.Get<float>(0).Span[row], batch.Get<float>(1).Span[row]);

    public void Write(TensorBatch batch, int row)
    {
        batch.Get<float>(0).Span[row] = Value;
        batch.Get<float>(1).Span[row] = Factor;
    }
}

/// <summary>Fits no factor model.</summary>
internal readonly record struct Z(long Value) : ITensorRow<Z>
{
    public static IReadOnlyList<TensorSpec> Tensors { get; } = [TensorSpec.Of<long>("z")];

    public static Z Read(TensorBatch batch, int row) => new(batch.Get<long>(0).Span[row]);

    public void Write(TensorBatch batch, int row) => batch.Get<long>(0).Span[row] = Value;
}
