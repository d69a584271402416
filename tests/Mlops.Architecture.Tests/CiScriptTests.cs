using System.Diagnostics;

namespace Mlops.Architecture.Tests;

/// <summary>Runs the checked-in .ci/run in an empty checkout, with a dotnet that answers as it is told.</summary>
public sealed class CiScriptTests : IDisposable
{
    private const string TwoProjects = "Passed!  - Failed:     0, Passed:     3, Skipped:     1, Total:     4, Duration: 1 s - A.dll (net10.0)\n";

    private readonly string _checkout = Directory.CreateTempSubdirectory("mlops-ci-").FullName;

    public void Dispose() => Directory.Delete(_checkout, recursive: true);

    /// <summary>Servers, restore, build and pack are four steps; of the tests, each counts and their step does not.</summary>
    [Theory]
    [InlineData(TwoProjects + "Passed!  - Failed:     0, Passed:     2, Skipped:     0, Total:     2, Duration: 1 s - B.dll (net10.0)", 0, "9 passed, 0 failed")]
    [InlineData(TwoProjects + "  Failed A.B [1 ms]\nFailed!  - Failed:     2, Passed:     2, Skipped:     0, Total:     4, Duration: 1 s - B.dll (net10.0)", 1, "9 passed, 2 failed")]
    [InlineData("A.cs(1,1): error CS1002: ; expected", 1, "4 passed, 1 failed")]
    [InlineData("", 0, "4 passed, 1 failed")]
    [InlineData(TwoProjects + "The active test run was aborted. Reason: Test host process crashed", 1, "7 passed, 1 failed")]
    [InlineData("Failed!  - Failed:     1, Passed:     0, Skipped:     0, Total:     1, Duration: 1 s - A.dll (net10.0)", 1, "4 passed, 1 failed")]
    public async Task Run_TestsAnswer_CountsTestsAndStepsOnce(string output, int exitCode, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is written for bash.");
        await PrepareAsync(output, exitCode);
        var (code, told, errors) = await RunAsync();

        Assert.Equal(expected, told.TrimEnd().Split('\n')[^1]);
        Assert.Equal(expected.EndsWith(", 0 failed", StringComparison.Ordinal) ? 0 : 1, code);
        Assert.Equal("", errors);
        Assert.Contains("Figures of the load tests:\n  7 metrics/s\n", told, StringComparison.Ordinal);
    }

    /// <summary>Whoever keeps only the end of the output must see which project broke, and what it said, when no test failed.</summary>
    [Theory]
    [InlineData("The active test run was aborted. Reason: Test host process crashed : Fatal error. System.AccessViolationException")]
    [InlineData("[xUnit.net 00:00:01.20]   [Test Class Cleanup Failure (B.C)]: System.IO.IOException : Directory not empty : '/tmp/b'")]
    public async Task Run_NoTestFailsButTheRunDoes_TellsWhatBrokeAtTheEnd(string reason)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is written for bash.");
        var others = string.Concat(Enumerable.Range(0, 30).Select(number => $"Test run for /x/C{number}.dll (.NETCoreApp,Version=v10.0)\n{TwoProjects.Replace("A.dll", $"C{number}.dll", StringComparison.Ordinal)}"));
        await PrepareAsync($"Test run for /x/B.dll (.NETCoreApp,Version=v10.0)\n{reason}\n   at B.C.D()\n{others}", exitCode: 1);

        var (_, told, _) = await RunAsync();

        var end = told[told.IndexOf("What failed:", StringComparison.Ordinal)..];
        Assert.Contains("\nB.dll has no result.\n", end, StringComparison.Ordinal);
        Assert.DoesNotContain("C7.dll has no result.", end, StringComparison.Ordinal);
        Assert.Contains($"\n{reason}\n   at B.C.D()\n", end, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Told, string Errors)> RunAsync()
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(_checkout, ".ci", "run")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{Path.Combine(_checkout, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var told = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, told, await errors);
    }

    private async Task PrepareAsync(string output, int exitCode)
    {
        foreach (var folder in new[] { ".ci", "bin", "src/Package" }) Directory.CreateDirectory(Path.Combine(_checkout, folder));
        File.Copy(Repository.PathOf(".ci", "run"), Path.Combine(_checkout, ".ci", "run"));
        await File.WriteAllTextAsync(Path.Combine(_checkout, "README.md"), "dotnet test Mlops.sln -c Release\n");
        await File.WriteAllTextAsync(Path.Combine(_checkout, "src", "Package", "Package.csproj"), "<Project />");
        await File.WriteAllTextAsync(Path.Combine(_checkout, "output"), output.Length == 0 ? "" : output + "\n");
        await WriteToolAsync("chromium", "exit 0");
        await WriteToolAsync("postgres", "exit 0");
        await WriteToolAsync("gcc", "exit 0");
        await WriteToolAsync("azurite-blob", "exit 0");
        await WriteToolAsync("unzip", "exit 0");
        await WriteToolAsync("dotnet", $"""
            case "$1" in
              test) cat output; echo "7 metrics/s" >> "$MLOPS_FIGURES"; exit {exitCode} ;;
              pack) mkdir -p artifacts/package/release; touch artifacts/package/release/Package.1.0.0.nupkg artifacts/package/release/Package.1.0.0.snupkg ;;
            esac
            """);
    }

    private async Task WriteToolAsync(string name, string script)
    {
        var path = Path.Combine(_checkout, "bin", name);
        await File.WriteAllTextAsync(path, "#!/usr/bin/env bash\n" + script.ReplaceLineEndings("\n") + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
