using System.Text.Json;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class HoltWintersTests
{
    private static readonly JsonElement s_golden = HistoryFiles.Read("golden.json");

    public static TheoryData<int> Cases { get; } = [.. Enumerable.Range(0, s_golden.GetProperty("smoothing").GetArrayLength())];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_FixedWeights_EqualsTheTextbook(int number)
    {
        var golden = s_golden.GetProperty("smoothing")[number];
        var (values, period) = Series(golden.GetProperty("series").GetString()!);
        var state = HoltWinters.Start(Weights(golden.GetProperty("weights")), values, period);
        AssertState(golden.GetProperty("start"), "level", "trend", "season", state);
        Follow(state, values, period, 2 * period, golden.GetProperty("forecasts"));
        AssertState(golden, "level", "trend", "season", state);
    }

    [Fact]
    public void Step_Co2_GivesTheCoefficientsThatRPrints()
    {
        var golden = s_golden.GetProperty("co2OfR");
        var (values, period) = Series("co2");
        var start = golden.GetProperty("start");
        var state = new HoltWinters(Weights(golden.GetProperty("weights")), start.GetProperty("level").GetDouble(), start.GetProperty("trend").GetDouble(), Numbers(start.GetProperty("season")));
        Follow(state, values, period, period, golden.GetProperty("forecasts"));
        var published = golden.GetProperty("published");
        Assert.Equal(published.GetProperty("a").GetDouble(), state.Level, 2e-6);
        Assert.Equal(published.GetProperty("b").GetDouble(), state.Trend, 2e-6);
        foreach (var (expected, actual) in Numbers(published.GetProperty("s")).Zip(state.Seasonal)) Assert.Equal(expected, actual, 2e-6);
    }

    [Theory]
    [InlineData("weekly")]
    [InlineData("weekly with missing values")]
    [InlineData("co2")]
    public void Create_Series_ErrorIsAsSmallAsThatOfAFineGrid(string name)
    {
        var (values, period) = Series(name);
        var fit = HoltWintersFit.Create(values, period);
        Assert.InRange(fit.SquaredError, 0, 1.002 * s_golden.GetProperty("series").GetProperty(name).GetProperty("leastSquaredError").GetDouble());
        Assert.Equal(fit.SquaredError, fit.Errors.Sum(error => error * error), 1e-9 * fit.SquaredError);
        Assert.Equal(fit.Weights, HoltWintersFit.Create(values, period).Weights);
        Assert.All([fit.Weights.Level, fit.Weights.Trend, fit.Weights.Seasonal], weight => Assert.InRange(weight, 0, 1));
    }

    [Fact]
    public void Start_PlaceWithoutAValue_IsSetByItsFirstValue()
    {
        double[] slots = [1, 2, double.NaN, 1, 2, double.NaN];
        var state = HoltWinters.Start(new(0.5, 0.5, 0.5), slots, 3);
        Assert.True(double.IsNaN(state.Expect(2)));
        state.Step(0, 1);
        state.Step(1, 2);
        var (level, trend) = (state.Level, state.Trend);
        state.Step(2, 9);
        Assert.Equal((level + trend, trend, 9 - level - trend), (state.Level, state.Trend, state.Seasonal[2]));
    }

    private static void Follow(HoltWinters state, double[] values, int period, int start, JsonElement forecasts)
    {
        Assert.Equal(values.Length - start, forecasts.GetArrayLength());
        for (var slot = start; slot < values.Length; slot++)
        {
            var forecast = forecasts[slot - start].GetDouble();
            Assert.Equal(forecast, state.Expect(slot % period), 1e-9 * Math.Max(1, Math.Abs(forecast)));
            state.Step(slot % period, values[slot]);
        }
    }

    private static void AssertState(JsonElement expected, string level, string trend, string season, HoltWinters state)
    {
        Assert.Equal(expected.GetProperty(level).GetDouble(), state.Level, 1e-8);
        Assert.Equal(expected.GetProperty(trend).GetDouble(), state.Trend, 1e-8);
        foreach (var (a, b) in Numbers(expected.GetProperty(season)).Zip(state.Seasonal)) Assert.Equal(a, b, 1e-8);
    }

    private static (double[] Values, int Period) Series(string name)
    {
        var series = s_golden.GetProperty("series").GetProperty(name);
        return ([.. series.GetProperty("values").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? double.NaN : value.GetDouble())], series.GetProperty("period").GetInt32());
    }

    private static HoltWintersWeights Weights(JsonElement weights) => new(weights[0].GetDouble(), weights[1].GetDouble(), weights[2].GetDouble());

    private static double[] Numbers(JsonElement numbers) => [.. numbers.EnumerateArray().Select(number => number.GetDouble())];
}
