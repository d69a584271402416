using System.Security.Cryptography;
using System.Text;
using Mlops.Artifacts;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Core.Tests.Artifacts;

public sealed class LocalArtifactStoreTests : ArtifactStoreConformance, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-artifacts-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task WriteAsync_File_LiesAtItsPath()
    {
        await WriteAsync(NewStore(), "models/1/MLmodel", "flavors: {}");
        Assert.Equal("flavors: {}", await File.ReadAllTextAsync(Path.Combine(_folder, "models", "1", "MLmodel"), Token));
    }

    [Fact]
    public async Task OpenReadAsync_ContentChangedOnDisk_ThrowsStorageExceptionNamingPath()
    {
        var store = NewStore();
        await WriteAsync(store, "m/model.bin", "0123456789");
        foreach (var (content, problem) in new[] { ("0123456780", "digest"), ("01234567890", "longer"), ("012345678", "shorter"), ("", "shorter") })
        {
            await File.WriteAllTextAsync(Path.Combine(_folder, "m", "model.bin"), content, Token);
            var error = await Assert.ThrowsAsync<StorageException>(() => ReadAsync(store, "m/model.bin"));
            Assert.Contains("m/model.bin", error.Message, StringComparison.Ordinal);
            Assert.Contains(problem, error.Message, StringComparison.Ordinal);
            Assert.Contains("restore", error.Message, StringComparison.Ordinal);
            Assert.False(error.IsTransient);
        }
    }

    [Fact]
    public async Task OpenReadAsync_ReaderThatKnowsTheLength_IsToldOfTamperingByItsLastRead()
    {
        var store = NewStore();
        await WriteAsync(store, "a", "0123456789");
        await File.WriteAllTextAsync(Path.Combine(_folder, "a"), "x123456789", Token);
        await using var stream = await store.OpenReadAsync("a", cancellationToken: Token);
        await Assert.ThrowsAsync<StorageException>(() => stream.ReadExactlyAsync(new byte[10], Token).AsTask());
    }

    [Fact]
    public async Task WriteAsync_LockThatCannotBeOpened_FailsInsteadOfWaiting()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Links need a privilege on Windows.");
        var store = NewStore();
        await WriteAsync(store, "a", "content");
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_folder, ".mlops", "locks")));
        File.Delete(file);
        File.CreateSymbolicLink(file, file);
        var error = await Assert.ThrowsAsync<StorageException>(() => store.WriteAsync("a", new MemoryStream(), default, Token).WaitAsync(TimeSpan.FromMinutes(1), Token));
        Assert.Equal("lock artifact", error.Operation);
    }

    [Fact]
    public async Task FindAsync_FilePutThereByAnotherProgram_ComputesItsDigest()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "m"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "m", "foreign.txt"), "foreign", Token);
        var found = await NewStore().FindAsync("m/foreign.txt", Token);
        Assert.Equal(new Artifact("m/foreign.txt", Convert.ToHexStringLower(SHA256.HashData("foreign"u8)), 7), found);
        await File.WriteAllTextAsync(Path.Combine(_folder, "m", "foreign.txt"), "changed", Token);
        await Assert.ThrowsAsync<StorageException>(() => ReadAsync(NewStore(), "m/foreign.txt"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OpenReadAsync_NoteLostInACrash_IsComputedAgain(bool isDamaged)
    {
        // The state a crash leaves between the removal of the old note, or amid foreign writes to it, and the new one.
        var store = NewStore();
        await WriteAsync(store, "a", "content");
        var note = Assert.Single(Directory.GetFiles(Path.Combine(_folder, ".mlops", "digests"), "*", SearchOption.AllDirectories));
        if (isDamaged) await File.WriteAllTextAsync(note, "mlops-artifact 1\nhalf", Token);
        else File.Delete(note);
        Assert.Equal("content", await ReadAsync(store, "a"));
        Assert.Equal(7, (await store.FindAsync("a", Token))?.Length);
    }

    [Fact]
    public async Task WriteAsync_SourceFailsMidway_KeepsOldContentAndLeavesNothingBehind()
    {
        var store = NewStore();
        await WriteAsync(store, "a", "old");
        await Assert.ThrowsAsync<InvalidDataException>(() => store.WriteAsync("a", new FailingStream(), default, Token));
        Assert.Equal("old", await ReadAsync(store, "a"));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, ".mlops", "tmp")));
    }

    [Fact]
    public async Task WriteAsync_TemporaryFilesOfCrashedProcesses_AreSweptAfterADay()
    {
        await WriteAsync(NewStore(), "a", "x");
        var temporary = Path.Combine(_folder, ".mlops", "tmp", "left-behind");
        await File.WriteAllTextAsync(temporary, "half", Token);
        await WriteAsync(NewStore(), "a", "y");
        Assert.True(File.Exists(temporary));
        await WriteAsync(new LocalArtifactStore(_folder, new ManualTimeProvider(File.GetLastWriteTimeUtc(temporary) + TimeSpan.FromDays(2))), "a", "z");
        Assert.False(File.Exists(temporary));
    }

    [Fact]
    public async Task OpenReadAsync_SymbolicLinkOutOfTheRoot_IsNotFollowed()
    {
        var outside = Directory.CreateTempSubdirectory("mlops-outside-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(outside, "secret.txt"), "secret", Token);
            Directory.CreateSymbolicLink(Path.Combine(_folder, "linked"), outside);
            File.CreateSymbolicLink(Path.Combine(_folder, "link.txt"), Path.Combine(outside, "secret.txt"));
            var store = NewStore();
            foreach (var path in new[] { "linked/secret.txt", "link.txt" })
            {
                await Assert.ThrowsAsync<StorageException>(() => store.OpenReadAsync(path, cancellationToken: Token));
                await Assert.ThrowsAsync<StorageException>(() => WriteAsync(store, path, "overwritten"));
                await Assert.ThrowsAsync<StorageException>(() => store.DeleteAsync(path, default, Token));
            }

            Assert.Empty(await store.ListAsync("", Token).ToListAsync(Token));
            Assert.Equal("secret", await File.ReadAllTextAsync(Path.Combine(outside, "secret.txt"), Token));
        }
        finally
        {
            Directory.Delete(outside, recursive: true);
        }
    }

    [Theory]
    [InlineData(".mlops")]
    [InlineData(".mlops/digests/x")]
    [InlineData(".MLOPS/tmp")]
    public async Task WriteAsync_PathOfTheStoreItself_ThrowsArgumentException(string path)
        => await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(NewStore(), path, "x"));

    [Fact]
    public async Task WriteAsync_WhereAnEmptyFolderIs_TakesItsPlace()
    {
        var store = NewStore();
        Directory.CreateDirectory(Path.Combine(_folder, "a"));
        await WriteAsync(store, "a", "x");
        Assert.Equal("x", await ReadAsync(store, "a"));
        Directory.CreateDirectory(Path.Combine(_folder, "b", "c"));
        await Assert.ThrowsAsync<EntityConflictException>(() => WriteAsync(store, "b", "x"));
    }

    [Fact]
    public async Task WriteAsync_TwoStoresOverOneFolder_ConditionsHoldBetweenThem()
    {
        var (one, other) = (NewStore(), NewStore());
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                await WriteAsync(i % 2 == 0 ? one : other, "a", $"{i}", WriteCondition.IfAbsent);
                return true;
            }
            catch (EntityConflictException)
            {
                return false;
            }
        })));
        Assert.Single(results, succeeded => succeeded);
        Assert.Equal(await ReadAsync(one, "a"), await ReadAsync(other, "a"));
    }

    [Fact]
    public async Task UploadDirectoryAsync_NoFolder_SaysHowFarThePathExists()
    {
        var missing = Path.Combine(_folder, "models", "1");
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => NewStore().UploadDirectoryAsync(missing, "m", Token));
        Assert.Equal(("folder", missing), (error.Kind, error.Name));
        Assert.Contains($"exists up to '{_folder}'", error.Message, StringComparison.Ordinal);
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Token);
        Assert.Contains("is a file", (await Assert.ThrowsAsync<EntityNotFoundException>(() => NewStore().UploadDirectoryAsync(file, "m", Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UploadDirectoryAsync_DownloadDirectoryAsync_RoundTripFolders()
    {
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source", "sub")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "MLmodel"), "a", Token);
        await File.WriteAllTextAsync(Path.Combine(source, "sub", "größe.bin"), "b", Token);
        var store = new LocalArtifactStore(Path.Combine(_folder, "store"));
        var uploaded = await store.UploadDirectoryAsync(source, "models/m/1", Token);
        Assert.Equal(["models/m/1/MLmodel", "models/m/1/sub/größe.bin"], uploaded.Select(artifact => artifact.Path));

        var target = Path.Combine(_folder, "target");
        Assert.Equal(uploaded, await store.DownloadDirectoryAsync("models/m/1", target, Token));
        Assert.Equal("a", await File.ReadAllTextAsync(Path.Combine(target, "MLmodel"), Token));
        Assert.Equal("b", await File.ReadAllTextAsync(Path.Combine(target, "sub", "größe.bin"), Token));
        Assert.Equal(2, Directory.GetFiles(target, "*", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineData("../secret", "leads out of the folder")]
    [InlineData("{folder}/secret", "leads out of the folder")]
    [InlineData("../secrets", "leads to a folder")]
    [InlineData("sub", "leads to a folder")]
    [InlineData(".", "leads to a folder")]
    [InlineData("nowhere", "leads nowhere")]
    [InlineData("link", "leads back to itself")]
    public async Task UploadDirectoryAsync_LinkThatIsNotFollowed_ThrowsBeforeAnythingIsWritten(string target, string why)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source")).FullName;
        Directory.CreateDirectory(Path.Combine(source, "sub"));
        Directory.CreateDirectory(Path.Combine(_folder, "secrets"));
        foreach (var file in new[] { "secret", "secrets/secret", "source/a", "source/sub/b" }) await File.WriteAllTextAsync(Path.Combine(_folder, file), "x", Token);
        File.CreateSymbolicLink(Path.Combine(source, "link"), target.Replace("{folder}", _folder, StringComparison.Ordinal));
        var store = new LocalArtifactStore(Path.Combine(_folder, "store"));
        var error = await Assert.ThrowsAsync<StorageException>(() => store.UploadDirectoryAsync(source, "m", Token));
        Assert.Contains($"'link' in '{source}' is a symbolic link that {why}", error.Message, StringComparison.Ordinal);
        Assert.Empty(await store.ListAsync("", Token).ToListAsync(Token));
    }

    [Theory]
    [InlineData("pipe", "a named pipe")]
    [InlineData("link to a pipe", "a named pipe")]
    [InlineData("socket", "a socket")]
    public async Task UploadDirectoryAsync_WhatIsNoFile_ThrowsBeforeAnythingIsWritten(string name, string kind)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells what is no file.");
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source", "sub")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "a"), "x", Token);
        var entry = Path.Combine(source, "sub", name);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        if (name == "socket")
        {
            socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(entry));
        }
        else
        {
            NamedPipe.Create(name == "pipe" ? entry : Path.Combine(source, "sub", "~pipe"));
            if (name != "pipe") File.CreateSymbolicLink(entry, "~pipe");
        }

        var store = new LocalArtifactStore(Path.Combine(_folder, "store"));
        var error = await Assert.ThrowsAsync<StorageException>(() => store.UploadDirectoryAsync(source, "m", Token));
        Assert.Contains($"in '{source}' is {kind}, not a file", error.Message, StringComparison.Ordinal);
        Assert.Contains("'sub/", error.Message, StringComparison.Ordinal);
        Assert.Empty(await store.ListAsync("", Token).ToListAsync(Token));
    }

    [Fact]
    public async Task UploadDirectoryAsync_LinksWithinTheFolder_AreWrittenAsTheirFiles()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        var source = Directory.CreateDirectory(Path.Combine(_folder, "source", "sub")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(source, "sub", "weights.bin"), "w", Token);
        File.CreateSymbolicLink(Path.Combine(source, "model.bin"), "sub/weights.bin");
        File.CreateSymbolicLink(Path.Combine(source, "sub", "again.bin"), Path.Combine(source, "model.bin"));
        // The folder itself may be reached through a link, and may lie behind one.
        Directory.CreateSymbolicLink(Path.Combine(_folder, "way"), _folder);
        var through = Directory.CreateSymbolicLink(Path.Combine(_folder, "through"), Path.Combine(_folder, "way", "source")).FullName;
        var store = new LocalArtifactStore(Path.Combine(_folder, "store"));
        foreach (var path in new[] { source, through, Path.Combine(_folder, "way", "source") })
        {
            var uploaded = await store.UploadDirectoryAsync(path, "m", Token);
            Assert.Equal(["m/model.bin", "m/sub/again.bin", "m/sub/weights.bin"], uploaded.Select(artifact => artifact.Path));
            Assert.Equal("w", await ReadAsync(store, "m/sub/again.bin"));
        }
    }

    [Fact]
    public async Task DownloadDirectoryAsync_TamperedFile_ThrowsAndLeavesNoFile()
    {
        var store = new LocalArtifactStore(Path.Combine(_folder, "store"));
        await WriteAsync(store, "m/model.bin", "good");
        await File.WriteAllTextAsync(Path.Combine(_folder, "store", "m", "model.bin"), "evil", Token);
        await Assert.ThrowsAsync<StorageException>(() => store.DownloadDirectoryAsync("m", Path.Combine(_folder, "target"), Token));
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "target"), "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task DownloadDirectoryAsync_NothingThere_ThrowsNotFound()
        => await Assert.ThrowsAsync<EntityNotFoundException>(() => NewStore().DownloadDirectoryAsync("absent", Path.Combine(_folder, "target"), Token));

    protected override Task<IArtifactStore> CreateAsync() => Task.FromResult<IArtifactStore>(NewStore());

    private LocalArtifactStore NewStore() => new(_folder);

    private static async Task<Artifact> WriteAsync(IArtifactStore store, string path, string content, WriteCondition condition = default)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        return await store.WriteAsync(path, stream, condition, Token);
    }

    private static async Task<string> ReadAsync(IArtifactStore store, string path)
    {
        await using var stream = await store.OpenReadAsync(path, cancellationToken: Token);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }

    private sealed class FailingStream : MemoryStream
    {
        private bool _hasRead;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_hasRead) throw new InvalidDataException("The source broke off.");
            _hasRead = true;
            buffer.Span[0] = 1;
            return ValueTask.FromResult(1);
        }
    }
}
