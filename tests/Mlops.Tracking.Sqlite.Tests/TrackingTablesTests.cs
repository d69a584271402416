using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Mlops.Data;

namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>The tables of limits and of defaults in docs/tracking.md say what the code does.</summary>
public sealed partial class TrackingTablesTests : IAsyncDisposable
{
    private static readonly object[] s_options = [new TrackerOptions(), new SpoolOptions(), new SecretOptions(), new RegistryOptions(), new SqliteTrackingOptions()];
    private static readonly object[] s_queries = [new RunQuery(), new ExperimentQuery(), new ModelQuery(), new ModelVersionQuery(), new MetricQuery("r", "m")];

    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public void Defaults_OfDocumentation_AreThoseOfTheOptions()
    {
        var rows = Default().Matches(ReadDocument()).Select(row => (Name: row.Groups["name"].Value, Value: row.Groups["value"].Value.Trim(), Meaning: row.Groups["rest"].Value)).ToArray();
        var options = s_options.SelectMany(options => options.GetType().GetProperties().Where(property => property.CanWrite).Select(property => (options, property)))
            .Concat(s_queries.Select(query => (options: query, property: query.GetType().GetProperty("MaxResults")!)));
        var present = options.ToDictionary(option => $"{option.options.GetType().Name}.{option.property.Name}", option => Show(option.property, option.options));
        Assert.Equal(present.Keys.Order(StringComparer.Ordinal), rows.Select(row => row.Name).Order(StringComparer.Ordinal));
        Assert.All(rows, row => Assert.Equal(present[row.Name] ?? row.Value, row.Value));
        foreach (var query in s_queries)
        {
            if (query.GetType().GetField("MaxPageSize") is { } limit)
                Assert.Contains($"at most {Show(limit.GetValue(null))} |", rows.Single(row => row.Name == query.GetType().Name + ".MaxResults").Meaning, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Limits_OfDocumentation_AreThoseOfTheStores()
    {
        var tracking = await _file.OpenTrackingAsync();
        await using var run = await tracking.Tracker.StartRunAsync("e", null, Token);
        var version = await tracking.Registry.RegisterVersionAsync("m", new NewModelVersion("models/m", Digest), Token);
        var experiment = await tracking.Tracker.Experiments.FindExperimentAsync("e", Token);
        var count = 0;
        var attempts = new Dictionary<string, Func<string, Task>[]>(StringComparer.Ordinal)
        {
            ["name of a param, a metric, a tag"] = [Of(text => run.LogParam(text, "")), Of(text => run.LogMetric(text, 1)), Of(text => run.SetTag(text, ""))],
            ["value of a param"] = [Of(text => run.LogParam($"p{count++}", text))],
            ["value of a run's tag, a note"] = [Of(text => run.SetTag("t", text)), Of(run.SetNote)],
            ["value of an experiment's tag"] = [text => tracking.Tracker.Experiments.UpdateExperimentAsync(experiment!.Id, new ExperimentChanges { Tags = [new("t", text)] }, Token)],
            ["value of a tag of a model or a version"] =
            [
                text => tracking.Registry.SetVersionTagAsync("m", version.Version, "t", text, Token),
                text => tracking.Registry.UpdateModelAsync("m", new RegisteredModelChanges { Tags = [new("t", text)] }, Token),
            ],
            ["name of an experiment"] = [text => tracking.Tracker.Experiments.CreateExperimentAsync(text, null, Token)],
            ["name of a run"] = [Of(run.SetName)],
            ["name, digest and context of a dataset"] = [Of(text => LogInput(name: text)), Of(text => LogInput(digest: text)), Of(text => LogInput(context: text))],
            ["source of a dataset"] = [Of(text => LogInput(source: text))],
            ["name of a model"] = [text => tracking.Registry.CreateModelAsync(text, "", null, Token)],
            ["alias"] = [text => tracking.Registry.SetAliasAsync("m", text, 1, default, Token)],
            ["description of a model or a version"] =
            [
                text => tracking.Registry.UpdateModelAsync("m", new RegisteredModelChanges { Description = text }, Token),
                text => tracking.Registry.UpdateVersionAsync("m", version.Version, new ModelVersionChanges { Description = text }, Token),
            ],
            // Segments of a path are shorter.
            ["source of a version"] = [text => RegisterAsync(new NewModelVersion(string.Concat(text.Select((c, i) => i % 100 == 50 ? '/' : c)), Digest))],
            ["run, dataset digest and code version of a lineage"] =
            [
                text => RegisterAsync(new NewModelVersion("s", Digest) { Lineage = new Lineage(RunId: text) }),
                text => RegisterAsync(new NewModelVersion("s", Digest) { Lineage = new Lineage(DatasetDigest: text) }),
                text => RegisterAsync(new NewModelVersion("s", Digest) { Lineage = new Lineage(CodeVersion: text) }),
            ],
            ["request key"] = [text => RegisterAsync(new NewModelVersion("s", Digest) { RequestKey = text })],
        };
        var rows = Limit().Matches(ReadDocument()).ToDictionary(row => row.Groups["what"].Value, row => int.Parse(row.Groups["limit"].Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture), StringComparer.Ordinal);
        Assert.Equal(attempts.Keys.Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        foreach (var (what, limit) in rows)
        {
            foreach (var attempt in attempts[what])
            {
                await attempt(new string('x', limit));
                var error = await Record.ExceptionAsync(() => attempt(new string('x', limit + 1)));
                Assert.True(error is ArgumentException or FormatException, $"{what}: {limit + 1} characters gave {error?.GetType().Name ?? "no exception"}.");
            }
        }

        await run.FlushAsync(Token);

        void LogInput(string name = "d", string digest = "1", string context = "training", string? source = null)
            => run.LogInput(new DatasetReference(name, digest, 1, new DataSchema([new ColumnSchema("x", ElementType.Float64)]), source), context);

        Task RegisterAsync(NewModelVersion version) => tracking.Registry.RegisterVersionAsync("m", version, Token);
    }

    private static string Digest => new('a', 64);

    private static Func<string, Task> Of(Action<string> log) => text =>
    {
        log(text);
        return Task.CompletedTask;
    };

    // What is null by default has words instead.
    private static string? Show(PropertyInfo property, object options) => property.GetValue(options) switch
    {
        null => null,
        long bytes when bytes % (1 << 30) == 0 => $"{Show(bytes >> 30)} GiB",
        long bytes when bytes % (1 << 20) == 0 => $"{Show(bytes >> 20)} MiB",
        TimeSpan time when time >= TimeSpan.FromSeconds(1) => $"{Show((long)time.TotalSeconds)} s",
        TimeSpan time => $"{Show((long)time.TotalMilliseconds)} ms",
        bool flag => flag ? "yes" : "no",
        var value => Show(value),
    };

    private static string Show(object? value) => string.Create(CultureInfo.InvariantCulture, $"{value:N0}");

    private static string ReadDocument()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Mlops.sln"))) root = root.Parent!;
        return File.ReadAllText(Path.Combine(root.FullName, "docs", "tracking.md")).ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"^\| `(?<name>\w+\.\w+)` \| (?<value>[^|]+) \|(?<rest>[^\n]*\|)$", RegexOptions.Multiline)]
    private static partial Regex Default();

    [GeneratedRegex(@"^\| (?<what>[^|`]+) \| (?:at most|1 to) (?<limit>[\d,]+)[^\n]*\|$", RegexOptions.Multiline)]
    private static partial Regex Limit();
}
