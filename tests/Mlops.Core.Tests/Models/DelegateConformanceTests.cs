using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Core.Tests.Models;

/// <summary>Delegates behave as every predictor.</summary>
public sealed class DelegateConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken) => Task.FromResult(Predictor.Create(Sums.Signature, (inputs, outputs, _, _) => Sums.Fill(inputs, outputs)));
}

public sealed class AsynchronousDelegateConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken) => Task.FromResult(Predictor.Create(Sums.Signature, async (inputs, outputs, _, _) =>
    {
        await Task.Yield();
        Sums.Fill(inputs, outputs);
    }));
}

public sealed class TypedDelegateConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken) => Task.FromResult(Predictor.Create<PredictorRow, PredictorRow>(row => new PredictorRow(row.Number + row.Text.Length, row.Text + "!")));
}

public sealed class AsynchronousTypedDelegateConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken) => Task.FromResult(Predictor.Create<PredictorRow, PredictorRow>(async (row, _) =>
    {
        await Task.Yield();
        return new PredictorRow(row.Number + row.Text.Length, row.Text + "!");
    }));
}

/// <summary>What a model of a predictor makes behaves as the predictor.</summary>
public sealed class PredictorModelConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken)
        => Task.FromResult(new PredictorModel(Predictor.Create(Sums.Signature, (inputs, outputs, _, _) => Sums.Fill(inputs, outputs))).CreatePredictor());
}

[TensorRow]
internal readonly partial record struct PredictorRow(double Number, string Text);

internal static class Sums
{
    /// <summary>Gets a signature of the caller's own: classes that run at the same time must not share batches.</summary>
    public static ModelSignature Signature => new([TensorSpec.Of<float>("x", 3), TensorSpec.Of<long>("n")], [TensorSpec.Of<double>("y")]);

    public static void Fill(TensorBatch inputs, TensorBatch outputs)
    {
        for (var row = 0; row < inputs.Rows; row++)
        {
            var sum = (double)inputs.Get<long>(1).Span[row];
            foreach (var value in inputs.Get<float>(0).GetRow(row)) sum += value;
            outputs.Get<double>(0).Span[row] = sum;
        }
    }
}
