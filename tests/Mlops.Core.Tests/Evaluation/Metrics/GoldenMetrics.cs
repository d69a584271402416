using System.Globalization;
using System.Text.Json;
using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>Reads metrics_golden.json, and compares figures with it.</summary>
internal static class GoldenMetrics
{
    private static readonly JsonElement s_groups = JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "metrics", "metrics_golden.json"))).RootElement.GetProperty("groups");

    public static IEnumerable<string> Groups => s_groups.EnumerateObject().Select(group => group.Name);

    public static IReadOnlyList<JsonElement> CasesOf(string group) => [.. s_groups.GetProperty(group).EnumerateArray()];

    public static JsonElement Find(string group, string id) => CasesOf(group).Single(test => test.GetProperty("id").GetString() == id);

    public static TheoryData<string> IdsOf(string group) => [.. CasesOf(group).Select(test => test.GetProperty("id").GetString()!)];

    public static IEnumerable<(string Metric, JsonElement Parameters, JsonElement Value)> Expected(JsonElement test)
        => test.GetProperty("expected").EnumerateArray().Select(item => (item.GetProperty("metric").GetString()!, item.GetProperty("params"), item.GetProperty("value")));

    public static double[] Numbers(JsonElement test, string name) => Numbers(test.GetProperty("inputs").GetProperty(name));

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    public static int[] Integers(JsonElement test, string name) => [.. test.GetProperty("inputs").GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];

    public static string[] Texts(JsonElement test, string name) => [.. test.GetProperty("inputs").GetProperty(name).EnumerateArray().Select(item => item.ToString())];

    public static double[]? Weights(JsonElement test) => test.GetProperty("inputs").TryGetProperty("sample_weight", out _) ? Numbers(test, "sample_weight") : null;

    public static int Int(JsonElement parameters, string name) => parameters.GetProperty(name).GetInt32();

    public static int? IntOrNull(JsonElement parameters, string name) => parameters.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null;

    public static void Agree(JsonElement expected, MetricValue actual, string what)
    {
        if (expected.ValueKind != JsonValueKind.Number)
        {
            Assert.True(expected.ValueKind == JsonValueKind.Object || expected.GetString() == "NaN", what);
            Assert.False(actual.IsDefined, $"{what}: {actual} should be undefined");
            Assert.NotNull(actual.UndefinedReason);
            return;
        }

        Assert.True(actual.IsDefined, $"{what}: {actual}");
        Agree(expected.GetDouble(), actual.Value, what);
    }

    public static void Agree(JsonElement expected, IEnumerable<double> actual, string what)
    {
        var numbers = Numbers(expected);
        var figures = actual.ToArray();
        Assert.Equal(numbers.Length, figures.Length);
        for (var i = 0; i < numbers.Length; i++) Agree(numbers[i], figures[i], what);
    }

    public static void Agree(double expected, double actual, string what)
        => Assert.True(Math.Abs(expected - actual) <= 1e-9 + (1e-9 * Math.Abs(expected)), string.Create(CultureInfo.InvariantCulture, $"{what}: {actual:R} should be {expected:R}"));

    /// <summary>Makes the inputs that the file describes by a generator.</summary>
    public static (double[] Truth, double[] Predictions) Generate(JsonElement generator)
    {
        var state = generator.GetProperty("seed").GetUInt64();
        var count = generator.GetProperty("n").GetInt32();
        var decimals = generator.GetProperty("decimals").GetInt32();
        var (truth, predictions) = (new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            if (generator.GetProperty("kind").GetString() == "binary_scores")
            {
                truth[i] = Uniform() < generator.GetProperty("prevalence").GetDouble() ? 1 : 0;
                var z = Normal() + (generator.GetProperty("separation").GetDouble() * (truth[i] - 0.5));
                predictions[i] = Math.Round(1 / (1 + Math.Exp(-z)), decimals, MidpointRounding.ToEven);
            }
            else
            {
                var t = (generator.GetProperty("scale").GetDouble() * Normal()) + generator.GetProperty("offset").GetDouble();
                truth[i] = Math.Round(t, decimals, MidpointRounding.ToEven);
                predictions[i] = Math.Round(t + (generator.GetProperty("noise").GetDouble() * Normal()), decimals, MidpointRounding.ToEven);
            }
        }

        return (truth, predictions);

        double Uniform()
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            return (state >> 11) * Math.Pow(2, -53);
        }

        double Normal()
        {
            var (first, second) = (Uniform(), Uniform());
            return Math.Sqrt(-2 * Math.Log(1 - first)) * Math.Cos(2 * Math.PI * second);
        }
    }
}
