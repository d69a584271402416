using Mlops.Data;
using Mlops.Explanation;
using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Training.Tests;

public sealed class LinearExplainerConformanceTests : ExplainerConformance
{
    private static readonly double[] s_x = [1, 4, 2, 8, 5, 7, 3, 6];

    // What the conformance predicts is the model's number in 32-bit floating point.
    protected override double Tolerance => 1e-6;

    protected override string? UnusedFeature => "constant";

    protected override (string First, string Second)? LikeFeatures => ("x", "twin");

    protected override async Task<IExplainer> CreateExplainerAsync(CancellationToken cancellationToken)
        => await LinearExplainer.CreateAsync(await TrainAsync(cancellationToken), Data(), null, cancellationToken);

    protected override DataBatch CreateRows() => Data().Batches.Single();

    protected override async Task<double[]> PredictAsync(DataBatch rows, CancellationToken cancellationToken)
    {
        await using var predictor = (await TrainAsync(cancellationToken)).CreatePredictor();
        using var inputs = predictor.Signature.RentInputs(rows.RowCount);
        using var outputs = predictor.Signature.RentOutputs(rows.RowCount);
        TensorBinding.Create(predictor.Signature.Inputs, rows.Schema).Write(rows, inputs);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken);
        return TensorNumbers.ToDoubles(outputs[0]);
    }

    private static async Task<GraphModel> TrainAsync(CancellationToken cancellationToken)
        => (GraphModel)await new RidgeTrainer().TrainAsync(new TrainingContext(Data()), cancellationToken);

    private static InMemoryDataset Data() => InMemoryDataset.FromColumns(
        "d", (new ColumnSchema("x", ElementType.Float64), new Column<double>([.. s_x])), (new ColumnSchema("t", ElementType.String), TextColumn.FromStrings("a", "b", null, "b", "a", "a", "c", "b")),
        (new ColumnSchema("twin", ElementType.Float64), new Column<double>([.. s_x])), (new ColumnSchema("constant", ElementType.Float64), new Column<double>([3, 3, 3, 3, 3, 3, 3, 3])),
        (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>([2, 9, 3, 14, 8, 13, 7, 10])));
}
