using System.Diagnostics;

namespace Mlops.Tests;

/// <summary>A program that belongs to the tests, in a process of its own.</summary>
internal sealed class ProgramProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ProgramProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts a program.</summary>
    /// <param name="name">The project of the program, built beside the one of the tests.</param>
    /// <param name="arguments">What it is given.</param>
    public static ProgramProcess Start(string name, params string[] arguments)
    {
        // artifacts/bin/<project>/<configuration>/: the sibling of the test project's folder.
        var own = typeof(ProgramProcess).Assembly.GetName().Name!;
        var program = Path.Combine(AppContext.BaseDirectory.Replace(own, name, StringComparison.Ordinal), name + ".dll");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return new ProgramProcess(Process.Start(start)!);
    }

    /// <summary>Reads a line; a process that ended before it told one has failed.</summary>
    public async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken);
        if (line is null) Assert.Fail(await _errors);
        return line;
    }

    public async Task GoAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
    }

    public async Task<List<string>> RunToEndAsync(CancellationToken cancellationToken)
    {
        var lines = await ReadRestAsync(cancellationToken);
        Assert.True(_process.ExitCode == 0, await _errors);
        return lines;
    }

    /// <summary>Kills the process as the operating system would: nothing of it runs any more. Returns what it had told and was not read yet.</summary>
    public async Task<List<string>> KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        return await ReadRestAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<List<string>> ReadRestAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync(cancellationToken) is { } line) lines.Add(line);
        await _process.WaitForExitAsync(cancellationToken);
        return lines;
    }
}
