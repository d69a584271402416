using Mlops.Tracking;
using Xunit;

namespace Mlops.Testing;

/// <content>Limits of names, values and texts.</content>
public abstract partial class RunStoreConformance
{
    /// <summary>Names and values beyond the limits are refused; at the limits they are kept.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_BeyondLimits_ThrowsArgumentException()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        foreach (var name in new[] { "", new string('n', 251), "a//b", "../a", "/a", "a/", "a\nb", "a*b" })
            await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param(name, "1")] }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param("p", new string('v', 6001))] }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Tags = [KeyValuePair.Create("t", new string('v', 8001))] }));
        var longest = new string('n', 250);
        await UpdateAsync(stores, run.Id, new RunChanges { Params = [new Param(longest, new string('v', 6000))], Tags = [KeyValuePair.Create(longest, new string('v', 8000))] });
        Assert.Equal(6000, (await stores.Runs.FindRunAsync(run.Id, Token))!.Params[longest].Length);
    }

    /// <summary>Text that no store can keep, or that is far too long, is refused with its place, and changes nothing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_TextThatCannotBeKept_ThrowsArgumentException()
    {
        var stores = await CreateAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        foreach (var bad in new[] { "ab\0", "ab\ud800", "ab\udc00x" })
        {
            RunChanges[] changes =
            [
                new() { Name = bad }, new() { Params = [new Param("p", bad)] }, new() { Params = [new Param(bad, "1")] }, new() { Tags = [KeyValuePair.Create("t", bad)] },
                new() { Tags = [KeyValuePair.Create(bad, "1")] }, new() { RemovedTags = [bad] }, new() { Inputs = [Input(bad)] }, new() { Inputs = [Input("a") with { Context = bad }] },
            ];
            foreach (var change in changes) Assert.Contains("2", (await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, change))).Message, StringComparison.Ordinal);
            await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.CreateRunAsync(run with { Id = Ids.Create(TimeProvider.System), User = bad }, null, Token));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => stores.Runs.FindRunAsync(bad, Token));
        }

        var tag = new string('v', 10_000_000);
        Assert.True((await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Tags = [KeyValuePair.Create("t", tag)] }))).Message.Length < 1000);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Name = new string('n', 251) }));
        await UpdateAsync(stores, run.Id, new RunChanges { Tags = [KeyValuePair.Create("t", "🚕 \uFFFF \u0001")] });
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equal(new Dictionary<string, string> { ["t"] = "🚕 \uFFFF \u0001" }, found.Tags);
        Assert.Empty(found.Params);
    }

    /// <summary>Everything is kept that is as long as it may be, in characters of three bytes, and found again by it.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task UpdateRunAsync_AtTheLimits_IsKept()
    {
        var stores = await CreateAsync();
        var experiment = await stores.Experiments.CreateExperimentAsync(Long(500, 1), new Dictionary<string, string> { [Long(250, 2)] = Long(5000, 3) }, Token);
        var run = new RunSnapshot(Ids.Create(TimeProvider.System), experiment.Id, Long(250, 4), RunStatus.Running, s_start)
        {
            User = Long(256, 5),
            Params = new Dictionary<string, string> { [Long(250, 6)] = Long(6000, 7) },
            Tags = new Dictionary<string, string> { [Long(250, 8)] = Long(8000, 9) },
            Inputs = [Input(Long(500, 10), Long(500, 11), Long(500, 12))],
        };
        await stores.Runs.CreateRunAsync(run, null, Token);
        DatasetInput[] inputs =
        [
            run.Inputs[0], Input(Long(499, 10) + "x", Long(500, 11), Long(500, 12)), Input(Long(500, 10), Long(499, 11) + "x", Long(500, 12)), Input(Long(500, 10), Long(500, 11), Long(499, 12) + "x"),
        ];
        for (var i = 0; i < 2; i++) await UpdateAsync(stores, run.Id, new RunChanges { Inputs = inputs });
        await stores.Metrics.AppendAsync([new MetricBatch(run.Id, Long(250, 13), 1, new[] { new Metric(Long(250, 14), 1, 1, s_start) })], Token);
        var found = (await stores.Runs.FindRunAsync(run.Id, Token))!;
        Assert.Equivalent(run with { Inputs = inputs, Metrics = new Dictionary<string, Metric> { [Long(250, 14)] = new(Long(250, 14), 1, 1, s_start) } }, found, strict: true);
        foreach (var field in new[] { ("name", 10), ("digest", 11), ("context", 12) })
        {
            var query = new RunQuery(experiment.Name) { Filter = RunSearch.Filter($"dataset.{field.Item1} = '{Long(500, field.Item2)}'") };
            Assert.Equal(run.Id, Assert.Single((await stores.Runs.SearchRunsAsync(query, Token)).Items).Id);
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(() => UpdateAsync(stores, run.Id, new RunChanges { Inputs = [Input(Long(501, 10), "d", "c")] }));
    }

    // Characters of three bytes in an order that nothing can shorten.
    private static string Long(int length, int seed) => string.Create(length, seed, static (text, seed) =>
    {
        var state = (uint)seed * 2654435761u;
        for (var i = 0; i < text.Length; i++)
        {
            state = (state * 1664525u) + 1013904223u;
            text[i] = (char)(0x4E00 + ((state >> 8) % 20_000));
        }
    });

    private static DatasetInput Input(string name, string digest, string context)
    {
        var input = Input(name);
        return input with { Dataset = input.Dataset with { Digest = digest }, Context = context };
    }
}
