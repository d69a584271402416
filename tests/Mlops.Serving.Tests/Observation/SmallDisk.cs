using System.Diagnostics;

namespace Mlops.Serving.Tests.Observation;

/// <summary>A file system of its own that is soon full, in memory. Only root may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-disk-").FullName;
    private readonly bool _isMounted;

    public SmallDisk(int kilobytes)
    {
        var reason = OperatingSystem.IsLinux() ? Run("mount", "-t", "tmpfs", "-o", FormattableString.Invariant($"size={kilobytes}k"), "tmpfs", _folder) : "not on Linux";
        _isMounted = reason.Length == 0;
        if (_isMounted) return;
        Directory.Delete(_folder);
        Assert.Skip($"A small file system cannot be mounted: {reason}");
    }

    public string Path => _folder;

    public void Dispose()
    {
        if (_isMounted) Assert.Equal("", Run("umount", _folder));
        Directory.Delete(_folder);
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? "" : $"{error.Trim()} ({process.ExitCode})";
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return error.Message;
        }
    }
}
