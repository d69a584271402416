using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The process that holds a run, so that a run whose process has died can be recognised.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="ProcessStart">
/// When the process started, because process identifiers are reused, and on Linux in which boot and which namespace of processes, because containers have numbers of their own; in the form
/// that <see cref="Current"/> gives.
/// </param>
public sealed record RunOwner(string Host, int ProcessId, string ProcessStart)
{
    // The operating system's report of one start time differs a little from reader to reader.
    private const long ToleranceSeconds = 2;

    private static RunOwner? s_current;

    /// <summary>Gets this process.</summary>
    public static RunOwner Current => s_current ??= DescribeThisProcess();

    /// <summary>Tells whether the owner is known to have died.</summary>
    /// <returns>
    /// <see langword="true"/> when the process was on this machine, and among the processes that this one can see, and is gone; <see langword="false"/> when it lives, or is on another
    /// machine or in another container, or was there before the machine started anew, where only its lease can tell.
    /// </returns>
    public bool IsKnownDead()
    {
        if (Host != Environment.MachineName || !IsVisible(ProcessStart)) return false;
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            return !IsSameStart(DescribeStart(process), ProcessStart);
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
        catch (Win32Exception)
        {
            // There is such a process, and it does not tell when it started.
            return false;
        }
    }

    private static RunOwner DescribeThisProcess()
    {
        using var process = Process.GetCurrentProcess();
        return new RunOwner(Environment.MachineName, process.Id, DescribeStart(process));
    }

    // Another machine, or another container, may have our name: then its processes are not found here although they live.
    private static bool IsVisible(string noted)
    {
        var (theirs, ours) = (noted.Split('/'), Current.ProcessStart.Split('/'));
        // Older values have no namespace, and those of systems without /proc no boot.
        return theirs.Length < 2 || (ours.Length >= 2 && theirs[0] == ours[0] && (theirs.Length < 3 || (ours.Length >= 3 && theirs[2] == ours[2])));
    }

    // On Linux the kernel's own count, which no change of the clock moves, together with the boot it counts from and our namespace; elsewhere seconds since 1970.
    private static string DescribeStart(Process process)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/stat"));
                // The name in parentheses may hold spaces; the 20th field after it is the start.
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var start = $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}/{fields[19]}";
                return ReadNamespace() is { } space ? $"{start}/{space}" : start;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Without /proc the clock has to do; a process that has just died throws below.
            }
        }

        return new DateTimeOffset(process.StartTime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    }

    // "pid:[4026531836]"; the number names the namespace on this machine.
    private static string? ReadNamespace()
    {
        var link = new FileInfo("/proc/self/ns/pid").LinkTarget;
        return link is not null && link.StartsWith("pid:[", StringComparison.Ordinal) ? link[5..].TrimEnd(']') : null;
    }

    private static bool IsSameStart(string now, string noted)
    {
        // An old value has no namespace.
        if (now == noted || now.StartsWith(noted + "/", StringComparison.Ordinal)) return true;
        return long.TryParse(now, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
            && long.TryParse(noted, NumberStyles.None, CultureInfo.InvariantCulture, out var b)
            && Math.Abs(a - b) <= ToleranceSeconds;
    }
}
