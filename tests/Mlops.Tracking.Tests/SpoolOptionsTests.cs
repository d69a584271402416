namespace Mlops.Tracking.Tests;

public sealed class SpoolOptionsTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-spool-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void CreateDirectory_NoUserFolder_IsTheUsersOwnInTheTemporaryFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions.");
            return;
        }

        var options = Options();
        options.CreateDirectory();
        Assert.Equal(Path.Combine(_folder, "mlops-" + Environment.UserName, "spool"), options.ResolveDirectory());
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(options.ResolveDirectory()));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.GetDirectoryName(options.ResolveDirectory())!));

        // What others could read before is closed.
        File.SetUnixFileMode(options.ResolveDirectory(), OwnerOnly | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        options.CheckDirectory();
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(options.ResolveDirectory()));
    }

    [Fact]
    public void CreateDirectory_FolderIsALink_IsRefused()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Links need a privilege on Windows.");
            return;
        }

        var options = Options();
        var elsewhere = Directory.CreateDirectory(Path.Combine(_folder, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(Path.GetDirectoryName(options.ResolveDirectory())!, elsewhere);
        Assert.Throws<UnauthorizedAccessException>(options.CreateDirectory);
    }

    [Fact]
    public void CreateDirectory_UserFolder_IsClosedToOthers()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions.");
            return;
        }

        var options = new SpoolOptions { UserFolder = _folder };
        options.CreateDirectory();
        Assert.Equal(Path.Combine(_folder, "mlops", "spool"), options.ResolveDirectory());
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(options.ResolveDirectory()));
    }

    [Fact]
    public void ResolveDirectory_RootWithoutAFolder_IsNotInTheTemporaryFolder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere root has a folder.");
        Assert.Equal("/var/lib/mlops/spool", new SpoolOptions { UserFolder = "", IsPrivileged = true }.ResolveDirectory());
    }

    private SpoolOptions Options() => new() { UserFolder = "", TemporaryFolder = _folder, IsPrivileged = false };
}
