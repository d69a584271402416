using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

public sealed class DriftReportDatasetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateAsync_ColumnsOfEveryKind_ChoosesAsTheTableSays()
    {
        var report = await DriftReport.CreateAsync(Every(1), Every(2), null, Token);
        var tests = report.Findings.Where(finding => finding.Kind == DriftFindingKind.Values).ToDictionary(finding => finding.Column, finding => finding.Result.Test);
        Assert.Equal(new Dictionary<string, string>
        {
            ["number"] = "kolmogorov-smirnov", ["grade"] = "chi-squared", ["bit"] = "two-proportions", ["rare"] = "fisher-exact", ["flag"] = "two-proportions",
            ["city"] = "chi-squared", ["comment"] = "text-drift", ["embedding"] = "embedding-drift", ["constant"] = "chi-squared",
        }, tests);
        Assert.False(report.HasDrift, report.ToString());
        Assert.Equal(0, report.ExitCode);
        Assert.All(report.Findings, finding => Assert.NotNull(finding.Distributions));
    }

    [Fact]
    public async Task Create_ProfilesOfVectors_ComparesFeaturesAlone()
    {
        static InMemoryDataset Make(int seed)
        {
            var ((embedding, values), (answer, answers)) = (DriftData.Vectors("embedding", 200, 4, seed), DriftData.Vectors("answer", 200, 3, seed + 10, seed));
            return InMemoryDataset.FromColumns("d", (embedding, values), (answer with { Role = ColumnRole.Label }, answers));
        }

        var report = DriftReport.Create(await DatasetProfile.CreateAsync(Make(1), Token), await DatasetProfile.CreateAsync(Make(2), Token));
        Assert.Equal(("embedding", "embedding-drift", DriftVerdict.NoDrift), (report.Findings.Single().Column, report.Findings[0].Result.Test, report.Findings[0].Verdict));
    }

    [Fact]
    public async Task CreateAsync_Streamed_SaysWhatMemorySays()
    {
        var (reference, current) = (Every(1), Every(3, shift: 0.5));
        var expected = await DriftReport.CreateAsync(reference, current, null, Token);
        var actual = await DriftReport.CreateAsync(DriftData.Streamed(reference), DriftData.Streamed(current), new DriftReportOptions { Parallelism = 1 }, Token);
        Assert.Equal(expected.Findings, actual.Findings);
        Assert.True(expected.HasDrift);
        Assert.Equal(1, expected.ExitCode);
    }

    [Fact]
    public async Task CreateAsync_NoRoomForValues_ComparesProfiles()
    {
        var options = new DriftReportOptions { MaximumSampleBytes = 10_000 };
        var (reference, current) = (Every(1), Every(3, shift: 0.5));
        var values = await DriftReport.CreateAsync(reference, current, null, Token);
        foreach (var (first, second) in new (IDataset, IDataset)[] { (DriftData.Streamed(reference), DriftData.Streamed(current)), (reference, DriftData.Streamed(current)), (DriftData.Streamed(reference), current) })
        {
            var report = await DriftReport.CreateAsync(first, second, options, Token);
            Assert.Equal((reference.RowCount, current.RowCount), (report.ReferenceRowCount, report.CurrentRowCount));
            // Profiles of so few rows still keep every number.
            Assert.Equal(values.Findings.Single(finding => finding.Column == "number").Result, report.Findings.Single(finding => finding.Column == "number").Result);
            Assert.Equal(values.Findings.Where(finding => finding.Column is not ("comment" or "embedding")).Select(finding => (finding.Column, finding.Verdict)).Order(),
                report.Findings.Where(finding => finding.Column is not ("comment" or "embedding")).Select(finding => (finding.Column, finding.Verdict)).Order());
        }
    }

    [Fact]
    public async Task CreateAsync_ProfileAsReference_ComparesWithIt()
    {
        var profile = await DatasetProfile.CreateAsync(Every(1), Token);
        Assert.True((await DriftReport.CreateAsync(profile, Every(3, shift: 0.5), null, Token)).HasDrift);
        Assert.False((await DriftReport.CreateAsync(profile, Every(2), null, Token)).HasDrift);
    }

    [Theory]
    [InlineData(ColumnRole.Label)]
    [InlineData(ColumnRole.Key)]
    [InlineData(ColumnRole.Sensitive)]
    public async Task CreateAsync_VectorsThatAreNoFeatures_AreLeftOutOfProfilesToo(ColumnRole role)
    {
        InMemoryDataset Make(int seed, double shift)
        {
            var (schema, vectors) = DriftData.Vectors("y", 500, 4, seed, shift);
            return InMemoryDataset.FromColumns("v", DriftData.Normals("x", 500, seed), (new ColumnSchema(schema.Name, schema.Type, role) { Width = 4 }, vectors));
        }

        var (reference, current) = (Make(1, 0), Make(2, 2));
        var (expected, actual) = (await DatasetProfile.CreateAsync(reference, Token), await DatasetProfile.CreateAsync(current, Token));
        DriftReport[] reports =
        [
            await DriftReport.CreateAsync(reference, current, null, Token), await DriftReport.CreateAsync(expected, current, null, Token), DriftReport.Create(expected, actual),
            DriftReport.Create(DatasetProfile.FromBytes(expected.ToBytes()), DatasetProfile.FromJson(actual.ToJson())),
        ];
        Assert.All(reports, report => Assert.Equal("x", Assert.Single(report.Findings).Column));
    }

    [Fact]
    public async Task CreateAsync_EverythingShifted_IsFoundAndRankedByMinimumEffects()
    {
        var report = await DriftReport.CreateAsync(Every(1), Every(3, shift: 1), null, Token);
        string[] drifted = [.. report.Findings.Where(finding => finding.Verdict == DriftVerdict.Drift).Select(finding => finding.Column)];
        Assert.Equal(["bit", "city", "comment", "embedding", "flag", "grade", "number"], drifted.Order(StringComparer.Ordinal));
        double?[] effects = [.. report.Findings.Where(finding => finding.Verdict == DriftVerdict.Drift).Select(finding => finding.RelativeEffect)];
        Assert.Equal(effects.OrderDescending(), effects);
        Assert.All(effects, effect => Assert.True(effect >= 1));
    }

    [Fact]
    public async Task CreateAsync_ColumnsMissingAddedAndChanged_AreFindingsThatNameThem()
    {
        var reference = InMemoryDataset.FromColumns("r", DriftData.Normals("kept", 100, 1), DriftData.Normals("gone", 100, 2), DriftData.Normals("retyped", 100, 3), DriftData.Vectors("wider", 100, 2, 4));
        var current = InMemoryDataset.FromColumns("c", DriftData.Normals("kept", 100, 5), DriftData.Texts("retyped", 100, i => $"{i}"), DriftData.Vectors("wider", 100, 3, 6), DriftData.Flags("new", 100, _ => true));
        DriftReport[] reports =
        [
            await DriftReport.CreateAsync(reference, current, null, Token),
            DriftReport.Create(await DatasetProfile.CreateAsync(reference, Token), await DatasetProfile.CreateAsync(current, Token)),
        ];
        Assert.All(reports, report =>
        {
            Assert.Equal(2, report.ExitCode);
            Assert.Equal(1, report.AddedColumnCount);
            Assert.Equal("0 of 1 columns drifted; 3 could not be tested: gone, retyped, wider; 1 new: new", report.ToString());
            foreach (var name in new[] { "gone", "retyped", "wider", "new" })
            {
                var finding = Assert.Single(report.Findings, finding => finding.Column == name);
                Assert.Equal(DriftVerdict.NotComputable, finding.Verdict);
                Assert.Contains($"'{name}'", finding.Result.Reason, StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public async Task CreateAsync_IntegersWhereFractionsWere_ComparesNumbers()
    {
        var reference = InMemoryDataset.FromColumns("r", DriftData.Numbers("x", 200, i => i));
        var current = InMemoryDataset.FromColumns("c", (new ColumnSchema("x", ElementType.Int64), new Column<long>([.. Enumerable.Range(0, 200).Select(i => (long)i)])));
        Assert.Equal(DriftVerdict.NoDrift, Assert.Single((await DriftReport.CreateAsync(reference, current, null, Token)).Findings).Verdict);
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(100, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    public async Task CreateAsync_TooFewRows_IsToldForEveryKind(int referenceRows, int currentRows)
    {
        var report = await DriftReport.CreateAsync(Every(1, referenceRows), Every(2, currentRows), null, Token);
        Assert.Equal(9, report.Findings.Count(finding => finding.Kind == DriftFindingKind.Values));
        Assert.All(report.Findings, finding => Assert.Equal(DriftVerdict.NotEnoughData, finding.Verdict));
        Assert.Equal(2, report.ExitCode);
        Assert.Equal(report.Findings, DriftReport.FromJson(report.ToJson()).Findings);
    }

    [Fact]
    public async Task CreateAsync_BadNumbers_HaveVerdictsAndFiniteBars()
    {
        (string Name, Func<int, double> Value)[] columns =
        [
            ("constant", _ => 3), ("zeros", i => i % 2 == 0 ? 0.0 : -0.0), ("missing", _ => double.NaN), ("infinite", i => i % 3 == 0 ? double.PositiveInfinity : i), ("all infinite", _ => double.NegativeInfinity),
            ("huge", i => i % 2 == 0 ? 1e308 + (i * 1e302) : -1e308 - (i * 1e302)), ("largest", i => i % 30 == 0 ? double.MaxValue : i), ("tiny", i => i * double.Epsilon),
            ("half missing", i => i % 2 == 0 ? double.NaN : i), ("one value", i => i == 7 ? 1 : double.NaN),
        ];
        var reference = InMemoryDataset.FromColumns("r", [.. columns.Select(column => DriftData.Numbers(column.Name, 300, column.Value))]);
        var options = new DriftReportOptions { RowTests = [new DomainClassifierDrift()] };
        var report = await DriftReport.CreateAsync(reference, reference, options, Token);
        var verdicts = report.Findings.Where(finding => finding.Kind == DriftFindingKind.Values).ToDictionary(finding => finding.Column, finding => finding.Verdict);
        foreach (var (name, _) in columns)
            Assert.Equal(name is "missing" or "one value" ? DriftVerdict.NotEnoughData : DriftVerdict.NoDrift, verdicts[name]);
        Assert.All(report.Findings.Select(finding => finding.Distributions).OfType<ColumnDistributions>(), bars =>
        {
            Assert.All(bars.Edges, edge => Assert.True(double.IsFinite(edge)));
            Assert.Equal(bars.Edges.Order(), bars.Edges);
            Assert.Equal(1, bars.Reference.Sum(), 1e-4);
            Assert.Equal(bars.Reference, bars.Current);
        });
        Assert.Equal(report.Findings, DriftReport.FromJson(report.ToJson()).Findings);
        Assert.DoesNotContain("∞", Html(report), StringComparison.Ordinal);
        // The same through profiles.
        var profile = await DatasetProfile.CreateAsync(reference, Token);
        var profiled = DriftReport.Create(profile, profile).Findings.Where(finding => finding.Kind == DriftFindingKind.Values).ToDictionary(finding => finding.Column, finding => finding.Verdict);
        Assert.Equal(verdicts, profiled);
    }

    [Fact]
    public async Task CreateAsync_NamedTests_OverrideTheChoiceRoleAndType()
    {
        var (reference, current) = (Every(1), Every(3, shift: 1));
        var options = new DriftReportOptions
        {
            Tests = new Dictionary<string, IDriftTest>
            {
                ["number"] = new WelchT(), ["grade"] = new Wasserstein(), ["city"] = new TotalVariation(), ["comment"] = new TextLength(), ["flag"] = new MannWhitney(), ["embedding"] = new MaximumMeanDiscrepancy(),
                ["day"] = new KolmogorovSmirnov(), ["bit"] = new EmbeddingDrift(), ["absent"] = new WelchT(), ["label"] = new ChiSquared(),
            },
            ChooseTest = column => column.Name == "rare" ? new GTest() : null,
        };
        var report = await DriftReport.CreateAsync(reference, current, options, Token);
        var findings = report.Findings.ToDictionary(finding => finding.Column);
        foreach (var (name, test) in options.Tests.Where(pair => pair.Key != "absent"))
        {
            Assert.Equal(test.Name, findings[name].Result.Test);
            Assert.True(findings[name].Verdict is DriftVerdict.Drift or DriftVerdict.NoDrift, findings[name].ToString());
        }

        Assert.Equal("g-test", findings["rare"].Result.Test);
        Assert.Equal(DriftVerdict.Drift, findings["label"].Verdict);
        Assert.DoesNotContain("secret", findings.Keys);
        Assert.Contains("neither side has such a column", findings["absent"].Result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_PresetOfAnotherTool_KeepsItsVerdicts()
    {
        var (reference, current) = (Every(1), Every(3, shift: 0.15));
        double[] x = ColumnNumbers.ToDoubles(reference.Batches[0]["number"]), y = ColumnNumbers.ToDoubles(current.Batches[0]["number"]);
        foreach (IDriftTest preset in new IDriftTest[] { new EvidentlyDrift(), new EvidentlyDrift(EvidentlyMethod.Wasserstein), new NannyMLDrift(NannyMLMethod.JensenShannon) })
        {
            var options = new DriftReportOptions { ChooseTest = _ => preset, MinimumCount = 1, TestsMissingValues = false };
            var finding = (await DriftReport.CreateAsync(reference, current, options, Token)).Findings.Single(finding => finding.Column == "number");
            var alone = ((ISampleDriftTest)preset).Test(x, y);
            Assert.Equal((alone, alone.Verdict, null), (finding.Result, finding.Verdict, finding.AdjustedPValue));
        }
    }

    [Fact]
    public async Task CreateAsync_TestThatCutsTheReference_GetsAllRowsInTheirOrder()
    {
        var random = new Random(1);
        double[] x = [.. Enumerable.Range(0, 1000).Select(i => i < 500 && i % 3 != 0 ? double.NaN : DriftData.Normal(random) + (i / 250.0))], y = [.. Enumerable.Range(0, 600).Select(_ => DriftData.Normal(random) + 0.8)];
        string?[] names = ["a", "b", "c", null], expected = [.. x.Select((_, i) => names[((i / 300) + (random.Next(2) * (i % 2))) % 4])], actual = [.. y.Select(_ => names[random.Next(4)])];
        var reference = InMemoryDataset.FromColumns("r", DriftData.Numbers("number", x.Length, i => x[i]), DriftData.Texts("text", x.Length, i => expected[i]), DriftData.Flags("flag", x.Length, i => i % 7 < i / 200));
        var current = InMemoryDataset.FromColumns("c", DriftData.Numbers("number", y.Length, i => y[i]), DriftData.Texts("text", y.Length, i => actual[i]), DriftData.Flags("flag", y.Length, i => i % 3 == 0));
        var test = new NannyMLDrift(NannyMLMethod.JensenShannon);
        var options = new DriftReportOptions { ChooseTest = _ => test, MinimumCount = 1, TestsMissingValues = false };
        int[] Encode(string?[] texts) => Array.ConvertAll(texts, text => text is null ? -1 : Array.IndexOf(names, text));
        var results = new Dictionary<string, DriftResult>
        {
            ["number"] = test.Test(x, y),
            ["text"] = test.Test(Encode(expected), Encode(actual), 3),
            ["flag"] = test.Test([.. x.Select((_, i) => i % 7 < i / 200 ? 1 : 0)], [.. y.Select((_, i) => i % 3 == 0 ? 1 : 0)], 2),
        };
        foreach (var (first, second) in new[] { (reference, current), (DriftData.Streamed(reference), DriftData.Streamed(current)) })
        {
            foreach (var finding in (await DriftReport.CreateAsync(first, second, options, Token)).Findings)
            {
                Assert.NotEqual(DriftVerdict.NotComputable, finding.Verdict);
                Assert.Equal(results[finding.Column], finding.Result);
            }
        }

        // Profiles keep values, when these are few, but not their order, and a limit that is given needs none.
        var (head, headNow) = (await DatasetProfile.CreateAsync(reference.Take(120), Token), await DatasetProfile.CreateAsync(current.Take(100), Token));
        var profiled = DriftReport.Create(head, headNow, options);
        Assert.Equal(3, profiled.Findings.Count);
        Assert.All(profiled.Findings, finding =>
        {
            Assert.Equal(DriftVerdict.NotComputable, finding.Verdict);
            Assert.Contains($"'{finding.Column}'", finding.Result.Reason, StringComparison.Ordinal);
            Assert.Contains("give the datasets instead", finding.Result.Reason, StringComparison.Ordinal);
        });
        var given = new DriftReportOptions { ChooseTest = _ => new NannyMLDrift(NannyMLMethod.JensenShannon, threshold: 0.1), MinimumCount = 1, TestsMissingValues = false };
        profiled = DriftReport.Create(head, headNow, given);
        Assert.All(profiled.Findings, finding => Assert.NotEqual(DriftVerdict.NotComputable, finding.Verdict));
    }

    [Fact]
    public async Task Create_MoreRowsThanAnArrayHolds_ComparesCounts()
    {
        static async Task<DatasetProfile> Make(int trues)
        {
            var profile = await DatasetProfile.CreateAsync(InMemoryDataset.FromColumns("x", DriftData.Flags("flag", 1000, i => i < trues), DriftData.Texts("city", 1000, i => i < trues ? "Bern" : "Chur")), Token);
            for (var i = 0; i < 22; i++) profile.Merge(DatasetProfile.FromBytes(profile.ToBytes()));
            return profile;
        }

        var (reference, current) = (await Make(500), await Make(900));
        Assert.True(current.RowCount > int.MaxValue);
        var report = DriftReport.Create(reference, current);
        Assert.Equal(["two-proportions", "two-proportions"], report.Findings.Select(finding => finding.Result.Test));
        Assert.All(report.Findings, finding => Assert.Equal(0.4, finding.Result.Effect!.Value, 1e-9));
        Assert.True(report.HasDrift);
        var options = new DriftReportOptions { Tests = new Dictionary<string, IDriftTest> { ["flag"] = new WelchT(), ["city"] = new TextDrift() } };
        Assert.All(DriftReport.Create(reference, current, options).Findings, finding => Assert.Contains("take a test of counts", finding.Result.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CreateAsync_FewNumbersOfAnySize_AreToldApart()
    {
        double[][] columns = [[1e-9, 2e-9, 3e-9], [1, 2.5, 1e308], [1000000.1, 1000000.2, 3], [0.1f, 0.2f, 0.3f], [1, 2, double.PositiveInfinity]];
        string[][] expected = [["1E-09", "2E-09", "3E-09"], ["1", "2.5", "1E+308"], ["3", "1000000.1", "1000000.2"], ["0.1", "0.2", "0.3"], ["1", "2", "Infinity"]];
        for (var k = 0; k < columns.Length; k++)
        {
            var data = InMemoryDataset.FromColumns("x", DriftData.Numbers("x", 90, i => columns[k][i % 3]));
            Assert.Equal(expected[k], Assert.Single((await DriftReport.CreateAsync(data, data, null, Token)).Findings).Distributions!.Categories);
        }
    }

    [Fact]
    public async Task CreateAsync_TestOfAnotherKind_IsRefusedByName()
    {
        var options = new DriftReportOptions { Tests = new Dictionary<string, IDriftTest> { ["city"] = new WelchT(), ["number"] = new TextDrift(), ["embedding"] = new ChiSquared() } };
        var report = await DriftReport.CreateAsync(Every(1), Every(2), options, Token);
        foreach (var name in options.Tests.Keys)
            Assert.Contains($"'{name}'", report.Findings.Single(finding => finding.Column == name && finding.Verdict == DriftVerdict.NotComputable).Result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_SensitiveColumn_HasNoNames()
    {
        var options = new DriftReportOptions { Tests = new Dictionary<string, IDriftTest> { ["secret"] = new ChiSquared() } };
        var report = await DriftReport.CreateAsync(Every(1), Every(2), options, Token);
        Assert.Equal(["category 1", "category 2", "category 3"], report.Findings.Single(finding => finding.Column == "secret").Distributions!.Categories);
        Assert.DoesNotContain("creed", Html(report), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_RowTests_FindWhatNoColumnShows()
    {
        static InMemoryDataset Make(int seed, double sign)
        {
            var random = new Random(seed);
            double[] x = [.. Enumerable.Range(0, 1000).Select(_ => DriftData.Normal(random))];
            return InMemoryDataset.FromColumns("x", DriftData.Numbers("a", 1000, i => x[i]), DriftData.Numbers("b", 1000, i => (sign * x[i]) + (0.5 * DriftData.Normal(random))), DriftData.Flags("flag", 1000, i => i % 2 == 0));
        }

        var options = new DriftReportOptions { RowTests = [new MaximumMeanDiscrepancy(), new DomainClassifierDrift()] };
        var report = await DriftReport.CreateAsync(Make(1, 1), Make(2, -1), options, Token);
        Assert.Equal("0 of 3 columns drifted; all numbers together drifted", report.ToString());
        Assert.Equal(2, report.Findings.Count(finding => finding is { Kind: DriftFindingKind.Rows, Verdict: DriftVerdict.Drift }));
        Assert.Matches("Most by '[ab]', '[ab]'", report.Findings.Single(finding => finding.Result.Test == "domain-classifier").Result.Reason);
        Assert.Equal(1, report.ExitCode);
        Assert.False((await DriftReport.CreateAsync(Make(1, 1), Make(2, 1), options, Token)).HasDrift);
        var profiled = DriftReport.Create(await DatasetProfile.CreateAsync(Make(1, 1), Token), await DatasetProfile.CreateAsync(Make(2, 1), Token), options);
        Assert.Equal(2, profiled.Findings.Count(finding => finding is { Kind: DriftFindingKind.Rows, Verdict: DriftVerdict.NotComputable }));
    }

    [Fact]
    public async Task CreateAsync_ValuesGoMissing_CountsForAllKinds()
    {
        var reference = Every(1);
        var missing = new ulong[(int)(reference.RowCount + 63) / 64];
        for (var i = 0; i < missing.Length; i++) missing[i] = 0x5555_5555_5555_5555;
        var number = new Column<long>([.. Enumerable.Range(0, (int)reference.RowCount).Select(i => (long)i)], missing);
        var current = InMemoryDataset.FromColumns("c", (new ColumnSchema("number", ElementType.Int64), number), DriftData.Texts("city", (int)reference.RowCount, i => i % 2 == 0 ? null : "Bern"));
        var report = await DriftReport.CreateAsync(reference.Select("number", "city"), current, null, Token);
        foreach (var name in new[] { "number", "city" })
        {
            var finding = report.Findings.Single(finding => finding.Column == name && finding.Kind == DriftFindingKind.MissingValues);
            Assert.Equal((DriftVerdict.Drift, 0.05), (finding.Verdict, finding.MinimumEffect));
            Assert.Equal(0.5, finding.Result.Effect!.Value, 0.01);
        }
    }

    [Fact]
    public async Task CreateAsync_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DriftReport.CreateAsync(Every(1), Every(2), null, source.Token));
    }

    [Fact]
    public async Task CreateAsync_BadOptions_Throw()
    {
        foreach (var options in new DriftReportOptions[] { new() { Significance = 0 }, new() { Parallelism = 0 }, new() { MaximumSampleBytes = -1 }, new() { Correction = (Correction)99 }, new() { MinimumEffect = -1 } })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DriftReport.CreateAsync(Every(1), Every(2), options, Token));
    }

    [Fact]
    public async Task CreateAsync_Corrections_AreKeptInTheReport()
    {
        foreach (var correction in Enum.GetValues<Correction>())
        {
            var report = await DriftReport.CreateAsync(Every(1), Every(3, shift: 1), new DriftReportOptions { Correction = correction }, Token);
            Assert.Equal(correction, DriftReport.FromJson(report.ToJson()).Correction);
            Assert.All(report.Findings.Where(finding => finding.AdjustedPValue is not null), finding =>
                Assert.Equal(finding.AdjustedPValue <= 0.05 && finding.Result.Effect >= finding.MinimumEffect, finding.Verdict == DriftVerdict.Drift));
            Assert.All(report.Findings, finding => Assert.Equal(finding.Verdict, finding.Result.Verdict));
        }
    }

    private static string Html(DriftReport report) => new Mlops.Reports.HtmlReport("Drift").AddDrift(report).ToString();

    private static InMemoryDataset Every(int seed, int rows = 1000, double shift = 0)
    {
        var random = new Random(seed);
        string[] words = ["train", "late", "seat", "ticket", "clean", "warm", "cold", "noise", "driver", "bus"], cities = ["Bern", "Basel", "Chur", "Genf"];
        int Skewed(int count) => (int)(count * Math.Pow(random.NextDouble(), 1 + shift));
        string Comment() => string.Join(' ', Enumerable.Range(0, 6).Select(_ => words[Skewed(words.Length)]).Append($"{random.Next(1000)}"));
        return InMemoryDataset.FromColumns("every",
            DriftData.Numbers("number", rows, _ => DriftData.Normal(random) + shift),
            DriftData.Numbers("grade", rows, _ => 1 + Skewed(6)),
            DriftData.Numbers("bit", rows, _ => Skewed(2)),
            DriftData.Numbers("rare", rows, i => i == 5 ? 1 : 0),
            DriftData.Flags("flag", rows, _ => Skewed(2) == 1),
            DriftData.Texts("city", rows, _ => cities[Skewed(4)]),
            DriftData.Texts("comment", rows, _ => Comment()),
            DriftData.Vectors("embedding", rows, 3, random.Next(), shift),
            DriftData.Numbers("constant", rows, _ => 5),
            (new ColumnSchema("day", ElementType.Date), new Column<DateOnly>([.. Enumerable.Range(0, rows).Select(i => new DateOnly(2026, 1, 1).AddDays(i % 50))])),
            DriftData.Texts("secret", rows, _ => $"creed {Skewed(3)}", ColumnRole.Sensitive),
            DriftData.Texts("label", rows, _ => $"{Skewed(2)}", ColumnRole.Label));
    }
}
