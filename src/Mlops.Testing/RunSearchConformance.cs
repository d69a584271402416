using System.Globalization;
using Mlops.Data;
using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <summary>What the search of every <see cref="IRunStore"/> does. Derive a test class for each implementation.</summary>
public abstract class RunSearchConformance
{
    private static readonly DateTimeOffset s_start = new(2024, 2, 29, 12, 0, 0, 123, TimeSpan.Zero);

    // Texts that differ in case, in what patterns and statements have meanings for, beyond the plane of most characters, and only behind what indexes hold.
    private static readonly string[] s_texts =
    [
        "", "ridge", "Ridge", "RIDGE", "a*b", "a?b", "[ab]", "a[b", "100%", "a_b", "it's", "say \"hi\"", "x' OR '1'='1", "größe", "GRÖSSE", "日本", "🚕 taxi", "\uFFFD", "\\", "a\\b",
        new string('l', 64), new string('l', 65), new string('l', 64) + "x", new string('l', 64) + "y", string.Concat(Enumerable.Repeat("🚕", 70)),
    ];

    private static readonly string[] s_listFields = ["dataset.name", "dataset.digest", "dataset.context", "run_id", "run_id"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes empty stores.</summary>
    /// <returns>The stores.</returns>
    protected abstract Task<TrackingStores> CreateAsync();

    /// <summary>Without an order, the latest runs come first; the state and the number are limited.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_WithoutOrder_ReturnsLatestFirst()
    {
        var stores = await CreateAsync();
        var runs = new List<RunSnapshot>();
        for (var i = 0; i < 4; i++) runs.Add(await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token));
        await stores.CreateRunAsync("other", null, null, Token);
        await stores.Runs.EndRunAsync(runs[1].Id, RunStatus.Finished, s_start, Token);
        Assert.Equal([3, 2, 1, 0], await SearchAsync(stores, runs, new RunQuery("e")));
        Assert.Equal([3, 2], await SearchAsync(stores, runs, new RunQuery("e") { MaxResults = 2 }));
        Assert.Equal([1], await SearchAsync(stores, runs, new RunQuery("e") { Filter = RunSearch.Filter("status = 'FINISHED'") }));
        Assert.Equal([3, 2, 0], await SearchAsync(stores, runs, new RunQuery("e") { Filter = RunSearch.Filter("status = 'RUNNING'") }));
    }

    /// <summary>Ordered by a metric, its latest value counts; NaN comes after the numbers, and runs without the metric come last.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_ByMetric_OrdersByLatestValue()
    {
        var stores = await CreateAsync();
        var runs = new List<RunSnapshot>();
        double?[] values = [3, null, double.NaN, -1, double.PositiveInfinity, double.NegativeInfinity];
        for (var i = 0; i < values.Length; i++)
        {
            var run = await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token);
            runs.Add(run);
            if (values[i] is not { } value) continue;
            // An earlier step must not count.
            Metric[] metrics = [new("m", value, 1, s_start), new("m", 100 - i, 0, s_start), new("other", i, 0, s_start)];
            await stores.Metrics.AppendAsync(new MetricBatch(run.Id, "w", 1, metrics), Token);
        }

