using System.Text;
using System.Text.RegularExpressions;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Profiles;
using Mlops.Reports;
using Mlops.Tests;

namespace Mlops.Monitoring.Tests;

/// <summary>What reports tell people: true figures, short ones, and what to do.</summary>
public sealed class DriftMessageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>No p-value is 0, only smaller than numbers can say.</summary>
    [Fact]
    public async Task Report_PValueBelowTheRangeOfNumbers_IsNotSaidToBeZero()
    {
        var report = await DriftReport.CreateAsync(Numbers(5000, i => i), Numbers(5000, i => i + 1e6), null, Token);
        var finding = Assert.Single(report.Findings);
        Assert.Equal(0, finding.AdjustedPValue);
        Assert.EndsWith(" Adjusted p < 0.0001", finding.ToString(), StringComparison.Ordinal);
        var html = new HtmlReport("Drift").AddDrift(report).ToString();
        Assert.Contains("<td class=\"n\">&lt; 1e-300</td>", html, StringComparison.Ordinal);
        Assert.Contains(", p &lt; 1e-300, corrected &lt; 1e-300", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("p = 0[^.]|p 0[,<]|corrected 0[,<]", html);
        var asOthers = await DriftReport.CreateAsync(Numbers(900, i => i), Numbers(900, i => i + 1e6), new DriftReportOptions { ChooseTest = _ => new EvidentlyDrift() }, Token);
        Assert.Contains("p < 0.0001", Assert.Single(asOthers.Findings).Result.Reason, StringComparison.Ordinal);
    }

    /// <summary>Presets of other tools decide by themselves, and the page says that, not what the report would do.</summary>
    [Fact]
    public async Task WriteHtmlAsync_Preset_ClaimsNoCorrectionAndNoMinimum()
    {
        static InMemoryDataset Make(int seed, double shift) => InMemoryDataset.FromColumns("d", DriftData.Normals("x", 3000, seed, shift), DriftData.Normals("y", 3000, seed + 100));
        var report = await DriftReport.CreateAsync(Make(1, 0), Make(2, 0.5), new DriftReportOptions { ChooseTest = _ => new EvidentlyDrift() }, Token);
        Assert.True(report.HasDrift);
        var html = new HtmlReport("Drift").AddDrift(report).ToString();
        Assert.Contains("The tests decided each by its own limit", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Holm", html, StringComparison.Ordinal);
        Assert.DoesNotContain("in minimum effects", html, StringComparison.Ordinal);
        var mixed = await DriftReport.CreateAsync(Make(1, 0), Make(2, 0.5), new DriftReportOptions { ChooseTest = column => column.Name == "x" ? new EvidentlyDrift() : null }, Token);
        html = new HtmlReport("Drift").AddDrift(mixed).ToString();
        Assert.Contains("corrected for 1 tests (Holm)", html, StringComparison.Ordinal);
        Assert.Contains("1 other tests decided each by its own limit", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e308)]
    [InlineData(double.MaxValue)]
    [InlineData(5e-324)]
    public async Task WriteHtmlAsync_ExtremeValues_HasShortFiniteLabels(double value)
    {
        foreach (var (reference, current) in new[] { (Numbers(100, i => i % 30 * 0.1), Numbers(100, i => i % 2 == 0 ? value : -value)), (Numbers(100, i => -value / (1 + i)), Numbers(100, i => value / (1 + i))), (Numbers(100, _ => 0), Numbers(100, _ => value)) })
        {
            var options = new DriftReportOptions { ChooseTest = _ => new Wasserstein() };
            var report = await DriftReport.CreateAsync(reference, current, options, Token);
            AssertReadable(new HtmlReport("Drift").AddDrift(report).ToString());
            Assert.True(report.Findings[0].ToString().Length < 400, report.Findings[0].ToString());
            AssertReadable(new HtmlReport("Drift").AddDrift(await DriftReport.CreateAsync(reference, current, null, Token)).ToString());
            var series = await DriftSeries.CreateAsync(reference, current, new DriftSeriesOptions { Chunking = Chunking.BySize(25), Report = options }, Token);
            using var stream = new MemoryStream();
            await series.WriteHtmlAsync(stream, Token);
            AssertReadable(Encoding.UTF8.GetString(stream.ToArray()));
        }

        static void AssertReadable(string html)
        {
            var text = html[html.IndexOf("<main>", StringComparison.Ordinal)..];
            Assert.DoesNotMatch("Infinity|NaN|Not a Number", text);
            Assert.DoesNotMatch(@"\d{20}", text);
        }
    }

    [Theory]
    [InlineData(0.8012, 0.8234, "0.8012–0.8234 (95 %)")]
    [InlineData(0, 1e308, "0.0000–1e+308 (95 %)")]
    [InlineData(-1.23456e150, 2e7, "-1.235e+150–2e+7 (95 %)")]
    [InlineData(1e-9, 0.5, "1e-9–0.5000 (95 %)")]
    public void ConfidenceInterval_AnySize_IsWrittenShort(double lower, double upper, string text) => Assert.Equal(text, new ConfidenceInterval(lower, upper, 0.95).ToString());

    /// <summary>On a phone, nothing has to be scrolled sideways to be seen and no word is broken: tables are as wide as the window.</summary>
    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task WriteHtmlAsync_AnyWindow_CutsNoTable(int width)
    {
        using var browser = Browser.FindOrSkip();
        static InMemoryDataset Make(int seed, double shift) => InMemoryDataset.FromColumns("d",
        [
            .. Enumerable.Range(0, 6).Select(i => DriftData.Normals($"number {i}", 400, seed + i, i % 2 * shift)),
            DriftData.Texts("category 9", 400, row => row % 9 == 0 ? null : $"value {row % (seed + 3)}"),
            DriftData.Vectors("embedding", 400, 4, seed, shift),
            DriftData.Numbers("comments", 400, row => row % 3 == 0 ? double.NaN : row % (seed + 2)),
            DriftData.Numbers("customer_income", 400, row => (row + seed) * 1e150),
            DriftData.Texts("commentaries", 400, row => $"{seed * row}"),
            DriftData.Numbers("abandonments", 400, _ => double.NaN),
            DriftData.Normals(seed == 1 ? "old column" : "new column", 400, seed),
        ]);
        await using (var stream = File.Create(Path.Combine(browser.Folder, "drift.html"))) await (await DriftReport.CreateAsync(Make(1, 0), Make(2, 1), null, Token)).WriteHtmlAsync(stream, "Drift", Token);
        var series = await DriftSeries.CreateAsync(Make(1, 0), Make(2, 1), new DriftSeriesOptions { Chunking = Chunking.BySize(100) }, Token);
        await using (var stream = File.Create(Path.Combine(browser.Folder, "series.html"))) await series.WriteHtmlAsync(stream, Token);
        foreach (var page in new[] { "drift.html", "series.html" })
        {
            // A window cannot be as narrow as a phone, but a frame can; what it measures, it writes.
            var frame = Path.Combine(browser.Folder, "frame.html");
            await File.WriteAllTextAsync(frame, $$"""
                <body><iframe id="f" src="{{page}}" style="border:0;width:{{width}}px;height:3000px"></iframe><p id="r">none</p>
                <script>function broken(d) {
                    const words = [];
                    for (const cell of d.querySelectorAll('th, td')) {
                      const node = cell.firstChild, range = d.createRange();
                      for (const word of node ? node.data.matchAll(/[^\s-]+/g) : []) {
                        range.setStart(node, word.index); range.setEnd(node, word.index + word[0].length);
                        if (range.getClientRects().length > 1) words.push(word[0]);
                      } }
                    return words.map(word => ' ' + word).join(''); }
                document.getElementById('f').onload = () => { const d = document.getElementById('f').contentDocument;
                  const t = [...d.querySelectorAll('.table')]; document.getElementById('r').textContent = t.length + ' tables, hidden: ' + t.map(e => e.scrollWidth - e.clientWidth).concat(d.documentElement.scrollWidth - d.documentElement.clientWidth).join(' ') + ', broken:' + broken(d);
                  document.title = 'done'; };</script>
                """, Token);
            var (dom, _) = await browser.RunAsync(frame, Token, "--dump-dom", "--allow-file-access-from-files", "--virtual-time-budget=5000", "--window-size=1400,3200");
            if (Environment.GetEnvironmentVariable("MLOPS_KEEP_PAGES") is { Length: > 0 } folder) File.Copy(Path.Combine(browser.Folder, page), Path.Combine(folder, page), overwrite: true);
            var measured = Regex.Match(dom, "<p id=\"r\">([^<]*)</p>").Groups[1].Value;
            Assert.True(Regex.IsMatch(measured, "^[12] tables, hidden: (0 ?)+, broken:$"), measured);
        }
    }

    [Fact]
    public async Task Reasons_ColumnsThatCannotBeCompared_SayWhatToDo()
    {
        var reference = InMemoryDataset.FromColumns("r", DriftData.Normals("gone", 50, 1), DriftData.Normals("retyped", 50, 1), DriftData.Vectors("wide", 50, 3, 1), DriftData.Numbers("few", 50, i => i < 5 ? i : double.NaN));
        var current = InMemoryDataset.FromColumns("c", DriftData.Normals("new", 50, 1), DriftData.Texts("retyped", 50, _ => "a"), DriftData.Vectors("wide", 50, 4, 1), DriftData.Numbers("few", 50, i => i < 5 ? i : double.NaN));
        var reasons = (await DriftReport.CreateAsync(reference, current, null, Token)).Findings.Where(finding => finding.Kind != DriftFindingKind.MissingValues).ToDictionary(finding => finding.Column, finding => finding.Result.Reason);
        foreach (var name in new[] { "gone", "new", "retyped", "wide" })
        {
            Assert.Contains($"'{name}'", reasons[name], StringComparison.Ordinal);
            Assert.EndsWith("leave it out with ExcludedColumns.", reasons[name], StringComparison.Ordinal);
        }

        Assert.Equal("5 reference and 5 current values; 20 of each are needed. Compare more rows, or lower MinimumCount to as few as 1.", reasons["few"]);
    }

    /// <summary>Where every value is missing, neither more rows nor a lower count help.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reasons_ColumnWithoutValues_NameTheSideThatLacksThem(bool asProfiles)
    {
        static InMemoryDataset Make(bool hasBoth) => InMemoryDataset.FromColumns("d", DriftData.Normals("x", 50, 1), DriftData.Numbers("never", 50, _ => double.NaN), DriftData.Texts("no more", 50, i => hasBoth ? $"{i % 3}" : null), DriftData.Numbers("few", 50, i => i < 5 ? i : double.NaN));
        var (reference, current) = (Make(true), Make(false));
        var report = asProfiles ? DriftReport.Create(await DatasetProfile.CreateAsync(reference, Token), await DatasetProfile.CreateAsync(current, Token)) : await DriftReport.CreateAsync(reference, current, null, Token);
        var results = report.Findings.Where(finding => finding.Kind == DriftFindingKind.Values).ToDictionary(finding => finding.Column, finding => finding.Result);
        Assert.Equal(DriftVerdict.NotEnoughData, results["never"].Verdict);
        Assert.Equal("'never' has no value in the reference and the current data. Find out what leaves it empty, or leave it out with ExcludedColumns.", results["never"].Reason);
        Assert.Equal("'no more' has no value in the current data. Find out what leaves it empty, or leave it out with ExcludedColumns.", results["no more"].Reason);
        Assert.Contains("lower MinimumCount", results["few"].Reason, StringComparison.Ordinal);
        Assert.Contains("Compare more rows", Assert.Single((await DriftReport.CreateAsync(Numbers(50, i => i), Numbers(0, i => i), null, Token)).Findings).Result.Reason, StringComparison.Ordinal);
    }

    /// <summary>A misspelt name does not pass for an exclusion.</summary>
    [Fact]
    public async Task CreateAsync_ExcludedNameThatNoSideHas_IsReported()
    {
        var options = new DriftReportOptions { ExcludedColumns = ["X", "only now"] };
        var current = InMemoryDataset.FromColumns("c", DriftData.Normals("x", 100, 2), DriftData.Normals("only now", 100, 2));
        var report = await DriftReport.CreateAsync(Numbers(100, i => i), current, options, Token);
        Assert.Equal(2, report.ExitCode);
        var finding = Assert.Single(report.Findings, finding => finding.Verdict == DriftVerdict.NotComputable);
        Assert.Equal(("X", "'X' is to be left out, and neither side has such a column. Correct the name in ExcludedColumns."), (finding.Column, finding.Result.Reason));
        Assert.DoesNotContain(report.Findings, other => other.Column == "only now");
    }

    [Fact]
    public async Task CreateAsync_OptionsThatContradict_ThrowWithTheName()
    {
        async Task<string> Refuse(DriftReportOptions options)
        {
            var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => DriftReport.CreateAsync(Numbers(50, i => i), Numbers(50, i => i), options, Token));
            Assert.Equal("options", error.ParamName);
            Assert.Equal("options", Assert.ThrowsAny<ArgumentException>(() => DriftReport.Create(new DatasetProfile(0), new DatasetProfile(0), options)).ParamName);
            return error.Message;
        }

        static Dictionary<string, IDriftTest> One(string name, IDriftTest? test) => new() { [name] = test! };
        Assert.StartsWith("'x' has a test in Tests and is left out by ExcludedColumns.", await Refuse(new() { Tests = One("x", new Wasserstein()), ExcludedColumns = ["x"] }), StringComparison.Ordinal);
        Assert.StartsWith("Tests has no test for 'x'.", await Refuse(new() { Tests = One("x", null) }), StringComparison.Ordinal);
        Assert.StartsWith("RowTests holds a test that is null.", await Refuse(new() { RowTests = [null!] }), StringComparison.Ordinal);
        Assert.StartsWith("ExcludedColumns holds a name that is null.", await Refuse(new() { ExcludedColumns = [null!] }), StringComparison.Ordinal);
        Assert.StartsWith("Significance lies between 0 and 1.", await Refuse(new() { Significance = 2 }), StringComparison.Ordinal);
        Assert.StartsWith("MinimumEffect is at least 0 and finite.", await Refuse(new() { MinimumEffect = double.NaN }), StringComparison.Ordinal);
        Assert.StartsWith("MinimumCount is at least 1.", await Refuse(new() { MinimumCount = 0 }), StringComparison.Ordinal);
        Assert.StartsWith("Parallelism is at least 1.", await Refuse(new() { Parallelism = 0 }), StringComparison.Ordinal);
        Assert.StartsWith("MaximumSampleBytes is at least 0.", await Refuse(new() { MaximumSampleBytes = -1 }), StringComparison.Ordinal);
        Assert.StartsWith($"Correction is one of {string.Join(", ", Enum.GetNames<Correction>())}.", await Refuse(new() { Correction = (Correction)99 }), StringComparison.Ordinal);
        Assert.StartsWith("RowTests is null; leave it empty for none.", await Refuse(new() { RowTests = null! }), StringComparison.Ordinal);
        Assert.StartsWith("ExcludedColumns is null; leave it empty for none.", await Refuse(new() { ExcludedColumns = null! }), StringComparison.Ordinal);
        Assert.StartsWith("Tests is null; leave it empty for none.", await Refuse(new() { Tests = null! }), StringComparison.Ordinal);
        Assert.Equal("options", Assert.Throws<ArgumentOutOfRangeException>(() => new WelchT().Test([1.0], [1.0], new DriftTestOptions { ConfidenceLevel = 1 })).ParamName);
        Assert.Equal("value", Assert.Throws<ArgumentOutOfRangeException>(() => new MeanShift { Permutations = 1 }).ParamName);
        Assert.Equal("value", Assert.Throws<ArgumentOutOfRangeException>(() => new TextDrift { MaximumTexts = 1 }).ParamName);
        Assert.Equal("options", (await Assert.ThrowsAsync<ArgumentException>(() => DriftSeries.CreateAsync(Numbers(50, i => i), Numbers(50, i => i), new() { Chunking = Chunking.BySize(20), Budget = FalseAlarmBudget.PerMonth(1) }, Token))).ParamName);
    }

    [Fact]
    public async Task CreateAsync_SeriesOptionsThatAreNull_ThrowWithTheName()
    {
        var (profile, data) = (await DatasetProfile.CreateAsync(Numbers(50, i => i), Token), Numbers(50, i => i));
        async Task Refuse(DriftSeriesOptions options, string message)
        {
            foreach (var create in new[] { () => DriftSeries.CreateAsync(profile, data, options, Token), () => DriftSeries.CreateAsync(data, data, options, Token) })
            {
                var error = await Assert.ThrowsAnyAsync<ArgumentException>(create);
                Assert.Equal("options", error.ParamName);
                Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
            }
        }

        var chunking = Chunking.BySize(20);
        await Refuse(new() { Chunking = chunking, Report = null! }, "Report is null; leave it out for the default.");
        await Refuse(new() { Chunking = null! }, "Chunking is null; leave it out for the default.");
        await Refuse(new() { Chunking = chunking, Reference = null! }, "Reference is null; leave it out for the default.");
        await Refuse(new() { Chunking = chunking, Profile = null! }, "Profile is null; leave it out for the default.");
        await Refuse(new() { Chunking = chunking, SpendingState = null! }, "SpendingState is null; leave it out for the default.");
        await Refuse(new() { Chunking = chunking, Report = new() { Parallelism = 0 } }, "Parallelism is at least 1.");
        var limits = new DriftSeriesOptions { Chunking = chunking, ReferenceChunks = new ReferenceChunkOptions(), Report = null! };
        Assert.Equal("options", (await Assert.ThrowsAsync<ArgumentException>(() => DriftSeries.CreateAsync(data, data, limits, Token))).ParamName);
    }

    [Fact]
    public async Task CreateAsync_ChoiceOfTestThrows_KeepsItsMessage()
    {
        var options = new DriftReportOptions { ChooseTest = column => throw new InvalidOperationException($"no rule for {column.Name}") };
        var result = Assert.Single((await DriftReport.CreateAsync(Numbers(50, i => i), Numbers(50, i => i), options, Token)).Findings).Result;
        Assert.Equal(("choose-test", "ChooseTest failed with InvalidOperationException: no rule for x"), (result.Test, result.Reason));
    }

    public static TheoryData<string> DirectedTests => ["t", "welch", "brunner-munzel", "mann-whitney", "kolmogorov-smirnov"];

    [Theory]
    [MemberData(nameof(DirectedTests))]
    public void Test_OneSided_SaysWhichSide(string name)
    {
        ISampleDriftTest Create(Alternative alternative) => name switch
        {
            "t" => new StudentT(alternative),
            "welch" => new WelchT(alternative),
            "brunner-munzel" => new BrunnerMunzel(alternative),
            "mann-whitney" => new MannWhitney(alternative),
            _ => new KolmogorovSmirnov(alternative),
        };
        double[] reference = [.. Enumerable.Range(0, 50)], current = [.. Enumerable.Range(10, 50)];
        Assert.Contains("(one-sided: whether the reference is less): ", Create(Alternative.Less).Test(reference, current).Reason, StringComparison.Ordinal);
        Assert.Contains("(one-sided: whether the reference is greater): ", Create(Alternative.Greater).Test(reference, current).Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("one-sided", Create(Alternative.TwoSided).Test(reference, current).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Test_OneSidedShares_SaysWhichSide()
    {
        Assert.Contains("(one-sided: whether the reference is less): ", new TwoProportions(Alternative.Less).Test([50, 50], [70, 30]).Reason, StringComparison.Ordinal);
        Assert.Contains("(one-sided: whether the reference is greater): ", new FisherExact(Alternative.Greater).Test([50, 50], [70, 30]).Reason, StringComparison.Ordinal);
    }

    private static InMemoryDataset Numbers(int rows, Func<int, double> value) => InMemoryDataset.FromColumns("d", DriftData.Numbers("x", rows, value));
}
