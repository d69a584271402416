using System.Globalization;
using System.Text.Json;

namespace Mlops.Monitoring.Tests;

/// <summary>Reads the reference data of tests/TestData/monitoring, and makes the samples and streams that they name.</summary>
internal static class Golden
{
    public static JsonElement Load(string file)
        => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "TestData", file))).RootElement;

    public static double[] Generate(JsonElement spec)
    {
        if (spec.TryGetProperty("values", out var values)) return [.. values.EnumerateArray().Select(value => value.GetDouble())];
        if (spec.TryGetProperty("segments", out var segments)) return [.. segments.EnumerateArray().SelectMany(Generate)];
        var generator = new Generator(spec.GetProperty("seed").GetUInt64());
        var dist = spec.GetProperty("dist").GetString();
        double a = Get(spec, "a", 0), b = Get(spec, "b", 1);
        var digits = Math.Pow(10, Get(spec, "digits", 0));
        var result = new double[spec.GetProperty("n").GetInt32() * (int)Get(spec, "dims", 1)];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = dist switch
            {
                "uniform" => a + ((b - a) * generator.Next()),
                "normal12" => a + (b * generator.NextNormal()),
                "pareto1" => a + (b * (1 / (1 - generator.Next()))),
                "pareto2" => a + (b * (1 / Math.Sqrt(1 - generator.Next()))),
                "ratio" => a + (b * Ratio(Math.Max(generator.Next(), Math.ScaleB(1, -53)))),
                "int" => a + Math.Floor(generator.Next() * b),
                "round" => Math.Floor(((a + (b * generator.NextNormal())) * digits) + 0.5) / digits,
                "bernoulli" => generator.Next() < a ? 1 : 0,
                "mix" => (generator.Next() < a ? -b : b) + generator.NextNormal(),
                "const" => a,
                _ => throw new InvalidOperationException($"The reference data name the distribution '{dist}', which this test does not know."),
            };
        }

        return result;
    }

    /// <summary>Reads a number; those that are not finite are written as texts.</summary>
    public static double Number(JsonElement value) => value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();

    /// <summary>Tells whether the reference tool refused the input.</summary>
    public static bool IsError(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("error", out _);

    /// <summary>Compares as the reference data ask for.</summary>
    public static void AssertClose(double expected, double? actual, double relative, string what)
    {
        Assert.NotNull(actual);
        Assert.True(Math.Abs(actual.Value - expected) <= 1e-12 + (relative * Math.Abs(expected)), $"{what}: {actual:r} instead of {expected:r}");
    }

    private static double Ratio(double u) => (u - 0.5) / (u * (1 - u));

    private static double Get(JsonElement spec, string name, double fallback) => spec.TryGetProperty(name, out var value) ? value.GetDouble() : fallback;

    /// <summary>The generator of the reference data.</summary>
    public sealed class Generator(ulong state)
    {
        private ulong _state = state;

        public double Next()
        {
            _state = unchecked((_state * 6364136223846793005) + 1442695040888963407);
            return (_state >> 11) * Math.ScaleB(1, -53);
        }

        public double NextNormal()
        {
            double sum = 0;
            for (var i = 0; i < 12; i++) sum += Next();
            return sum - 6;
        }
    }
}