        Assert.Equal([5, 3, 0, 4, 2, 1], await SearchAsync(stores, runs, new RunQuery("e") { OrderBy = [Metric("m")] }));
        Assert.Equal([4, 0, 3, 5, 2, 1], await SearchAsync(stores, runs, new RunQuery("e") { OrderBy = [Metric("m", isDescending: true)] }));
        Assert.Equal([5, 4, 3, 2, 1, 0], await SearchAsync(stores, runs, new RunQuery("e") { OrderBy = [Metric("unknown", isDescending: true)] }));
    }

    /// <summary>A search over more runs than any page holds returns every one, complete.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_ManyRuns_ReturnsAllComplete()
    {
        var stores = await CreateAsync();
        for (var i = 0; i < 450; i++)
        {
            var run = await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token);
            await stores.Runs.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("i", $"{i}")] }, Token);
        }

        var found = (await stores.Runs.SearchRunsAsync(new RunQuery("e"), Token)).Items.Select(run => run.Params["i"]);
        Assert.Equal(Enumerable.Range(0, 450).Reverse().Select(i => $"{i}"), found);
    }

    /// <summary>Experiments are chosen by name, by identifier or not at all; a name that does not exist is an error, an identifier that does not has no runs.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_Experiments_AreTheScope()
    {
        var stores = await CreateAsync();
        var runs = new List<RunSnapshot>();
        for (var i = 0; i < 4; i++) runs.Add(await stores.CreateRunAsync($"e{i}", s_start.AddMinutes(i), null, Token));
        Assert.Equal([3, 2, 1, 0], await SearchAsync(stores, runs, new RunQuery()));
        Assert.Equal([2, 0], await SearchAsync(stores, runs, new RunQuery("e0", "e2")));
        Assert.Equal([2, 1], await SearchAsync(stores, runs, new RunQuery("e2") { ExperimentIds = [runs[1].ExperimentId, runs[2].ExperimentId, "4711", "none"] }));
        Assert.Empty(await SearchAsync(stores, runs, new RunQuery { ExperimentIds = ["4711"] }));
        Assert.Equal("absent", (await Assert.ThrowsAsync<EntityNotFoundException>(() => stores.Runs.SearchRunsAsync(new RunQuery("e1", "absent"), Token))).Name);
    }

    /// <summary>Deleted runs are shown when they are asked for.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_View_ShowsActiveDeletedOrAll()
    {
        var stores = await CreateAsync();
        var runs = new List<RunSnapshot>();
        for (var i = 0; i < 3; i++) runs.Add(await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token));
        await stores.Runs.SetRunStageAsync(runs[1].Id, LifecycleStage.Deleted, Token);
        Assert.Equal([2, 0], await SearchAsync(stores, runs, new RunQuery("e")));
        Assert.Equal([1], await SearchAsync(stores, runs, new RunQuery("e") { View = LifecycleView.DeletedOnly }));
        Assert.Equal([2, 1, 0], await SearchAsync(stores, runs, new RunQuery("e") { View = LifecycleView.All }));
        await stores.Experiments.SetExperimentStageAsync(runs[0].ExperimentId, LifecycleStage.Deleted, Token);
        Assert.Empty(await SearchAsync(stores, runs, new RunQuery("e")));
        Assert.Equal(3, (await SearchAsync(stores, runs, new RunQuery("e") { View = LifecycleView.DeletedOnly })).Count);
    }

    /// <summary>Filters and orders of every kind find exactly the runs, in exactly the order, that their definition says, on pages of any size.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_ManyQueries_FindWhatTheDefinitionSays()
    {
        var stores = await CreateAsync();
        var runs = await FillAsync(stores, 60);
        var random = new Random(5);
        for (var i = 0; i < 400; i++)
        {
            var query = new RunQuery("e0", "e1") { Filter = NextFilter(random, runs), OrderBy = NextOrder(random), View = (LifecycleView)(1 + random.Next(3)), MaxResults = random.Next(4) == 0 ? 1000 : 1 + random.Next(12) };
            var shown = runs.Where(run => query.View == LifecycleView.All || (query.View == LifecycleView.DeletedOnly) == (run.Stage == LifecycleStage.Deleted));
            var expected = SearchPlan.For(query with { MaxResults = 1000 }).Find(shown, RunSearch.Accessor).Items.Select(run => run.Id).ToList();
            var found = new List<string>();
            var asked = query;
            do
            {
                var page = await stores.Runs.SearchRunsAsync(asked, Token);
                Assert.True(page.Items.Count == query.MaxResults || page.NextPageToken is null, $"A page of {query.MaxResults} has {page.Items.Count} runs, and others follow: {Describe(query)}");
                Assert.True(page.Items.Count > 0 || asked.PageToken is null, $"An empty page follows another: {Describe(query)}");
                found.AddRange(page.Items.Select(run => run.Id));
                asked = asked with { PageToken = page.NextPageToken };
            }
            while (asked.PageToken is not null);
            Assert.True(expected.SequenceEqual(found), $"{Describe(query)} found {Number(found)}, not {Number(expected)}.");
        }

        string Number(IEnumerable<string> ids) => string.Join(' ', ids.Select(id => runs.FindIndex(run => run.Id == id)));
    }

    /// <summary>Runs that are added while somebody reads pages shift nothing, and a token of another query, or none, is refused.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_PageToken_StandsForAPlaceInTheOrder()
    {
        var stores = await CreateAsync();
        var runs = new List<RunSnapshot>();
        for (var i = 0; i < 5; i++) runs.Add(await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token));
        var query = new RunQuery("e") { MaxResults = 2 };
        var first = await stores.Runs.SearchRunsAsync(query, Token);
        for (var i = 5; i < 8; i++) runs.Add(await stores.CreateRunAsync("e", s_start.AddMinutes(i), null, Token));
        Assert.Equal([2, 1], await SearchAsync(stores, runs, query with { PageToken = first.NextPageToken }));
        Assert.Null((await stores.Runs.SearchRunsAsync(query with { MaxResults = 8 }, Token)).NextPageToken);
        var other = query with { OrderBy = RunSearch.Order("run_name"), PageToken = first.NextPageToken };
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.SearchRunsAsync(other, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.SearchRunsAsync(query with { PageToken = "no token" }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.SearchRunsAsync(query with { MaxResults = 0 }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.SearchRunsAsync(query with { MaxResults = 50_001 }, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.SearchRunsAsync(new RunQuery("e\0"), Token));
    }

    /// <summary>Lists as long as they may be together are searched for; longer ones are refused with the limit.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task SearchRunsAsync_LongLists_AreSearchedUpToTheLimit()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync("e", s_start, null, Token);
        var text = string.Join(" AND ", s_listFields.Select(field => $"{field} {(field == "run_id" ? "NOT IN" : "IN")} ({List(field, 1000)})"));
        foreach (var query in new[] { new RunQuery("e"), new RunQuery() })
            Assert.Empty((await stores.Runs.SearchRunsAsync(query with { Filter = RunSearch.Filter(text) }, Token)).Items);
        var many = RunSearch.Filter(string.Join(" AND ", Enumerable.Repeat($"run_id IN ('{run.Id}', {List("r", 49)})", 100)));
        Assert.Equal(run.Id, Assert.Single((await stores.Runs.SearchRunsAsync(new RunQuery("e") { Filter = many, OrderBy = RunSearch.Order("metrics.m", "params.p", "tags.t") }, Token)).Items).Id);

        var syntax = Assert.Throws<SearchSyntaxException>(() => RunSearch.Filter($"{text} AND run_id IN ('one more')"));
        Assert.Contains("5000", syntax.Message, StringComparison.Ordinal);
        var built = new RunQuery { Filter = RunSearch.Filter(text) & RunSearch.Filter("run_id IN ('one more')") };
        Assert.Contains("5000", (await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.SearchRunsAsync(built, Token))).Message, StringComparison.Ordinal);
    }

    private static string List(string prefix, int count) => string.Join(", ", Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"'{prefix} {i}'")));

    private static string Describe(RunQuery query) => $"filter {query.Filter}, order {string.Join(", ", query.OrderBy)}, {query.View}";

    private static async Task<List<int>> SearchAsync(TrackingStores stores, List<RunSnapshot> runs, RunQuery query)
        => [.. (await stores.Runs.SearchRunsAsync(query, Token)).Items.Select(found => runs.FindIndex(run => run.Id == found.Id))];

    private static SearchOrder Metric(string name, bool isDescending = false) => new(new SearchField(SearchEntity.Metric, name), isDescending);

    /// <summary>Creates runs that differ in everything a search looks at, many of them equal in some of it.</summary>
    private static async Task<List<RunSnapshot>> FillAsync(TrackingStores stores, int count)
    {
        var (random, ids) = (new Random(3), new List<string>());
        double[] values = [0, -0.0, 1, 1.5, -2, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-300, double.MaxValue];
        for (var i = 0; i < count; i++)
        {
            var name = $"e{random.Next(3)}";
            var experiment = await stores.Experiments.FindExperimentAsync(name, Token) ?? await stores.Experiments.CreateExperimentAsync(name, null, Token);
            var run = new RunSnapshot(Ids.Create(TimeProvider.System), experiment.Id, Next(random, s_texts) is { Length: > 0 } named ? named : "n", RunStatus.Running, s_start.AddMilliseconds(random.Next(20)))
            {
                User = random.Next(2) == 0 ? "" : "jörg",
                Params = NextTexts(random),
                Tags = NextTexts(random),
                Inputs = [.. Enumerable.Range(0, random.Next(3)).Select(input => new DatasetInput(
                    new DatasetReference(Next(random, s_texts) is { Length: > 0 } text ? text : "d", new string((char)('a' + input), 64), 1, new DataSchema()), Next(random, ["training", "test", ""])))],
            };
            await stores.Runs.CreateRunAsync(run, null, Token);
            var metrics = Enumerable.Range(0, 3).Where(_ => random.Next(4) > 0).Select(metric => new Metric($"m{metric}", Next(random, values), random.Next(3), s_start)).ToArray();
            await stores.Metrics.AppendAsync(new MetricBatch(run.Id, "w", 1, metrics), Token);
            if (random.Next(2) == 0) await stores.Runs.EndRunAsync(run.Id, Next(random, [RunStatus.Finished, RunStatus.Failed, RunStatus.Killed]), s_start.AddMilliseconds(random.Next(5)), Token);
            if (random.Next(5) == 0) await stores.Runs.SetRunStageAsync(run.Id, LifecycleStage.Deleted, Token);
            if (name != "e2") ids.Add(run.Id);
        }

        var runs = new List<RunSnapshot>();
        foreach (var id in ids) runs.Add((await stores.Runs.FindRunAsync(id, Token))!);
        return runs;
    }

    private static Dictionary<string, string> NextTexts(Random random)
    {
        var texts = new Dictionary<string, string>();
        foreach (var name in new[] { "kind", "Kind", "a b/c" })
        {
            if (random.Next(4) > 0) texts[name] = Next(random, s_texts);
        }

        return texts;
    }

    private static T Next<T>(Random random, T[] items) => items[random.Next(items.Length)];

    private static IReadOnlyList<SearchOrder> NextOrder(Random random)
    {
        SearchField[] fields =
        [
            new(SearchEntity.Metric, "m0"), new(SearchEntity.Metric, "m1"), new(SearchEntity.Metric, "absent"), new(SearchEntity.Param, "kind"), new(SearchEntity.Tag, "a b/c"),
            new(SearchEntity.Attribute, "start_time"), new(SearchEntity.Attribute, "end_time"), new(SearchEntity.Attribute, "status"), new(SearchEntity.Attribute, "run_name"),
            new(SearchEntity.Attribute, "run_id"), new(SearchEntity.Attribute, "user_id"), new(SearchEntity.Attribute, "artifact_uri"),
        ];
        random.Shuffle(fields);
        // Metrics and the start are walked by indexes, so they are what orders mostly begin with.
        return [.. fields.Take(random.Next(4)).OrderBy(field => field.Entity == SearchEntity.Metric || field.Key == "start_time" ? 0 : 1).Select(field => new SearchOrder(field, random.Next(2) == 0))];
    }

    private static SearchFilter NextFilter(Random random, List<RunSnapshot> runs)
    {
        var filter = SearchFilter.All;
        for (var i = random.Next(4); i > 0; i--) filter &= NextCondition(random, runs);
        return filter;
    }

    private static SearchFilter NextCondition(Random random, List<RunSnapshot> runs)
    {
        var number = Next(random, ["0", "1", "1.5", "-2", "1e999", "-1e999", "0.25"]);
        var compared = Next(random, ["=", "!=", "<", "<=", ">", ">="]);
        var time = string.Create(CultureInfo.InvariantCulture, $"{s_start.ToUnixTimeMilliseconds() + random.Next(20)}{Next(random, ["", ".5"])}");
        var text = Next(random, [.. s_texts.Where(text => !text.Contains('"', StringComparison.Ordinal)), "%", "r%", "%i%E", "_idge", "%🚕%", "__", "l%x", "[a%"]);
        var match = Next(random, ["=", "!=", "LIKE", "ILIKE"]);
        var run = runs[random.Next(runs.Count)];
        return RunSearch.Filter(random.Next(10) switch
        {
            0 or 1 or 2 => $"metrics.m{random.Next(3)} {compared} {number}",
            3 or 4 => $"{Next(random, ["params", "tags"])}.{Next(random, ["kind", "Kind", "`a b/c`"])} {match} \"{text}\"",
            5 => $"{Next(random, ["start_time", "end_time"])} {compared} {time}",
            6 => $"{Next(random, ["run_name", "user_id", "artifact_uri", "run_id"])} {match} \"{text}\"",
            7 => $"status {match} '{Next(random, ["RUNNING", "FINISHED", "F%", "%ED", "failed", "other"])}'",
            8 => $"{Next(random, ["dataset.name", "dataset.context", "dataset.digest"])} {Next(random, ["IN", "NOT IN"])} ('training', 'ridge', '日本', '{run.Id}')",
            _ => $"run_id {Next(random, ["IN", "NOT IN"])} ('{run.Id}', '{runs[0].Id}')",
        });
    }
}
