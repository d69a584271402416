using System.Globalization;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class SqliteRunSearchPlansTests : IAsyncDisposable
{
    private const int Count = 300;
    private static readonly DateTimeOffset s_start = new(2024, 2, 29, 12, 0, 0, TimeSpan.Zero);
    private static readonly string s_long = new('x', 70);

    // None of them, all, and each way with little and with much patience.
    private static readonly RunSearchLimits s_few = new() { FewRuns = 0, FirstStretch = 5, SecondStretch = 5, Promising = 1000, SortableRuns = 0 };

    private static readonly RunSearchLimits[] s_limits =
    [
        new(), s_few with { IsScanning = false }, s_few with { SortableRuns = 50, IsScanning = false }, s_few, s_few with { CheckedRuns = 0 }, s_few with { CheckedRuns = 20, ListedRuns = 40 },
        s_few with { FewRuns = 20 }, s_few with { ListedRuns = 1, CheckedRuns = 0 }, s_few with { FirstStretch = 40, SecondStretch = 80, Promising = 5 },
    ];

    private readonly SqliteFile _file = new();

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    /// <summary>Whichever way a search takes, its pages are the same, tokens included.</summary>
    [Fact]
    public async Task SearchRunsAsync_AnyPlan_ReturnsTheSamePages()
    {
        var database = _file.OpenDatabase();
        await FillAsync(database);
        var (random, found) = (new Random(7), 0);
        for (var i = 0; i < 120; i++)
        {
            var query = NextQuery(random);
            var expected = await ReadAsync(new RelationalRunStore(database) { SearchLimits = s_limits[0] }, query);
            found += expected.Count;
            foreach (var limits in s_limits[1..])
            {
                var pages = await ReadAsync(new RelationalRunStore(database) { SearchLimits = limits }, query);
                Assert.True(expected.SequenceEqual(pages), $"filter {query.Filter}, order {string.Join(", ", query.OrderBy)}, {query.View}, pages of {query.MaxResults}: {limits}");
            }
        }

        // What finds nothing compares nothing.
        Assert.True(found > 3000, $"Only {found} runs and tokens were compared.");
    }

    [Fact]
    public async Task SearchRunsAsync_CanceledWithinAScan_Throws()
    {
        var database = _file.OpenDatabase();
        using var source = new CancellationTokenSource();
        await database.ReadAtOnceAsync(
            "scan",
            async connection =>
            {
                var visited = 0;
                await using var command = connection.CreateCommand();
                command.CommandText = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i / 2.0 FROM n";
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Dialect.ScanAsync(
                    command,
                    (number, half) =>
                    {
                        Assert.Equal(number / 2.0, half);
                        if (++visited == 10) source.Cancel();
                        return true;
                    },
                    source.Token));
                return 0;
            },
            TestContext.Current.CancellationToken);
    }

    private static async Task<List<string>> ReadAsync(RelationalRunStore store, RunQuery query)
    {
        var read = new List<string>();
        do
        {
            var page = await store.SearchRunsAsync(query, TestContext.Current.CancellationToken);
            read.AddRange(page.Items.Select(run => run.Id));
            if (page.NextPageToken is { } token) read.Add(token);
            query = query with { PageToken = page.NextPageToken };
        }
        while (query.PageToken is not null);
        return read;
    }

    private static async Task FillAsync(RelationalDatabase database)
    {
        var (experiments, runs, metrics, random) = (new RelationalExperimentStore(database), new RelationalRunStore(database), new RelationalMetricAppender(database), new Random(11));
        var token = TestContext.Current.CancellationToken;
        string[] ids = [(await experiments.CreateExperimentAsync("e0", null, token)).Id, (await experiments.CreateExperimentAsync("e1", null, token)).Id];
        var (batches, deleted) = (new List<MetricBatch>(), new List<string>());
        for (var i = 0; i < Count; i++)
        {
            var run = new RunSnapshot(string.Create(CultureInfo.InvariantCulture, $"{random.NextInt64():x16}{i:x16}"), ids[random.Next(4) == 0 ? 1 : 0], "a run", (RunStatus)random.Next(2), s_start.AddSeconds(random.Next(Count / 2)))
            {
                Params = new Dictionary<string, string> { ["kind"] = $"k{random.Next(3)}", ["long"] = s_long + random.Next(2).ToString(CultureInfo.InvariantCulture) },
                Tags = random.Next(3) == 0 ? [] : new Dictionary<string, string> { ["t"] = $"t{random.Next(2)}" },
            };
            await runs.CreateRunAsync(run, null, token);
            if (random.Next(10) == 0) deleted.Add(run.Id);
            // The second is ordered against the first; the third is often NaN or missing; the fourth is nearly always the same.
            var first = random.NextDouble();
            var logged = new List<Metric> { new("m0", first, 1, s_start), new("m1", 1 - first, 1, s_start), new("m3", random.Next(5) == 0 ? 1 : 0, 1, s_start) };
            if (random.Next(3) > 0) logged.Add(new Metric("m2", random.Next(3) == 0 ? double.NaN : random.Next(20), 1, s_start));
            batches.Add(new MetricBatch(run.Id, "w", 1, logged.ToArray()));
        }

        await metrics.AppendAsync(batches, token);
        foreach (var run in deleted) await runs.SetRunStageAsync(run, LifecycleStage.Deleted, token);
    }

    private static RunQuery NextQuery(Random random)
    {
        string[] conditions =
        [
            string.Create(CultureInfo.InvariantCulture, $"metrics.m0 > {random.NextDouble()}"), "metrics.m1 <= 0.5", "metrics.m2 != 3", "metrics.m3 = 0", "params.kind = 'k1'", "params.kind LIKE 'k%'",
            $"params.long = '{s_long}1'", "tags.t = 't1'", "tags.t != 't1'", "status = 'RUNNING'", string.Create(CultureInfo.InvariantCulture, $"start_time >= {s_start.AddSeconds(50).ToUnixTimeMilliseconds()}"),
        ];
        string[] orders = ["metrics.m0 DESC", "metrics.m1 DESC", "metrics.m1", "metrics.m2", "metrics.m2 DESC", "metrics.m3", "metrics.m3 DESC", "start_time", "start_time DESC", "params.kind"];
        random.Shuffle(conditions);
        random.Shuffle(orders);
        return new RunQuery(random.Next(3) switch { 0 => [], 1 => ["e0"], _ => ["e0", "e1"] })
        {
            Filter = RunSearch.Filter(string.Join(" AND ", conditions.Take(random.Next(4)))),
            OrderBy = RunSearch.Order([.. orders.DistinctBy(order => order.Split(' ')[0]).Take(1 + random.Next(2))]),
            View = random.Next(4) == 0 ? LifecycleView.All : LifecycleView.ActiveOnly,
            MaxResults = random.Next(5) == 0 ? 1000 : 5 + random.Next(60),
        };
    }
}
