using System.Text.Json;

namespace Mlops.Monitoring.Tests;

public sealed class DriftGoldenTests
{
    private static readonly JsonElement s_golden = Golden.Load("drift_golden.json");

    public static TheoryData<string> Pairs => [.. s_golden.GetProperty("numeric_pairs").EnumerateArray().Select(pair => pair.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Generate_Pair_HasStatedSums(string id)
    {
        var (pair, x, y) = Find(id);
        Golden.AssertClose(pair.GetProperty("sum_x").GetDouble(), x.Sum(), 1e-12, "sum of x");
        Golden.AssertClose(pair.GetProperty("sum_y").GetDouble(), y.Sum(), 1e-12, "sum of y");
    }

    private static (JsonElement Pair, double[] X, double[] Y) Find(string id)
    {
        var pair = s_golden.GetProperty("numeric_pairs").EnumerateArray().Single(pair => pair.GetProperty("id").GetString() == id);
        return (pair, Golden.Generate(pair.GetProperty("x")), Golden.Generate(pair.GetProperty("y")));
    }
}
