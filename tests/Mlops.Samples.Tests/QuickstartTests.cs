using System.Diagnostics;
using Mlops.Tracking;
using Mlops.Tracking.Sqlite;

namespace Mlops.Samples.Tests;

public sealed class QuickstartTests : IDisposable
{
    private readonly string _artifacts = Directory.CreateTempSubdirectory("mlops-quickstart-").FullName;

    public void Dispose() => Directory.Delete(_artifacts, recursive: true);

    /// <summary>A run, a second one into the same database, one that is killed, and one that finds it.</summary>
    [Fact]
    public async Task Run_AgainAndAfterSigkill_GoesOnInTheSameDatabase()
    {
        AssertTellsOfEachStepAndFile(await RunAsync());
        Assert.True(new FileInfo(Path.Combine(_artifacts, "report.html")).Length > 10_000);
        Assert.Contains("[6/6]", await RunAsync(), StringComparison.Ordinal);

        await KillInTheReplayAsync();
        var output = await RunAsync();

        Assert.Contains("was interrupted", output, StringComparison.Ordinal);
        await using var tracking = await SqliteTracking.OpenAsync(
            Path.Combine(_artifacts, "mlops.db"), new SqliteTrackingOptions { ArtifactRoot = Path.Combine(_artifacts, "store") }, cancellationToken: TestContext.Current.CancellationToken);
        var replays = new List<RunSnapshot>();
        await foreach (var run in tracking.Tracker.SearchRunsAsync(new RunQuery("ridership"), TestContext.Current.CancellationToken))
        {
            if (run.Name == "replay") replays.Add(run);
        }

        Assert.Equal(3, replays.Count(run => run.Status == RunStatus.Finished));
        Assert.Equal(1, replays.Count(run => run.Status == RunStatus.Killed));
    }

    [Theory]
    [InlineData(0, "--help")]
    [InlineData(2, "--unknown")]
    [InlineData(2, "--until", "1999")]
    [InlineData(2, "--until")]
    public async Task Run_HelpOrUnknownArguments_TellsTheUsage(int exitCode, params string[] arguments)
    {
        using var process = Start(arguments);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(exitCode, process.ExitCode);
        Assert.Contains("Usage: Quickstart [--until YEAR]", exitCode == 0 ? output : await errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", await errors, StringComparison.Ordinal);
    }

    /// <summary>No step is silent, and what the last one names as written is there: all of it but what only the program itself needs.</summary>
    private void AssertTellsOfEachStepAndFile(string output)
    {
        var lines = output.ReplaceLineEndings("\n").Split('\n').Where(line => line.Trim().Length > 0).ToList();
        for (var step = 1; step <= 6; step++)
        {
            var title = lines.FindIndex(line => line.StartsWith($"[{step}/6]", StringComparison.Ordinal));
            Assert.StartsWith("      ", lines[title + 1], StringComparison.Ordinal);
        }

        var written = lines.FindIndex(line => line.Trim() == $"Written to {_artifacts}:");
        var named = lines.Skip(written + 1).Select(line => line.Trim().Split(' ')[0]).ToArray();
        var present = Directory.EnumerateFileSystemEntries(_artifacts).Select(path => Path.GetFileName(path)).Where(name => name is not ("cache" or "models") && !name.StartsWith("mlops.db-", StringComparison.Ordinal));
        Assert.Equal(present.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    private async Task<string> RunAsync()
    {
        using var process = Start("--until", "2007", "--artifacts", _artifacts);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        return output;
    }

    private async Task KillInTheReplayAsync()
    {
        using var process = Start("--until", "2007", "--artifacts", _artifacts);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            // The first year's line: the replay is under way, and its run is open.
            if (line.Contains("2006: RMSE", StringComparison.Ordinal)) break;
        }

        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, process.ExitCode);
    }

    private static Process Start(params string[] arguments)
    {
        // This assembly lies in <artifacts>/bin/<project>/<configuration>, the sample beside it.
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var program = Path.Combine(WorkingDirectory.Repository, "artifacts", "bin", "Quickstart", configuration, "Quickstart.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }
}
