using Mlops.Data;
using Mlops.Models;

namespace Mlops.AotTest;

internal static class RowChecks
{
    public static async Task WriteAndReadAsync()
    {
        await using var untyped = Predictor.Create<Everything, Everything>(row => row);
        var echo = untyped.AsTyped<Everything, Everything>();
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var asked = new Everything(1.5f, null, long.MinValue, true, "α", null, new DateOnly(2026, 1, 2), time, [1, 2, 3], ["a", "b"], new double[] { 1, 2, 3, 4 }) { Half = (Half)0.5 };
        var told = await echo.PredictAsync(asked);
        Check.That(told with { Vector = asked.Vector, Words = asked.Words, Matrix = asked.Matrix, Note = null } == asked, told.ToString());
        Check.That(told.Vector.SequenceEqual(asked.Vector) && told.Words.SequenceEqual(asked.Words) && told.Matrix.Span.SequenceEqual(asked.Matrix.Span));
    }

    public static async Task PredictDynamicAsync()
    {
        await using var predictor = Predictor.Create<Pair, Answer>(pair => new Answer((pair.First ?? 100) + pair.Second));
        var one = await predictor.PredictAsync(new Dictionary<string, object?> { ["Second"] = 2, ["First"] = null });
        Check.That((float)one["y"] == 102);
        var rows = await Enumerable.Range(0, 5).ToDataset("rows", map => map.Column("Second", i => 10 * i).Column("First", i => (float?)i)).ToMemoryAsync();
        var many = await predictor.PredictAsync(rows.Batches[0]);
        Check.That(((Column<float>)many["y"]).Values is [0, 11, 22, 33, 44]);
        try
        {
            await predictor.PredictAsync(new Dictionary<string, object?> { ["First"] = 1, ["Secnd"] = 2 });
            Check.That(false, "a wrong name was taken");
        }
        catch (EntityNotFoundException error)
        {
            Check.That(error.Message.Contains("'Second'", StringComparison.Ordinal), error.Message);
        }
    }
}
