using System.Runtime.InteropServices;

namespace Mlops.Artifacts;

/// <summary>Tells files from what only has a name in a folder: reading a pipe or a device may never end, and opening a pipe waits until somebody writes to it.</summary>
/// <remarks>Only Linux tells in one form on every processor; elsewhere every file counts as one.</remarks>
internal static unsafe partial class SpecialFile
{
    // AT_FDCWD, STATX_TYPE, S_IFMT and its values: the same numbers on every processor that .NET runs on.
    private const int WorkingFolder = -100;
    private const uint WithType = 1;
    private const int TypeMask = 0xF000;

    // struct statx, whose form is the same everywhere: 256 bytes, the mode at the 28th.
    private const int Length = 256;
    private const int Mode = 28;

    /// <summary>Says what a path stands for, once links are followed, if it is neither a file nor a folder; <see langword="null"/> if it is one, is not there, or the operating system does not tell.</summary>
    public static string? KindOf(string path)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var status = stackalloc byte[Length];
        try
        {
            if (ReadStatus(WorkingFolder, path, 0, WithType, status) != 0) return null;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return null;
        }

        return (*(ushort*)(status + Mode) & TypeMask) switch
        {
            0x1000 => "a named pipe",
            0xC000 => "a socket",
            0x2000 or 0x6000 => "a device",
            _ => null,
        };
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ReadStatus(int folder, string path, int flags, uint mask, byte* status);
}
