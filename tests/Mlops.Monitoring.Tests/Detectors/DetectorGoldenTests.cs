using System.Text.Json;

namespace Mlops.Monitoring.Tests;

public sealed class DetectorGoldenTests
{
    private static readonly JsonElement s_golden = Golden.Load("streaming_golden.json");

    private static readonly Dictionary<string, Func<IDriftDetector>> s_detectors = new()
    {
        ["river_adwin_default"] = () => new Adwin(new AdwinOptions { IsRiverCompatible = true }),
        ["river_adwin_delta0.05_clock8"] = () => new Adwin(new AdwinOptions { Delta = 0.05, Clock = 8, IsRiverCompatible = true }),
        ["river_adwin_clock1_maxbuckets3_minwin10_grace20"] = () => new Adwin(new AdwinOptions { Clock = 1, MaximumBuckets = 3, MinimumWindow = 10, GracePeriod = 20, IsRiverCompatible = true }),
        ["river_pagehinkley_default_both"] = () => new PageHinkley(),
        ["river_pagehinkley_thr5_up"] = () => new PageHinkley(new PageHinkleyOptions { Threshold = 5, Direction = DriftDirection.Up }),
        ["river_pagehinkley_thr5_down"] = () => new PageHinkley(new PageHinkleyOptions { Threshold = 5, Direction = DriftDirection.Down }),
        ["river_pagehinkley_min100_delta0.1_thr20_alpha0.99"] = () => new PageHinkley(new PageHinkleyOptions { MinimumCount = 100, Delta = 0.1, Threshold = 20, Alpha = 0.99 }),
        ["river_ddm_default"] = () => new Ddm(),
        ["river_ddm_warm100_w1.5_d2.5"] = () => new Ddm(new DdmOptions { WarmUpCount = 100, WarningThreshold = 1.5, DriftThreshold = 2.5 }),
    };

    public static TheoryData<string> Streams => [.. s_golden.GetProperty("streams").EnumerateArray().Select(stream => stream.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(Streams))]
    public void Update_ReferenceStream_DriftsWhereRiverDoes(string id)
    {
        var item = s_golden.GetProperty("streams").EnumerateArray().Single(stream => stream.GetProperty("id").GetString() == id);
        var values = Golden.Generate(item.GetProperty("stream"));
        Golden.AssertClose(item.GetProperty("sum").GetDouble(), values.Sum(), 1e-9, "sum");
        foreach (var setup in item.GetProperty("expected").EnumerateObject())
        {
            var detector = s_detectors[setup.Name]();
            var (drifts, warnings) = Run(detector, values);
            AssertIndices(setup.Value.GetProperty("drifts"), drifts, $"{setup.Name} drifts");
            if (setup.Value.TryGetProperty("warning_starts", out var starts)) AssertIndices(starts, warnings, $"{setup.Name} warnings");
            if (detector is Adwin adwin && setup.Value.TryGetProperty("final", out var final))
            {
                Golden.AssertClose(final.GetProperty("width").GetDouble(), adwin.Width, 0, "width");
                if (adwin.Width > 0) Golden.AssertClose(final.GetProperty("total").GetDouble(), adwin.Mean * adwin.Width, 1e-9, "total");
            }
        }
    }

    [Fact]
    public void Update_StreamsOfRiversDocumentation_DriftWhereItSays()
    {
        var levels = Values("levels");
        AssertIndices(Expected("levels", "ADWIN()"), Run(new Adwin(new AdwinOptions { IsRiverCompatible = true }), levels).Drifts, "Adwin");
        AssertIndices(Expected("levels", "PageHinkley()"), Run(new PageHinkley(), levels).Drifts, "PageHinkley");
        var ddm = Run(new Ddm(), Values("bits"));
        AssertIndices(Expected("bits", "DDM()").GetProperty("drifts"), ddm.Drifts, "Ddm");
        Assert.Equal(Expected("bits", "DDM()").GetProperty("first_warning").GetInt32(), ddm.WarningStarts[0]);
    }

    private static double[] Values(string id) => [.. s_golden.GetProperty(id).GetProperty("values").GetString()!.Select(digit => (double)(digit - '0'))];

    private static JsonElement Expected(string id, string detector) => s_golden.GetProperty(id).GetProperty("expected").GetProperty(detector);

    private static (List<int> Drifts, List<int> WarningStarts) Run(IDriftDetector detector, double[] values)
    {
        var drifts = new List<int>();
        var warnings = new List<int>();
        var previous = DriftState.Stable;
        for (var i = 0; i < values.Length; i++)
        {
            var state = detector.Update(values[i]);
            if (state == DriftState.Drift) drifts.Add(i);
            if (state == DriftState.Warning && previous != DriftState.Warning) warnings.Add(i);
            previous = state;
        }

        return (drifts, warnings);
    }

    private static void AssertIndices(JsonElement expected, List<int> actual, string what)
        => Assert.True(expected.EnumerateArray().Select(index => index.GetInt32()).SequenceEqual(actual), $"{what}: {string.Join(", ", actual)} instead of {expected}");
}
