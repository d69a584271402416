using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml.Linq;
using Mlops.Reports;
using Mlops.Tests;

namespace Mlops.Tracking.Tests;

public sealed partial class RunExtensionsTests
{
    private readonly FaultyStore _store = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LogJsonAsync_Value_IsStoredAsJson()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var stored = await run.LogJsonAsync("a/b.json", new Confusion(3, double.NegativeZero), ConfusionContext.Default.Confusion, Token);
        Assert.Equal(new Confusion(3, 0), JsonSerializer.Deserialize(await ReadAsync(stored.Path), ConfusionContext.Default.Confusion));
    }

    [Fact]
    public async Task LogJsonAsync_WithoutTypeInfo_IsStoredAsJson()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var plain = await run.LogJsonAsync("a.json", new Dictionary<string, object> { ["depth"] = 3, ["kind"] = "größe" }, cancellationToken: Token);
        Assert.Equal(3, JsonDocument.Parse(await ReadAsync(plain.Path)).RootElement.GetProperty("depth").GetInt32());
        var named = await run.LogJsonAsync("b.json", new { MaxDepth = 3 }, JsonSerializerOptions.Web, Token);
        Assert.Equal("{\"maxDepth\":3}", await ReadAsync(named.Path));
    }

    [Fact]
    public async Task LogTextAsync_HalfOfASurrogatePair_Throws()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        Assert.Contains("position 2", (await Assert.ThrowsAsync<ArgumentException>(() => run.LogTextAsync("a.txt", "ab\ud800c", Token))).Message, StringComparison.Ordinal);
        Assert.Equal("😀\0", await ReadAsync((await run.LogTextAsync("b.txt", "😀\0", Token)).Path));
    }

    [Fact]
    public async Task LogFolderAsync_Links_AreStoredAsTheirFilesOrRefused()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-folder-");
        try
        {
            var inner = folder.CreateSubdirectory("model").CreateSubdirectory("data");
            await File.WriteAllTextAsync(Path.Combine(inner.FullName, "weights.txt"), "1", Token);
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "outside.txt"), "2", Token);
            var model = inner.Parent!.FullName;
            File.CreateSymbolicLink(Path.Combine(model, "latest.txt"), Path.Combine("data", "weights.txt"));
            await using var tracker = _store.NewTracker();
            await using var run = await tracker.StartRunAsync("e", null, Token);
            var stored = await run.LogFolderAsync(model, "m", Token);
            Assert.Equal(["m/data/weights.txt", "m/latest.txt"], stored.Select(file => file.Path[(file.Path.IndexOf("/m/", StringComparison.Ordinal) + 1)..]));
            Assert.Equal("1", await ReadAsync(stored[1].Path));

            File.CreateSymbolicLink(Path.Combine(model, "away.txt"), Path.Combine("..", "outside.txt"));
            var error = await Assert.ThrowsAsync<StorageException>(() => run.LogFolderAsync(model, "n", Token));
            Assert.Contains("away.txt", error.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<DirectoryNotFoundException>(() => run.LogFolderAsync(Path.Combine(model, "none"), null, Token));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task LogFileAsync_NoFile_SaysWithWhatToLogIt()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-folder-");
        try
        {
            await using var tracker = _store.NewTracker();
            await using var run = await tracker.StartRunAsync("e", null, Token);
            var error = await Assert.ThrowsAsync<ArgumentException>(() => run.LogFileAsync(folder.FullName, cancellationToken: Token));
            Assert.StartsWith($"'{folder.FullName}' is a folder; log its files with LogFolderAsync.", error.Message, StringComparison.Ordinal);

            var file = Path.Combine(folder.FullName, "file");
            await File.WriteAllTextAsync(file, "1", Token);
            var missing = await Assert.ThrowsAsync<DirectoryNotFoundException>(() => run.LogFolderAsync(file, cancellationToken: Token));
            Assert.Contains("is a file, not a folder; log it with LogFileAsync.", missing.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task LogFileAsync_LogFolderAsync_NamedPipe_AreRefusedInsteadOfWaiting()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-folder-");
        try
        {
            var pipe = Path.Combine(folder.FullName, "pipe");
            NamedPipe.Create(pipe);
            File.CreateSymbolicLink(Path.Combine(folder.FullName, "link"), "pipe");
            await using var tracker = _store.NewTracker();
            await using var run = await tracker.StartRunAsync("e", null, Token);
            foreach (var file in new[] { pipe, Path.Combine(folder.FullName, "link") })
            {
                var error = await Assert.ThrowsAsync<ArgumentException>(() => run.LogFileAsync(file, cancellationToken: Token));
                Assert.StartsWith($"'{file}' is a named pipe, not a file; open it yourself", error.Message, StringComparison.Ordinal);
            }

            Assert.Contains("is a device", (await Assert.ThrowsAsync<ArgumentException>(() => run.LogFileAsync("/dev/zero", cancellationToken: Token))).Message, StringComparison.Ordinal);
            var refused = await Assert.ThrowsAsync<StorageException>(() => run.LogFolderAsync(folder.FullName, cancellationToken: Token));
            Assert.Contains("is a named pipe, not a file", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task LogFigureAsync_Charts_AreImagesThatStandAlone()
    {
        await using var tracker = _store.NewTracker();
        await using var run = await tracker.StartRunAsync("e", null, Token);
        var line = new LineChart("Loss <1> & more", "nats").AddSeries("train \"a\"", [new(DateTimeOffset.UnixEpoch, 1), new(DateTimeOffset.UnixEpoch.AddDays(1), 0.5)]).AddThreshold("goal", 0.6);
        foreach (var chart in new Chart[] { line, new BarChart("Bars").AddBar("größe", 1).SetThreshold("t", 0.5), new BarChart("Empty") })
        {
            var svg = XDocument.Parse(await ReadAsync((await run.LogFigureAsync("plot.svg", chart, Token)).Path)).Root!;
            Assert.Equal("{http://www.w3.org/2000/svg}svg", svg.Name.ToString());
            Assert.Equal(chart.Title, svg.Elements().First().Value);
            // Nothing from elsewhere, no script, and no variables that programs for images do not know.
            Assert.DoesNotContain(svg.DescendantsAndSelf(), element => element.Name.LocalName is "script" or "foreignObject" or "image" || element.Attributes().Any(attribute => attribute.Name.LocalName is "href"));
            Assert.DoesNotContain("var(", svg.ToString(), StringComparison.Ordinal);
        }

        var texts = XDocument.Parse(line.ToSvg()).Descendants("{http://www.w3.org/2000/svg}text").Select(text => text.Value).ToArray();
        Assert.Contains("train \"a\"", texts);
        Assert.Contains("goal (0.6)", texts);
    }

    private async Task<string> ReadAsync(string path)
    {
        using var reader = new StreamReader(await _store.Artifacts.OpenReadAsync(path, cancellationToken: Token));
        return await reader.ReadToEndAsync(Token);
    }

    private sealed record Confusion(int Count, double Rate);

    [JsonSerializable(typeof(Confusion))]
    private sealed partial class ConfusionContext : JsonSerializerContext;
}
