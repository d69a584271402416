using Mlops.Data;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Tracking;

public sealed class SearchPlanTests
{
    private static readonly DateTimeOffset s_start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("metrics.m > 1", "c")]
    [InlineData("metrics.m >= 1", "bc")]
    [InlineData("metrics.m < 1", "a")]
    [InlineData("metrics.m <= 1", "ab")]
    [InlineData("metrics.m = 1", "b")]
    [InlineData("metrics.m != 1", "ac")]
    [InlineData("metrics.m < 1e999", "ab")]
    [InlineData("metrics.absent != 1", "")]
    [InlineData("params.p = 'x'", "a")]
    [InlineData("params.p != 'x'", "bc")]
    [InlineData("params.p LIKE 'x%'", "ab")]
    [InlineData("params.p LIKE 'X%'", "")]
    [InlineData("params.p ILIKE 'X%'", "ab")]
    [InlineData("params.p LIKE '_'", "ac")]
    [InlineData("tags.t = ''", "a")]
    [InlineData("run_id IN ('a', 'c', 'Z')", "ac")]
    [InlineData("run_id NOT IN ('a', 'c')", "bn")]
    [InlineData("dataset.name = 'd'", "ab")]
    [InlineData("dataset.name != 'd'", "b")]
    [InlineData("dataset.name = 'd' AND dataset.context = 'test'", "b")]
    [InlineData("dataset.name NOT IN ('d')", "b")]
    [InlineData("status = 'FINISHED'", "a")]
    [InlineData("status = 'finished'", "")]
    [InlineData("status ILIKE 'finished'", "a")]
    [InlineData("end_time > 0", "a")]
    [InlineData("user_id = 'ann'", "b")]
    [InlineData("artifact_uri = 'runs/a'", "a")]
    [InlineData("run_name = 'run a' AND metrics.m < 1", "a")]
    [InlineData("", "abcn")]
    public void Find_Filter_FindsWhatFulfilsIt(string filter, string expected)
        => Assert.Equal(expected, Find(new RunQuery { Filter = RunSearch.Filter(filter), OrderBy = RunSearch.Order("run_id") }).Ids);

    [Theory]
    [InlineData("metrics.m", "abcn")]
    [InlineData("metrics.m DESC", "cban")]
    [InlineData("params.p", "abcn")]
    [InlineData("params.p DESC", "cban")]
    [InlineData("end_time DESC", "ancb")]
    [InlineData("start_time", "abcn")]
    public void Find_Order_PutsNaNAndMissingLast(string order, string expected)
        => Assert.Equal(expected, Find(new RunQuery { OrderBy = RunSearch.Order(order) }).Ids);

    [Fact]
    public void Compare_NaNAndMissing_ComeLastInThisOrderInBothDirections()
    {
        SearchKey[] ascending = [SearchKey.Of(-1.5), SearchKey.Of(double.PositiveInfinity), SearchKey.Of("a"), SearchKey.Of("b"), SearchKey.Of(double.NaN), SearchKey.Missing];
        SearchKey[] descending = [ascending[3], ascending[2], ascending[1], ascending[0], ascending[4], ascending[5]];
        for (var i = 0; i < ascending.Length; i++)
        {
            for (var j = 0; j < ascending.Length; j++)
            {
                Assert.Equal(i.CompareTo(j), Math.Sign(SearchKey.Compare(ascending[i], ascending[j], isDescending: false)));
                Assert.Equal(i.CompareTo(j), Math.Sign(SearchKey.Compare(descending[i], descending[j], isDescending: true)));
            }
        }
    }

    [Fact]
    public void Find_NoOrder_IsLatestFirstThenById()
    {
        var runs = new[] { Run("b", 0), Run("a", 0), Run("c", 1) };
        Assert.Equal("cba", string.Concat(SearchPlan.For(new RunQuery()).Find(runs, RunSearch.Accessor).Items.Select(run => run.Id)));
    }

    [Fact]
    public void Find_PageByPage_FindsEveryRunOnceAlsoWhenRunsAreAdded()
    {
        var runs = Enumerable.Range(0, 50).Select(i => Run($"r{i:00}", i % 3) with { Metrics = Metrics(i % 5 == 0 ? double.NaN : i % 4) }).ToList();
        runs.AddRange(Enumerable.Range(50, 7).Select(i => Run($"r{i:00}", 1)));
        var query = new RunQuery { OrderBy = RunSearch.Order("metrics.m DESC"), MaxResults = 8 };
        var whole = SearchPlan.For(query with { MaxResults = 100 }).Find(runs, RunSearch.Accessor);
        Assert.Null(whole.NextPageToken);
        var found = new List<string>();
        var page = SearchPlan.For(query).Find(runs, RunSearch.Accessor);
        while (true)
        {
            found.AddRange(page.Items.Select(run => run.Id));
            Assert.InRange(page.Items.Count, 1, 8);
            if (page.NextPageToken is null) break;
            runs.Insert(0, Run($"new{found.Count}", 2) with { Metrics = Metrics(99) });
            page = SearchPlan.For(query with { PageToken = page.NextPageToken }).Find(runs, RunSearch.Accessor);
        }

        Assert.Equal(whole.Items.Select(run => run.Id), found);
    }

    [Fact]
    public void Find_PageIsFullAndNothingFollows_HasNoToken()
    {
        var page = SearchPlan.For(new RunQuery { MaxResults = 4 }).Find(Runs(), RunSearch.Accessor);
        Assert.Equal((4, null), (page.Items.Count, page.NextPageToken));
    }

    [Fact]
    public void For_TokenOfAnotherQuery_Throws()
    {
        var query = new RunQuery("e") { Filter = RunSearch.Filter("metrics.m < 9"), OrderBy = RunSearch.Order("params.p"), MaxResults = 1 };
        var token = SearchPlan.For(query).Find(Runs(), RunSearch.Accessor).NextPageToken!;
        Assert.Matches("^[A-Za-z0-9_-]+$", token);
        // A page may have another size than the one before.
        Assert.NotNull(SearchPlan.For(query with { PageToken = token, MaxResults = 7 }).After);
        RunQuery[] others =
        [
            query with { Filter = RunSearch.Filter("metrics.m < 8") }, query with { OrderBy = RunSearch.Order("params.p DESC") }, query with { OrderBy = [] },
            query with { View = LifecycleView.All }, query with { Experiments = ["f"] }, query with { Experiments = [], ExperimentIds = ["e"] },
        ];
        foreach (var other in others) Assert.Contains("another query", Assert.Throws<ArgumentException>(() => SearchPlan.For(other with { PageToken = token })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new ExperimentQuery { PageToken = token }));
    }

    [Fact]
    public void For_DamagedToken_Throws()
    {
        var query = new RunQuery { OrderBy = RunSearch.Order("params.p", "metrics.m", "end_time"), MaxResults = 1 };
        var token = SearchPlan.For(query).Find(Runs(), RunSearch.Accessor).NextPageToken!;
        for (var length = 0; length < token.Length; length++)
            Assert.Throws<ArgumentException>(() => SearchPlan.For(query with { PageToken = token[..length] }));
        foreach (var text in new[] { "", "!", "AAAA", token + "AAAA", "ÿ", "{\"offset\": 5}", "eyJvZmZzZXQiOiA1fQ==" })
            Assert.Throws<ArgumentException>(() => SearchPlan.For(query with { PageToken = text }));
        for (var i = 0; i < token.Length; i++)
        {
            var changed = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            try
            {
                Assert.Equal(5, SearchPlan.For(query with { PageToken = changed }).After!.Count);
            }
            catch (ArgumentException)
            {
                // Refused is right as well; anything else is not.
            }
        }
    }

    [Fact]
    public void CreateToken_AnyKeys_AreReadBack()
    {
        var plan = SearchPlan.For(new RunQuery { OrderBy = RunSearch.Order("params.p", "metrics.m", "end_time") });
        SearchKey[] keys = [SearchKey.Of("größe 𝒳"), SearchKey.Of(double.NaN), SearchKey.Missing, SearchKey.Of(double.NegativeInfinity), SearchKey.Of("")];
        var read = SearchPlan.For(new RunQuery { OrderBy = RunSearch.Order("params.p", "metrics.m", "end_time"), PageToken = plan.CreateToken(keys) });
        Assert.Equal(keys, read.After);
        Assert.Throws<ArgumentException>(() => plan.CreateToken([SearchKey.Missing]));
    }

    [Fact]
    public void For_FilterOrOrderOfAnotherSearch_Throws()
    {
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new ExperimentQuery { Filter = RunSearch.Metric("m") > 1 }));
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new RunQuery { Filter = ModelVersionSearch.Version > 1 }));
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new ModelQuery { Filter = ModelVersionSearch.RunId.Is("a") }));
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new ModelVersionQuery { OrderBy = [ModelVersionSearch.Source.Ascending] }));
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new ModelQuery { OrderBy = [ModelSearch.Tag("t").Ascending] }));
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new RunQuery { OrderBy = [RunSearch.Name.Ascending, RunSearch.Name.Descending] }));
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new RunQuery { OrderBy = [.. Enumerable.Range(0, 21).Select(i => RunSearch.Metric($"m{i}").Ascending)] }));
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new RunQuery { OrderBy = [new SearchOrder(new SearchField(SearchEntity.Metric, "a\0"))] }));
        Assert.Throws<ArgumentException>(() => SearchPlan.For(new RunQuery { Filter = RunSearch.Name.Like(new string('%', SearchPlan.MaxPatternLength + 1)) }));
        Assert.StartsWith("A page of runs holds 1 to 50000 of them; set MaxResults of the query.", Assert.Throws<ArgumentOutOfRangeException>(() => SearchPlan.For(new RunQuery { MaxResults = 0 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => SearchPlan.For(new RunQuery { MaxResults = RunQuery.MaxPageSize + 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SearchPlan.For(new RunQuery { View = (LifecycleView)9 }));
    }

    [Fact]
    public void For_EachSubject_CompletesItsOrder()
    {
        Assert.Equal(["metrics.m ASC", "attributes.start_time DESC", "attributes.run_id DESC"], Order(SearchPlan.For(new RunQuery { OrderBy = RunSearch.Order("metrics.m") })));
        Assert.Equal(["attributes.start_time ASC", "attributes.run_id ASC"], Order(SearchPlan.For(new RunQuery { OrderBy = RunSearch.Order("created") })));
        Assert.Equal(["attributes.start_time DESC", "attributes.run_id DESC"], Order(SearchPlan.For(new RunQuery { OrderBy = RunSearch.Order("created DESC") })));
        Assert.Equal(["attributes.run_id ASC", "attributes.start_time DESC"], Order(SearchPlan.For(new RunQuery { OrderBy = RunSearch.Order("run_id") })));
        Assert.Equal(["attributes.creation_time DESC", "attributes.experiment_id DESC"], Order(SearchPlan.For(new ExperimentQuery())));
        Assert.Equal(["attributes.name ASC", "attributes.experiment_id DESC"], Order(SearchPlan.For(new ExperimentQuery { OrderBy = ExperimentSearch.Order("name") })));
        Assert.Equal(["attributes.name ASC"], Order(SearchPlan.For(new ModelQuery())));
        Assert.Equal(
            ["attributes.last_updated_timestamp DESC", "attributes.name ASC", "attributes.version_number DESC"], Order(SearchPlan.For(new ModelVersionQuery())));
        static IEnumerable<string> Order(SearchPlan plan) => plan.Order.Select(key => key.ToString());
    }

    [Fact]
    public void Find_Experiments_OrdersIdentifiersAsNumbers()
    {
        var experiments = new[] { "10", "9", "100" }.Select(id => new Experiment(id, "e" + id, LifecycleStage.Active, s_start)).ToArray();
        Assert.Equal(["100", "10", "9"], SearchPlan.For(new ExperimentQuery()).Find(experiments, ExperimentSearch.Accessor).Items.Select(item => item.Id));
        Assert.Equal(
            ["10", "100"],
            SearchPlan.For(new ExperimentQuery { Filter = ExperimentSearch.Filter("name LIKE 'e10%'"), OrderBy = ExperimentSearch.Order("experiment_id") })
                .Find(experiments, ExperimentSearch.Accessor).Items.Select(item => item.Id));
    }

    private static (string Ids, string? Token) Find(RunQuery query)
    {
        var page = SearchPlan.For(query).Find(Runs(), RunSearch.Accessor);
        return (string.Concat(page.Items.Select(run => run.Id)), page.NextPageToken);
    }

    private static RunSnapshot[] Runs() =>
    [
        Run("n", 3) with { Metrics = Metrics(double.NaN) },
        Run("c", 2) with { Metrics = Metrics(double.PositiveInfinity), Params = new Dictionary<string, string> { ["p"] = "z" } },
        Run("b", 1) with
        {
            Metrics = Metrics(1), User = "ann", Params = new Dictionary<string, string> { ["p"] = "xy" },
            Inputs = [Input("d", "training"), Input("e", "test")],
        },
        Run("a", 0) with
        {
            Metrics = Metrics(-5), Params = new Dictionary<string, string> { ["p"] = "x" }, Tags = new Dictionary<string, string> { ["t"] = "" },
            Inputs = [Input("d", "training")], Status = RunStatus.Finished, EndTime = s_start.AddHours(1),
        },
    ];

    private static RunSnapshot Run(string id, int minute) => new(id, "0", "run " + id, RunStatus.Running, s_start.AddMinutes(minute));

    private static Dictionary<string, Metric> Metrics(double value) => new() { ["m"] = new Metric("m", value, 0, s_start) };

    private static DatasetInput Input(string name, string context) => new(new DatasetReference(name, new string('a', 64), 1, new DataSchema([])), context);
}
