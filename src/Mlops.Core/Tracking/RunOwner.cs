using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The process that holds a run, so that a run whose process has died can be recognised.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="ProcessStart">When the process started, because process identifiers are reused; in the form that <see cref="Current"/> gives.</param>
public sealed record RunOwner(string Host, int ProcessId, string ProcessStart)
{
    // The operating system's report of one start time differs a little from reader to reader.
    private const long ToleranceSeconds = 2;

    private static RunOwner? s_current;

    /// <summary>Gets this process.</summary>
    public static RunOwner Current => s_current ??= DescribeThisProcess();

    /// <summary>Tells whether the owner is known to have died.</summary>
    /// <returns>
    /// <see langword="true"/> when the process was on this machine and is gone; <see langword="false"/> when it lives, or is on another machine,
    /// where only its lease can tell.
    /// </returns>
    public bool IsKnownDead()
    {
        if (Host != Environment.MachineName) return false;
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

    // On Linux the kernel's own count, which no change of the clock moves, together with the boot it counts from; elsewhere seconds since 1970.
    private static string DescribeStart(Process process)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/stat"));
                // The name in parentheses may hold spaces; the 20th field after it is the start.
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                return $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()}/{fields[19]}";
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Without /proc the clock has to do; a process that has just died throws below.
            }
        }

        return new DateTimeOffset(process.StartTime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
    }

    private static bool IsSameStart(string now, string noted)
    {
        if (now == noted) return true;
        return long.TryParse(now, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
            && long.TryParse(noted, NumberStyles.None, CultureInfo.InvariantCulture, out var b)
            && Math.Abs(a - b) <= ToleranceSeconds;
    }
}
