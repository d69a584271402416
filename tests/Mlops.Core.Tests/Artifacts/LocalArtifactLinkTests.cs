using System.Text;
using Mlops.Artifacts;

namespace Mlops.Core.Tests.Artifacts;

/// <summary>Links below the root lead nowhere: not when they were there before, not when they are made while an operation goes on, and not for the store's own folders.</summary>
public sealed class LocalArtifactLinkTests : IDisposable
{
    private const string Secret = "a secret outside";

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-links-").FullName;
    private readonly string _root;
    private readonly string _outside;

    public LocalArtifactLinkTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        _root = Directory.CreateDirectory(Path.Combine(_folder, "root")).FullName;
        _outside = Directory.CreateDirectory(Path.Combine(_folder, "outside")).FullName;
        File.WriteAllText(Path.Combine(_outside, "file"), Secret);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a", "a/file")]
    [InlineData("a/b", "a/b/file")]
    [InlineData("a/b", "a/b/c/file")]
    [InlineData("a", "a/new")]
    public async Task AnyOperation_ParentIsALink_ThrowsAndTouchesNothingOutside(string link, string path)
    {
        var store = new LocalArtifactStore(_root);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, link))!);
        Directory.CreateSymbolicLink(Path.Combine(_root, link), _outside);
        await Assert.ThrowsAsync<StorageException>(() => store.FindAsync(path, Token));
        await Assert.ThrowsAsync<StorageException>(() => store.OpenReadAsync(path, 0, null, Token));
        await Assert.ThrowsAsync<StorageException>(() => WriteAsync(store, path));
        await Assert.ThrowsAsync<StorageException>(() => store.DeleteAsync(path, default, Token));
        await Assert.ThrowsAsync<StorageException>(() => store.ListAsync(link, Token).ToListAsync(Token).AsTask());
        AssertOutsideUntouched();
    }

    /// <summary>Links that lead nowhere, to themselves or upwards are links too.</summary>
    [Theory]
    [InlineData("nowhere")]
    [InlineData("a")]
    [InlineData("..")]
    [InlineData("/dev/null")]
    public async Task AnyOperation_LinkInPlaceOfTheFile_ThrowsAndIsLeftAlone(string target)
    {
        var store = new LocalArtifactStore(_root);
        var link = Path.Combine(_root, "a");
        File.CreateSymbolicLink(link, target);
        await Assert.ThrowsAsync<StorageException>(() => store.FindAsync("a", Token));
        await Assert.ThrowsAsync<StorageException>(() => WriteAsync(store, "a"));
        await Assert.ThrowsAsync<StorageException>(() => store.DeleteAsync("a", default, Token));
        Assert.Empty(await store.ListAsync("", Token).ToListAsync(Token));
        Assert.Equal(target, new FileInfo(link).LinkTarget);
    }

    [Theory]
    [InlineData(".mlops")]
    [InlineData(".mlops/tmp")]
    [InlineData(".mlops/locks")]
    [InlineData(".mlops/digests")]
    public async Task WriteAsync_FolderOfTheStoreIsALink_ThrowsAndWritesNothingOutside(string folder)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, folder))!);
        Directory.CreateSymbolicLink(Path.Combine(_root, folder), _outside);
        await Assert.ThrowsAsync<StorageException>(() => WriteAsync(new LocalArtifactStore(_root), "a"));
        AssertOutsideUntouched();
        Assert.False(File.Exists(Path.Combine(_root, "a")));
    }

    /// <summary>The root may lie behind a link: that was the host's choice.</summary>
    [Fact]
    public async Task WriteAsync_RootBehindALink_IsReadBack()
    {
        var linked = Path.Combine(_folder, "linked");
        Directory.CreateSymbolicLink(linked, _root);
        var store = new LocalArtifactStore(Path.Combine(linked, "store"));
        await WriteAsync(store, "a/b");
        Assert.Equal("content", await ReadAsync(store, "a/b"));
        Assert.True(await store.DeleteAsync("a/b", default, Token));
        Assert.False(Directory.Exists(Path.Combine(_root, "store", "a")));
    }

    /// <summary>Somebody swaps a folder for a link and back, again and again, while it is read: what lies behind the link is never seen.</summary>
    [Fact]
    public async Task OpenReadAsync_LinksMadeMeanwhile_NeverReadOutside()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells where an open file is.");
        var store = new LocalArtifactStore(_root);
        await WriteAsync(store, "a/inside");
        var (reads, refused) = (0, 0);
        await WhileSwappingAsync("a", () => reads >= 300 && refused >= 300, async () =>
        {
            try
            {
                // There is such a file outside only; its digest would be computed, and its content be read.
                Assert.Null(await store.FindAsync("a/file", Token));
                Assert.Equal("content", await ReadAsync(store, "a/inside"));
                reads++;
            }
            catch (Exception error) when (error is StorageException or EntityNotFoundException)
            {
                refused++;
            }
        });
        TestContext.Current.TestOutputHelper!.WriteLine($"{reads} reads, {refused} refused");
    }

    [Fact]
    public async Task WriteAsync_LinksMadeMeanwhile_NeverWriteOrDeleteOutside()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux can hold a folder while it is written to.");
        var store = new LocalArtifactStore(_root);
        await WriteAsync(store, "a/file");
        var (writes, refused) = (0, 0);
        await WhileSwappingAsync("a", () => writes >= 30 && refused >= 30, async () =>
        {
            try
            {
                await WriteAsync(store, "a/file");
                await store.DeleteAsync("a/file", default, Token);
                writes++;
            }
            catch (StorageException)
            {
                refused++;
            }
        });
        AssertOutsideUntouched();
        TestContext.Current.TestOutputHelper!.WriteLine($"{writes} writes, {refused} refused");
    }

    private void AssertOutsideUntouched()
    {
        Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(_outside).Select(Path.GetFileName));
        Assert.Equal(Secret, File.ReadAllText(Path.Combine(_outside, "file")));
    }

    private async Task WhileSwappingAsync(string folder, Func<bool> isEnough, Func<Task> operation)
    {
        var path = Path.Combine(_root, folder);
        var (aside, link) = (Path.Combine(_folder, "aside"), Path.Combine(_folder, "link"));
        File.CreateSymbolicLink(link, _outside);
        using var stop = new CancellationTokenSource();
        var swapping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // Each may find that the store has made or removed the folder in between; the next round puts it right.
                TryMove(path, aside);
                TryMove(link, path);
                Thread.SpinWait(200);
                if (new FileInfo(path).LinkTarget is not null) TryMove(path, link);
                TryMove(aside, path);
                Thread.SpinWait(2000);
            }
        });
        // Without an end, so that a slow machine only takes longer.
        while (!isEnough()) await operation();
        await stop.CancelAsync();
        await swapping;
    }

    private static void TryMove(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
        }
        catch (IOException)
        {
            // It is not there, or something is where it should go.
        }
    }

    private static async Task WriteAsync(LocalArtifactStore store, string path)
    {
        using var stream = new MemoryStream("content"u8.ToArray());
        await store.WriteAsync(path, stream, default, Token);
    }

    private static async Task<string> ReadAsync(LocalArtifactStore store, string path)
    {
        await using var stream = await store.OpenReadAsync(path, 0, null, Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(Token);
    }
}
