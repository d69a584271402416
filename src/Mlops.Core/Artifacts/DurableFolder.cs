using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mlops.Artifacts;

/// <summary>Lets what was made, renamed or removed in a folder survive a loss of power: its list of names is written through to the disk, as the content of files is.</summary>
/// <remarks>On Unix. Windows has nothing of the kind for folders; its file systems keep a journal of names.</remarks>
internal static partial class DurableFolder
{
    // O_RDONLY | O_CLOEXEC.
    private const int LinuxFlags = 0x80000;
    private const int AppleFlags = 0x1000000;

    /// <summary>Creates a folder, and those above it that are missing.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="mode">Who may use what is made, on Unix; everybody whom the process lets when <see langword="null"/>.</param>
    public static void Create(string path, UnixFileMode? mode = null)
    {
        var changed = new List<string>();
        for (var folder = path; !Directory.Exists(folder) && Path.GetDirectoryName(folder) is { Length: > 0 } parent; folder = parent) changed.Add(parent);
        if (mode is { } rights && !OperatingSystem.IsWindows()) Directory.CreateDirectory(path, rights);
        else Directory.CreateDirectory(path);
        foreach (var folder in changed) Flush(folder);
    }

    /// <summary>Writes the names of a folder through to the disk.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>Whether that was possible: not on Windows, and not where the folder may be used but not read.</returns>
    /// <exception cref="IOException">The disk fails.</exception>
    public static bool Flush(string path)
    {
        if (OperatingSystem.IsWindows()) return false;
        var number = OpenFolder(path, OperatingSystem.IsLinux() ? LinuxFlags : AppleFlags);
        if (number < 0) return false;
        using var handle = new SafeFileHandle(number, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFolder(string path, int flags);
}
