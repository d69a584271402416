using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Mlops.Tracking;

/// <summary>Asks git which code runs.</summary>
internal static class GitReader
{
    /// <summary>The longest patch that is kept, in characters.</summary>
    public const int LongestPatch = 1 << 20;

    private static readonly TimeSpan s_longestCall = TimeSpan.FromSeconds(5);

    /// <summary>Reads the state of the working copy that a folder belongs to.</summary>
    /// <param name="folder">The folder; the process's current one when <see langword="null"/>.</param>
    /// <returns>The state; <see langword="null"/> when there is no git, no working copy or no commit.</returns>
    public static async Task<GitState?> ReadAsync(string? folder)
    {
        if (await RunAsync(folder, "rev-parse", "--verify", "HEAD").ConfigureAwait(false) is not { Length: >= 40 } commit) return null;
        var branch = await RunAsync(folder, "symbolic-ref", "--short", "-q", "HEAD").ConfigureAwait(false);
        var remote = await RunAsync(folder, "config", "--get", "remote.origin.url").ConfigureAwait(false);
        var status = await RunAsync(folder, "status", "--porcelain").ConfigureAwait(false);
        var isDirty = status is { Length: > 0 };
        // The programs that a repository may name for comparing files are not run.
        var patch = isDirty ? await RunAsync(folder, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD").ConfigureAwait(false) : null;
        var isTooLarge = patch is { Length: > LongestPatch };
        if (isDirty && !isTooLarge) patch += await ReadUntrackedAsync(folder, LongestPatch - (patch?.Length ?? 0)).ConfigureAwait(false);
        return new GitState(commit.Trim(), NullIfEmpty(branch), NullIfEmpty(remote), isDirty) { Patch = isTooLarge ? null : NullIfEmpty(patch), IsPatchTooLarge = isTooLarge };
    }

    private static async Task<string> ReadUntrackedAsync(string? folder, int room)
    {
        if (NullIfEmpty(await RunAsync(folder, "rev-parse", "--show-toplevel").ConfigureAwait(false)) is not { } root) return "";
        var files = await RunAsync(root, "ls-files", "--others", "--exclude-standard", "-z").ConfigureAwait(false);
        return string.IsNullOrEmpty(files) ? "" : UntrackedFiles.ToPatch(root, files.Split('\0', StringSplitOptions.RemoveEmptyEntries), room);
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.TrimEnd('\n', '\r');

    private static async Task<string?> RunAsync(string? folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-c", "core.fsmonitor=false", "-c", "core.quotePath=false", .. arguments])
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        // Neither a lock nor a question.
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        try
        {
            using var process = Process.Start(start);
            if (process is null) return null;
            using var timeout = new CancellationTokenSource(s_longestCall);
            try
            {
                process.StandardInput.Close();
                var errors = process.StandardError.ReadToEndAsync(timeout.Token);
                var output = await ReadAsync(process.StandardOutput, timeout.Token).ConfigureAwait(false);
                await errors.ConfigureAwait(false);
                await process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
                return process.ExitCode == 0 ? output : null;
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                return null;
            }
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException or IOException)
        {
            // There is no git, or it cannot be run here.
            return null;
        }
    }

    // What is longer than a patch may be is read to its end and not kept.
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var (text, buffer) = (new StringBuilder(), new char[8192]);
        while (await reader.ReadAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (text.Length <= LongestPatch) text.Append(buffer, 0, count);
        }

        return text.ToString();
    }
}
