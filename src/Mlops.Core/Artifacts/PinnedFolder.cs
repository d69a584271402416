using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mlops.Artifacts;

/// <summary>A folder that is held, so that what is done in it is done there, whatever its path comes to mean meanwhile.</summary>
/// <remarks>Only Linux can hold a folder by its number; elsewhere its path is used as it is, and links are looked for before and after.</remarks>
internal sealed partial class PinnedFolder : IDisposable
{
    // O_PATH | O_CLOEXEC: the same numbers on every processor that .NET runs on.
    private const int PathOnly = 0x200000 | 0x80000;

    private readonly string _path;
    private readonly SafeFileHandle? _handle;

    private PinnedFolder(string path, SafeFileHandle? handle) => (_path, _handle) = (path, handle);

    /// <summary>Gets where the folder is once all links are followed, as the operating system knows it; <see langword="null"/> where it does not tell.</summary>
    public string? ActualPath => _handle is null ? null : ActualPathOf(_handle);

    /// <summary>Takes hold of a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static PinnedFolder Open(string path)
    {
        if (!OperatingSystem.IsLinux()) return new PinnedFolder(path, null);
        var number = OpenFile(path, PathOnly, 0);
        if (number >= 0) return new PinnedFolder(path, new SafeFileHandle(number, ownsHandle: true));
        var error = Marshal.GetLastPInvokeErrorMessage();
        throw new DirectoryNotFoundException($"The folder '{path}' cannot be opened: {error}.");
    }

    /// <summary>Finds where an open file is; <see langword="null"/> where the operating system does not tell.</summary>
    public static string? ActualPathOf(SafeFileHandle handle) => OperatingSystem.IsLinux() ? new FileInfo(Link(handle)).LinkTarget : null;

    /// <summary>Finds the path by which a file of the folder can be reached.</summary>
    public string PathOf(string name) => Path.Combine(_handle is null ? _path : Link(_handle), name);

    public void Dispose() => _handle?.Dispose();

    private static string Link(SafeFileHandle handle) => string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);
}
