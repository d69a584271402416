using System.Text;
using Mlops.Data;

namespace Mlops.Monitoring.Tests;

/// <summary>Whatever the data, no figure of a report or series is NaN or infinite, so that all of them can be written as JSON, and what is read back is equal.</summary>
public sealed class ExtremeDataTests
{
    private const int Rows = 60;

    private static readonly double[][] s_values =
    [
        [1e308], [-1e308], [1e308, -1e308], [double.MaxValue, double.MinValue, 0], [5e-324, 1e-310], [0], [3.7], [1e-300, 1e300], [double.NaN], [double.PositiveInfinity, 1], [double.NegativeInfinity, double.PositiveInfinity],
        [1, 2, 3, double.NaN], [1.0000000000000002, 1], [.. Enumerable.Range(0, 40).Select(i => i * 1e306)], [.. Enumerable.Range(0, 40).Select(i => i * 0.1)],
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Tests =>
        [.. typeof(DriftReport).Assembly.GetExportedTypes().Where(type => type is { IsAbstract: false, IsClass: true } && type.IsAssignableTo(typeof(IDriftTest))).Select(type => type.Name).Order()];

    [Theory]
    [MemberData(nameof(Tests))]
    public async Task ToJson_AnyTestOfExtremeData_ReadsBackEqual(string name)
    {
        var type = typeof(DriftReport).Assembly.GetType($"Mlops.Monitoring.{name}", true)!;
        var constructor = type.GetConstructors()[0];
        var test = (IDriftTest)constructor.Invoke([.. constructor.GetParameters().Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue : Enum.ToObject(parameter.ParameterType, 0))]);
        var options = new DriftReportOptions { ChooseTest = _ => test, RowTests = test is IRowDriftTest rows ? [rows] : [] };
        // Every column meets five others, itself among them.
        for (var shift = 0; shift < s_values.Length; shift += 3)
        {
            var report = await DriftReport.CreateAsync(Make(0), Make(shift), options, Token);
            Assert.Equal(report, DriftReport.FromJson(report.ToJson()));
            Assert.NotEmpty(report.ToJUnitXml());
        }
    }

    [Fact]
    public async Task ToJson_WassersteinAtTheEndOfTheRange_CapsTheRelativeEffect()
    {
        var options = new DriftReportOptions { Tests = new Dictionary<string, IDriftTest> { ["x"] = new Wasserstein() } };
        static InMemoryDataset Numbers(double value) => InMemoryDataset.FromColumns("d", DriftData.Numbers("x", 100, i => value + (i % 2)));
        var report = await DriftReport.CreateAsync(Numbers(0), Numbers(5e307), options, Token);
        var finding = Assert.Single(report.Findings);
        Assert.Equal((DriftVerdict.Drift, double.MaxValue), (finding.Verdict, finding.RelativeEffect));
        Assert.Equal(report, DriftReport.FromJson(report.ToJson()));
    }

    [Theory]
    [InlineData(ReferenceChunkRule.PredictionInterval)]
    [InlineData(ReferenceChunkRule.ThreeDeviations)]
    public async Task ToJson_SeriesOfExtremeData_ReadsBackEqual(ReferenceChunkRule rule)
    {
        for (var shift = 0; shift < s_values.Length; shift += 3)
        {
            foreach (var test in new IDriftTest?[] { null, new Wasserstein(), new EnergyDistance() })
            {
                var options = new DriftSeriesOptions
                {
                    Chunking = Chunking.BySize(Rows / 3),
                    ReferenceChunks = new ReferenceChunkOptions { Rule = rule },
                    Report = new DriftReportOptions { ChooseTest = _ => test, MinimumCount = 1 },
                };
                var series = await DriftSeries.CreateAsync(Make(0, 3), Make(shift), options, Token);
                Assert.Equal(series, DriftSeries.FromJson(series.ToJson()));
            }
        }
    }

