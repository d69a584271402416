using System.Diagnostics;

namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>The program Mlops.Tracking.Sqlite.CrashWriter, in a process of its own.</summary>
internal sealed class WriterProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private WriterProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static WriterProcess Start(params string[] arguments)
    {
        const string Tests = "Mlops.Tracking.Sqlite.Tests";
        const string Writer = "Mlops.Tracking.Sqlite.CrashWriter";
        // artifacts/bin/<project>/<configuration>/: the sibling of this test project's folder.
        var program = Path.Combine(AppContext.BaseDirectory.Replace(Tests, Writer, StringComparison.Ordinal), Writer + ".dll");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        return new WriterProcess(Process.Start(new ProcessStartInfo(dotnet, ["exec", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!);
    }

    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken) => await _process.StandardOutput.ReadLineAsync(cancellationToken);

    /// <summary>Kills the process as the operating system would: nothing of it runs any more. Returns what it had told and was not read yet.</summary>
    public async Task<List<string>> KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        var lines = new List<string>();
        while (await ReadLineAsync(cancellationToken) is { } line) lines.Add(line);
        await _process.WaitForExitAsync(cancellationToken);
        return lines;
    }

    public async Task<List<string>> RunToEndAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await ReadLineAsync(cancellationToken) is { } line) lines.Add(line);
        await _process.WaitForExitAsync(cancellationToken);
        Assert.True(_process.ExitCode == 0, await _errors);
        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
