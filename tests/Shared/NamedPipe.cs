using System.Runtime.InteropServices;

namespace Mlops.Tests;

/// <summary>Makes named pipes, which .NET itself cannot do where they lie among files.</summary>
internal static partial class NamedPipe
{
    // Read and write for the user.
    private const uint Mode = 0x180;

    /// <summary>Makes one that nobody writes to, or skips the test where its kind is not told.</summary>
    public static void Create(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells what is no file.");
        Assert.Equal(0, MakePipe(path, Mode));
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
