using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tracking;
using Day = Mlops.Serving.Tests.X;
using Rides = Mlops.Serving.Tests.Y;

namespace Mlops.Serving.Tests.Batching;

/// <summary>The examples and the figures of docs/batching.md.</summary>
public sealed partial class BatchingDocumentTests : IDisposable
{
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Example_OfDocument_Runs()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IModelResolver>(_fixture.Resolver).AddSingleton<IArtifactStore>(_fixture.Artifacts).AddSingleton<IModelFlavor>(_fixture.Flavor);
        services.AddMlops().AddServing(s => s.ConfigureLoader(options => options.CacheDirectory = _fixture.Cache));
        // docs: batching.md
        services.AddMlops().AddServing(s => s
            .AddModel<Day, Rides>("ridership", "models:/factors@champion", model => model.UseBatching(batching =>
            {
                batching.MaxBatchRows = 64;
                batching.LatencyObjective = TimeSpan.FromMilliseconds(50);
            })));
        // end
        await _fixture.PointToAsync(3);
        await using var provider = services.BuildServiceProvider();
        var host = provider.GetRequiredService<ModelHost>();
        await host.ReloadAsync("ridership", ServingFixture.Token);
        Assert.Equal(new Rides(6, 3), await provider.GetRequiredKeyedService<IPredictor<Day, Rides>>("ridership").PredictAsync(new Day(2), cancellationToken: ServingFixture.Token));
        Assert.NotNull(host.Get("ridership").GetService<BatchingPredictor>());
    }

    [Fact]
    public async Task Deadline_OfDocument_IsMetOrTold()
    {
        await _fixture.PointToAsync(3);
        await using var host = _fixture.CreateHost();
        await host.AddAsync("ridership", ServingFixture.Champion, new HostedModelOptions().UseBatching(), ServingFixture.Token);
        var (predictor, day, rides, cancellationToken) = (host.GetTyped<Day, Rides>("ridership"), new Day(2), default(Rides), ServingFixture.Token);
        // docs: batching.md
        var context = new PredictionContext { Deadline = DateTimeOffset.UtcNow.AddSeconds(10), Priority = PredictionPriority.Interactive };
        try
        {
            rides = await predictor.PredictAsync(day, context, cancellationToken);
        }
        catch (PredictionRejectedException rejected) when (rejected.RetryAfter is { } wait)
        {
            await Task.Delay(wait, cancellationToken); // then it makes sense to ask again; without RetryAfter it does not
        }
        // end
        Assert.Equal(new Rides(6, 3), rides);
    }

    [Fact]
    public async Task Status_OfDocument_IsMissingUntilTheModelIsLoaded()
    {
        var (gate, time) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), _fixture.Time);
        await _fixture.PointToAsync(3);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, WarmUp = false });
        host.Add("ridership", ModelSource.FromRegistry(ServingFixture.Champion), new HostedModelOptions().UseBatching(batching => batching.HangTimeout = TimeSpan.FromSeconds(30)));
        Assert.Null(Report());
        Assert.Equal(new Rides(6, 3), await host.GetTyped<Day, Rides>("ridership").PredictAsync(new Day(2), cancellationToken: ServingFixture.Token));
        Assert.True(Report()!.IsHealthy);
        _fixture.Flavor.BeforePredict = _ => gate.Task;
        var hanging = ServingFixture.PredictAsync(host.Get("ridership"));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.False(Report()!.IsHealthy);
        gate.SetResult();
        await hanging;

        BatchingStatus? Report()
        {
            ILogger logger = _fixture.Loggers;
            // docs: batching.md
            BatchingStatus? status = host.Get("ridership").GetService<BatchingPredictor>()?.GetStatus(); // null while the model is not in memory
            if (status is { IsHealthy: false }) logger.LogError("The model hangs: {Status}", status);
            // end
            return status;
        }
    }

    [Fact]
    public void CodeBlocks_OfDocument_AreTheExamples()
    {
        var root = FindRoot();
        var source = File.ReadAllText(Path.Combine(root, "tests", "Mlops.Serving.Tests", "Batching", "BatchingDocumentTests.cs")).ReplaceLineEndings("\n");
        var examples = Example().Matches(source).Select(match => match.Groups["code"].Value.Split('\n')).Select(lines => string.Join('\n', lines.Select(line => line.Length > Indent(lines) ? line[Indent(lines)..] : "")).Trim());
        Assert.Equal(examples, CodeBlock().Matches(Document(root)).Select(match => match.Groups["code"].Value.Trim()));

        static int Indent(string[] lines) => lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
    }

    [Fact]
    public void Options_OfDocument_ExistWithTheirDefaults()
    {
        var document = Document(FindRoot());
        var defaults = new BatchingOptions();
        foreach (var (name, value) in new (string, object?)[]
        {
            (nameof(BatchingOptions.MaxBatchRows), defaults.MaxBatchRows),
            (nameof(BatchingOptions.QueueCapacity), defaults.QueueCapacity),
            (nameof(BatchingOptions.NormalQueueRatio), defaults.NormalQueueRatio),
            (nameof(BatchingOptions.BackgroundQueueRatio), defaults.BackgroundQueueRatio),
            (nameof(BatchingOptions.HangTimeout), defaults.HangTimeout.TotalSeconds),
        })
        {
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"| `{name}` | {value:#,0.##} "), document, StringComparison.Ordinal);
        }
    }

    private static string Document(string root) => File.ReadAllText(Path.Combine(root, "docs", "batching.md")).ReplaceLineEndings("\n");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Mlops.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"// docs: batching.md\n(?<code>.*?)\n[ ]*// end", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