    [Fact]
    public void Options_InfiniteMinimumEffect_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new KolmogorovSmirnov().Test([1.0], [2.0], new DriftTestOptions { MinimumEffect = double.PositiveInfinity }));
        var result = new DriftResult("t", DriftVerdict.NoDrift, "", 1, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new DriftFinding("x", ElementType.Float64, DriftVerdict.NoDrift, result) { RelativeEffect = double.PositiveInfinity });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DriftFinding("x", ElementType.Float64, DriftVerdict.NoDrift, result) { MinimumEffect = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DriftFinding("x", ElementType.Float64, DriftVerdict.NoDrift, result) { AdjustedPValue = 1.5 });
    }

    /// <summary>Where a document goes wrong is said, in the path and in the message.</summary>
    [Theory]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[{}]}", "$.findings[0]")]
    [InlineData("{\"findings\":[{}]}", "$")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":null}", "$")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[null]}", "$.findings[0]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[],\"correction\":\"Holm\",\"significance\":7}", "$.significance")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[],\"correction\":\"Holm\"}", "$", "significance")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[],\"significance\":0.05}", "$", "correction")]
    [InlineData("{\"referenceRowCount\":-1,\"currentRowCount\":1,\"findings\":[]}", "$")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[],\"significance\":0.05,\"correction\":99}", "$.correction")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[FINDING]}", null)]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[FINDING,FINDINGx]}", "$.findings[1]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[FINDING,{\"column\":\"x\",\"type\":\"Float64\",\"verdict\":\"Drift\",\"result\":{\"test\":\"t\",\"verdict\":\"Drift\",\"reason\":\"\",\"referenceCount\":1,\"currentCount\":1,\"pValue\":2}}]}", "$.findings[1]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[{\"column\":\"x\",\"type\":\"Float64\",\"verdict\":\"Drift\",\"result\":{\"test\":\"t\",\"verdict\":\"Drift\",\"reason\":\"\",\"referenceCount\":1,\"currentCount\":1,\"effect\":1e400}}]}", "$.findings[0]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[{\"column\":\"x\",\"type\":\"Float64\",\"verdict\":\"Drift\",\"result\":null}]}", "$.findings[0].result")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[{\"column\":\"x\",\"type\":\"Float64\",\"verdict\":7,\"result\":{\"test\":\"t\",\"verdict\":\"Drift\",\"reason\":\"\",\"referenceCount\":1,\"currentCount\":1}}]}", "$.findings[0]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[{\"column\":\"x\",\"type\":\"Float64\",\"verdict\":\"Drift\",\"result\":{\"test\":\"t\",\"verdict\":\"Drift\",\"reason\":\"\",\"referenceCount\":1,\"currentCount\":1},\"distributions\":{\"reference\":[1],\"current\":[0.5,0.5]}}]}", "$.findings[0]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[1],\"current\":[1],\"quantity\":\"value\",\"categories\":[\"a\"]}}]}", "$.findings[0].distributions.edges")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[1],\"current\":[1],\"quantity\":\"value\",\"edges\":[0,1]}}]}", "$.findings[0].distributions.categories")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[1],\"current\":[1],\"edges\":[0,1],\"categories\":[]}}]}", "$.findings[0].distributions.quantity")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[1],\"current\":[-0.1],\"quantity\":\"value\",\"edges\":[0,1],\"categories\":[]}}]}", "$.findings[0].distributions.current[0]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[0,1e400],\"current\":[0,1],\"quantity\":\"value\",\"edges\":[0,1,2],\"categories\":[]}}]}", "$.findings[0].distributions.reference[1]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[1.1],\"current\":[1],\"quantity\":\"value\",\"edges\":[0,1],\"categories\":[]}}]}", "$.findings[0].distributions.reference[0]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[0,1],\"current\":[0,1],\"quantity\":\"value\",\"edges\":[0,2,1],\"categories\":[]}}]}", "$.findings[0].distributions.edges[2]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[0,1],\"current\":[0,1],\"quantity\":\"value\",\"edges\":[0,1,1e400],\"categories\":[]}}]}", "$.findings[0].distributions.edges[2]")]
    [InlineData("{\"referenceRowCount\":1,\"currentRowCount\":1,\"findings\":[BARS{\"reference\":[1],\"current\":[1],\"quantity\":\"value\",\"edges\":[],\"categories\":[null]}}]}", "$.findings[0].distributions.categories[0]")]
    [InlineData("[]", "$")]
    [InlineData("null", "$")]
    [InlineData("{", "$")]
    public void FromJson_MalformedReport_SaysWhere(string json, string? path, string? missing = null)
    {
        const string Finding = "{\"column\":\"x\",\"type\":\"Float64\",\"verdict\":\"NoDrift\",\"result\":{\"test\":\"t\",\"verdict\":\"NoDrift\",\"reason\":\"\",\"referenceCount\":1,\"currentCount\":1}}";
        json = json.Replace("FINDINGx", Finding.Replace("\"type\":\"Float64\",", "", StringComparison.Ordinal), StringComparison.Ordinal).Replace("FINDING", Finding, StringComparison.Ordinal)
            .Replace("BARS", $"{Finding[..^1]},\"distributions\":", StringComparison.Ordinal);
        if (!json.Contains("\"significance\"", StringComparison.Ordinal) && !json.Contains("\"correction\"", StringComparison.Ordinal))
            json = json.Replace("\"referenceRowCount\"", "\"significance\":0.05,\"correction\":\"Holm\",\"referenceRowCount\"", StringComparison.Ordinal);
        if (path is null)
        {
            Assert.Single(DriftReport.FromJson(Encoding.UTF8.GetBytes(json)).Findings);
            return;
        }

        var exception = Assert.Throws<System.Text.Json.JsonException>(() => DriftReport.FromJson(Encoding.UTF8.GetBytes(json)));
        Assert.StartsWith(path, exception.Path, StringComparison.Ordinal);
        Assert.StartsWith("The JSON holds no drift report: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
        Assert.Contains(missing ?? "", exception.Message, StringComparison.Ordinal);
        var series = $"{{\"reference\":\"r\",\"chunking\":\"c\",\"leftOutRows\":0,\"spendingState\":{{\"evaluations\":1,\"alarms\":[]}},\"points\":[{{\"chunk\":{{\"index\":0,\"name\":\"a\",\"rowCount\":1}},\"significance\":0.05,\"report\":{json}}}]}}";
        exception = Assert.Throws<System.Text.Json.JsonException>(() => DriftSeries.FromJson(Encoding.UTF8.GetBytes(series)));
        Assert.StartsWith("The JSON holds no drift series: ", exception.Message, StringComparison.Ordinal);
        if (path != "$") Assert.StartsWith($"$.points[0].report{path[1..]}", exception.Path, StringComparison.Ordinal);
    }

    /// <summary>Bars of numbers that lie closer together than their edges can be told apart are written so that they can be read.</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(1.9999999999999)]
    [InlineData(-1e300)]
    [InlineData(5e-320)]
    public async Task FromJson_NeighbouringNumbers_ReadsWhatToJsonWrote(double start)
    {
        for (var count = 21; count < 60; count++)
        {
            var values = new double[count];
            for (var i = 0; i < count; i++) values[i] = i == 0 ? start : Math.BitIncrement(values[i - 1]);
            var data = InMemoryDataset.FromColumns("d", DriftData.Numbers("x", count, i => values[i]));
            var report = await DriftReport.CreateAsync(data, data, new DriftReportOptions { MinimumCount = 1 }, Token);
            Assert.Equal(21, Assert.Single(report.Findings).Distributions!.Edges.Count);
            Assert.Equal(report, DriftReport.FromJson(report.ToJson()));
        }
    }

    [Theory]
    [InlineData("\"points\":[null]", "$.points[0]")]
    [InlineData("\"points\":[{}]", "$.points[0]")]
    [InlineData("\"points\":[],\"leftOutRows\":-1", "$.leftOutRows")]
    [InlineData("\"points\":[],\"spendingState\":{\"evaluations\":1,\"alarms\":[2]}", "$.spendingState")]
    public void FromJson_MalformedSeries_SaysWhere(string part, string path)
    {
        var json = $"{{\"reference\":\"r\",\"chunking\":\"c\"{(part.Contains("leftOut", StringComparison.Ordinal) ? "" : ",\"leftOutRows\":0")}{(part.Contains("spending", StringComparison.Ordinal) ? "" : ",\"spendingState\":{\"evaluations\":1,\"alarms\":[]}")},{part}}}";
        var exception = Assert.Throws<System.Text.Json.JsonException>(() => DriftSeries.FromJson(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(path, exception.Path);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    /// <summary>Results are equal when what they hold is, whichever lists hold it.</summary>
    [Fact]
    public async Task Equals_SameFigures_IsByValue()
    {
        async Task<DriftReport> Create(int shift) => await DriftReport.CreateAsync(Make(0), Make(shift), new DriftReportOptions { MinimumCount = 1 }, Token);
        AssertEquality(await Create(1), await Create(1), await Create(2));
        async Task<DriftSeries> Follow(int shift) => await DriftSeries.CreateAsync(Make(0), Make(shift), new DriftSeriesOptions { Chunking = Chunking.BySize(20) }, Token);
        AssertEquality(await Follow(1), await Follow(1), await Follow(2));
        AssertEquality((await Follow(1)).Points[0], (await Follow(1)).Points[0], (await Follow(1)).Points[1]);
        async Task<DriftRehearsalResult> Rehearse(int repetitions) => await DriftRehearsal.RunAsync(Make(0), new DriftReportOptions { MinimumEffect = 0 }, 25, repetitions, cancellationToken: Token);
        AssertEquality(await Rehearse(3), await Rehearse(3), await Rehearse(4));
        static FalseAlarmEstimate Estimate(int tests) => FalseAlarmEstimate.Create(3, tests, 0.05, TimeSpan.FromHours(1));
        AssertEquality(Estimate(4), Estimate(4), Estimate(5));

        static void AssertEquality<T>(T one, T same, T other)
            where T : class
        {
            Assert.True(one.Equals(same) && one.GetHashCode() == same.GetHashCode());
            Assert.False(one.Equals(other));
        }
    }

    private static InMemoryDataset Make(int shift, int times = 1) => InMemoryDataset.FromColumns("d",
    [
        .. s_values.Select((_, k) => DriftData.Numbers($"number {k}", Rows * times, row => s_values[(k + shift) % s_values.Length] is var values ? values[row % values.Length] : 0)),
        DriftData.Texts("text", Rows * times, row => (row + shift) % 3 == 0 ? null : new string('a', row % 5)),
        DriftData.Flags("flag", Rows * times, row => row % 7 < shift),
        (new ColumnSchema("vector", ElementType.Float64) { Width = 3 }, new Column<double>([.. Enumerable.Range(0, 3 * Rows * times).Select(i => s_values[shift][i % s_values[shift].Length])], null, 3)),
    ]);
}
