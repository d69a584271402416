using System.Diagnostics;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The process that holds a run, so that a run whose process has died can be recognised.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="ProcessStart">When the process started, because process identifiers are reused; in the form that <see cref="Current"/> gives.</param>
public sealed record RunOwner(string Host, int ProcessId, string ProcessStart)
{
    private static RunOwner? s_current;

    /// <summary>Gets this process.</summary>
    public static RunOwner Current => s_current ??= Describe(Process.GetCurrentProcess());

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
            return Describe(process).ProcessStart != ProcessStart;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static RunOwner Describe(Process process) => new(
        Environment.MachineName,
        process.Id,
        // To the second: the operating system reports the start of one process with some jitter.
        new DateTimeOffset(process.StartTime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
}
