using Mlops.Artifacts;

namespace Mlops.Core.Tests.Artifacts;

public sealed class DurableFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-folder-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Flush_Folder_ReachesTheDiskWhereFoldersCanBeFlushed()
    {
        File.WriteAllText(Path.Combine(_folder, "größe"), "x");
        Assert.Equal(!OperatingSystem.IsWindows(), DurableFolder.Flush(_folder));
        Assert.False(DurableFolder.Flush(Path.Combine(_folder, "absent")));
    }

    [Fact]
    public void Create_SeveralLevelsMissing_MakesThemWithTheMode()
    {
        var path = Path.Combine(_folder, "a", "b", "c");
        DurableFolder.Create(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        DurableFolder.Create(path);
        Assert.True(Directory.Exists(path));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
    }
}
