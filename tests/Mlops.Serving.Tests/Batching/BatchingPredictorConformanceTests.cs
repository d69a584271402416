using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Serving.Tests.Batching;

/// <summary>Batches behave as the predictor they wrap.</summary>
public sealed class BatchingPredictorConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken)
        => Task.FromResult<IPredictor>(new BatchingPredictor(new TaggedPredictor(), new BatchingOptions { MaxBatchRows = 4, WorkerCount = 1 }));
}

/// <summary>Where widths and parameters differ.</summary>
public sealed class ShapedBatchingPredictorConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken)
        => Task.FromResult<IPredictor>(new BatchingPredictor(new TaggedPredictor(isShaped: true), new BatchingOptions { MaxBatchRows = 5, WorkerCount = 2 }));

    protected override void Fill(TensorBatch inputs, int firstRow)
    {
        base.Fill(inputs, firstRow);
        // An input without rows belongs to no row.
        if (inputs[inputs.Count - 1] is TensorBuffer<int> offset) offset.Span.Fill(4);
    }
}
