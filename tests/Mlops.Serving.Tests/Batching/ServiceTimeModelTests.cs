using System.Runtime.CompilerServices;

namespace Mlops.Serving.Tests.Batching;

public sealed class ServiceTimeModelTests
{
    [Fact]
    public void Observe_LineWithNoise_IsFoundWhateverDisturbsIt()
    {
        var random = new Random(1);
        var model = new ServiceTimeModel();
        for (var i = 0; i < 2000; i++)
        {
            var rows = random.Next(1, 65);
            var seconds = 1e-3 + (2e-5 * rows) + (2e-5 * random.NextDouble());
            // A collection, or another process: one in fifty takes thirty times as long.
            model.Observe(rows, random.Next(50) == 0 ? 30 * seconds : seconds);
        }

        Assert.Equal(2e-5, model.RowSeconds, 2e-5 * 0.1);
        Assert.Equal(1.01e-3, model.BatchSeconds, 1e-3 * 0.1);
    }

    [Fact]
    public void Observe_PaceChanges_FollowsWithinFewBatches()
    {
        var model = new ServiceTimeModel();
        for (var i = 0; i < 500; i++) model.Observe(1 + (i % 10), 1e-3 + (1e-4 * (1 + (i % 10))));
        for (var i = 0; i < 40; i++) model.Observe(1 + (i % 10), 1e-2 + (1e-3 * (1 + (i % 10))));
        Assert.Equal(1.5e-2, model.Predict(5), 1e-3);
        for (var i = 0; i < 40; i++) model.Observe(1 + (i % 10), 1e-4 + (1e-5 * (1 + (i % 10))));
        Assert.Equal(1.5e-4, model.Predict(5), 5e-5);
    }

    [Fact]
    public void Observe_ColdStart_IsNotCounted()
    {
        var model = new ServiceTimeModel();
        Assert.False(model.IsKnown);
        Assert.Equal(7, model.MaxRowsWithin(0, 7));
        model.Observe(1, 1);
        model.Observe(1, 0.5);
        for (var i = 0; i < 4; i++) model.Observe(1 + i, 1e-3);
        Assert.True(model.IsKnown);
        Assert.Equal(1e-3, model.Predict(100), 1e-9);
    }

    /// <summary>Some hours at a hundred thousand predictions a second.</summary>
    [Fact]
    public void Observe_MoreBatchesThanANumberCounts_StaysKnown()
    {
        var model = new ServiceTimeModel();
        for (var i = 0; i < 100; i++) model.Observe(1 + (i % 8), 1e-3 + (1e-4 * (1 + (i % 8))));
        Observed(model) = int.MaxValue;
        for (var i = 0; i < 10; i++) model.Observe(1 + (i % 8), 1e-3 + (1e-4 * (1 + (i % 8))));
        Assert.True(model.IsKnown);
        Assert.Equal(1.4e-3, model.Predict(4), 1e-6);
    }

    [Fact]
    public void Observe_OneSizeOnly_KeepsTheSlopeAndMovesTheIntercept()
    {
        var model = new ServiceTimeModel();
        for (var i = 0; i < 200; i++) model.Observe(1 + (i % 20), 1e-3 + (1e-4 * (1 + (i % 20))));
        for (var i = 0; i < 5000; i++) model.Observe(8, 1e-3 + 8e-4);
        Assert.Equal(1e-4, model.RowSeconds, 1e-6);
        for (var i = 0; i < 500; i++) model.Observe(8, 1.4e-3 + 8e-4);
        Assert.Equal(1e-4, model.RowSeconds, 1e-6);
        Assert.Equal(2.2e-3, model.Predict(8), 5e-5);
    }

    [Fact]
    public void MaxRowsWithin_Known_IsTheLargestBatchInTime()
    {
        var model = new ServiceTimeModel();
        for (var i = 0; i < 200; i++) model.Observe(1 + (i % 20), 1e-3 + (1e-4 * (1 + (i % 20))));
        Assert.Equal(0, model.MaxRowsWithin(1.05e-3, 100));
        Assert.Equal(10, model.MaxRowsWithin(2.05e-3, 100));
        Assert.Equal(100, model.MaxRowsWithin(1, 100));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_observed")]
    private static extern ref int Observed(ServiceTimeModel model);
}
