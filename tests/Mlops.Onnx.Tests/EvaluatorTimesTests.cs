namespace Mlops.Onnx.Tests;

/// <summary>When measuring ends, and what is chosen, by times that are told it.</summary>
public sealed class EvaluatorTimesTests
{
    /// <summary>Code that is compiled again after 130 and 330 ms, as a new process does: what counts is how fast it is then.</summary>
    [Fact]
    public void EndRound_ManagedCodeBecomesFaster_GoesOnUntilItHas()
    {
        var times = new EvaluatorTimes();
        var elapsed = 0;
        do
        {
            elapsed += 25;
            var managed = elapsed < 130 ? 5_000 : elapsed < 330 ? 1_500 : 300;
            Add(times, 1_000, managed, 10_000, 10 * managed);
        }
        while (!times.EndRound(TimeSpan.FromMilliseconds(elapsed)));
        Assert.InRange(elapsed, 531, 600);
        Assert.Equal(OnnxEvaluator.Managed, times.Choose().Evaluator);
        Assert.Equal(0.3, times.Choose().ManagedRowDuration!.Value / times.Choose().RuntimeRowDuration!.Value, 0.05);
    }

    [Fact]
    public void EndRound_NothingBecomesFaster_EndsAfterTheLeastTime()
    {
        var times = new EvaluatorTimes();
        var elapsed = 0;
        do
        {
            elapsed += 25;

            // As a machine is never quiet.
            Add(times, 1_000 + (elapsed % 3), 2_000 - (elapsed / 10), 10_000, 20_000);
        }
        while (!times.EndRound(TimeSpan.FromMilliseconds(elapsed)));
        Assert.Equal(400, elapsed);
        Assert.Equal((OnnxEvaluator.Runtime, "it is faster"), (times.Choose().Evaluator, times.Choose().Reason));
    }

    [Fact]
    public void EndRound_BecomesFasterForEver_EndsAllTheSame()
    {
        var times = new EvaluatorTimes();
        var (elapsed, ticks) = (0, 1e9);
        do
        {
            elapsed += 25;
            Add(times, 1_000, (long)(ticks *= 0.9), 10_000, 10_000);
        }
        while (!times.EndRound(TimeSpan.FromMilliseconds(elapsed)));
        Assert.Equal(EvaluatorTimes.Longest, TimeSpan.FromMilliseconds(elapsed));
    }

    [Theory]
    [InlineData(100, 100, OnnxEvaluator.Managed, "it is faster")]
    [InlineData(100, 12_000, OnnxEvaluator.Managed, "it is faster")]
    [InlineData(100, 18_000, OnnxEvaluator.Runtime, "the managed evaluator is much slower for a batch")]
    [InlineData(1_800, 1_000, OnnxEvaluator.Runtime, "the managed evaluator is much slower for one row")]
    [InlineData(1_100, 9_900, OnnxEvaluator.Runtime, "it is faster")]
    public void Choose_FasterOnTheWhole_AndNotMuchSlowerForOneSize(int row, int batch, OnnxEvaluator evaluator, string reason)
    {
        var times = new EvaluatorTimes();
        Add(times, 1_000, row, 10_000, batch);
        Assert.Equal((evaluator, reason), (times.Choose().Evaluator, times.Choose().Reason));
    }

    private static void Add(EvaluatorTimes times, long runtimeRow, long managedRow, long runtimeBatch, long managedBatch)
    {
        times.RuntimeRow.Add(runtimeRow);
        times.ManagedRow.Add(managedRow);
        times.RuntimeBatch.Add(runtimeBatch);
        times.ManagedBatch.Add(managedBatch);
    }
}
