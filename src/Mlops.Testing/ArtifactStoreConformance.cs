using System.Security.Cryptography;
using System.Text;
using Mlops.Artifacts;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every <see cref="IArtifactStore"/> does. Derive a test class for each implementation.</summary>
public abstract class ArtifactStoreConformance
{
    /// <summary>Makes an empty store.</summary>
    /// <returns>The store.</returns>
    protected abstract Task<IArtifactStore> CreateAsync();

    /// <summary>Gets whether a path is either a file or a folder in the store, as on disk; otherwise it may be both.</summary>
    protected virtual bool HasFolders => true;

    /// <summary>What was written is found and read back, with its digest and length.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_NewFile_IsFoundAndReadBack()
    {
        var store = await CreateAsync();
        var written = await WriteAsync(store, "models/größe 日本/model.bin", "content");
        Assert.Equal(new Artifact("models/größe 日本/model.bin", Digest("content"), 7), written);
        Assert.Equal(written, await store.FindAsync(written.Path, Token));
        Assert.Equal("content", await ReadAsync(store, written.Path));
    }

    /// <summary>An empty file is a file.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_EmptyContent_IsReadBack()
    {
        var store = await CreateAsync();
        Assert.Equal(0, (await WriteAsync(store, "empty", "")).Length);
        Assert.Equal("", await ReadAsync(store, "empty"));
    }

    /// <summary>Content larger than any buffer survives.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_LargeContent_IsReadBack()
    {
        var store = await CreateAsync();
        var text = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"{i:D6} "));
        Assert.Equal(Digest(text), (await WriteAsync(store, "large", text)).Digest);
        Assert.Equal(text, await ReadAsync(store, "large"));
    }

    /// <summary>A second write replaces the first.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_ExistingFile_ReplacesIt()
    {
        var store = await CreateAsync();
        await WriteAsync(store, "a/b", "a longer first content");
        await WriteAsync(store, "a/b", "second");
        Assert.Equal("second", await ReadAsync(store, "a/b"));
        Assert.Equal(Digest("second"), (await store.FindAsync("a/b", Token))?.Digest);
    }

    /// <summary>A path below a file, and one that is a folder, is refused where the store has folders, and kept where it has none.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_FileAndFolderOfOneName_ThrowsWhereThereAreFolders()
    {
        var store = await CreateAsync();
        await WriteAsync(store, "x", "1");
        await WriteAsync(store, "a/b/c", "2");
        foreach (var (path, other) in new[] { ("x/y", "'x'"), ("x/y/z", "'x'"), ("a", "a/"), ("a/b", "a/b/"), ("a/b/c/d", "'a/b/c'") })
        {
            if (HasFolders)
            {
                var error = await Assert.ThrowsAsync<EntityConflictException>(() => WriteAsync(store, path, "3"));
                Assert.Equal(("artifact", path), (error.Kind, error.Name));
                Assert.Contains(other, error.Message, StringComparison.Ordinal);
            }
            else
            {
                await WriteAsync(store, path, path);
                Assert.Equal(path, await ReadAsync(store, path));
            }
        }

        Assert.Equal(("1", "2"), (await ReadAsync(store, "x"), await ReadAsync(store, "a/b/c")));
        if (!HasFolders) return;
        Assert.Null(await store.FindAsync("x/y", Token));
        Assert.False(await store.DeleteAsync("x/y", default, Token));
        Assert.Equal(["a/b/c", "x"], await store.ListAsync("", Token).Select(artifact => artifact.Path).ToListAsync(Token));
        await store.DeleteAsync("a/b/c", default, Token);
        await store.DeleteAsync("x", default, Token);
        Assert.Equal("4", await ReadAsync(store, (await WriteAsync(store, "a/b", "4")).Path));
        Assert.Equal("5", await ReadAsync(store, (await WriteAsync(store, "x/y", "5")).Path));
    }

    /// <summary>A write whose condition does not hold changes nothing.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_ConditionDoesNotHold_ThrowsAndChangesNothing()
    {
        var store = await CreateAsync();
        var first = await WriteAsync(store, "a", "1", WriteCondition.IfAbsent);
        await Assert.ThrowsAsync<EntityConflictException>(() => WriteAsync(store, "a", "2", WriteCondition.IfAbsent));
        await WriteAsync(store, "a", "2", WriteCondition.IfMatches(first.Digest));
        await Assert.ThrowsAsync<EntityConflictException>(() => WriteAsync(store, "a", "3", WriteCondition.IfMatches(first.Digest)));
        await Assert.ThrowsAsync<EntityConflictException>(() => WriteAsync(store, "absent", "3", WriteCondition.IfMatches(first.Digest)));
        Assert.Equal("2", await ReadAsync(store, "a"));
        Assert.Null(await store.FindAsync("absent", Token));
    }

    /// <summary>Of many that write a new file at once, one succeeds, and its content is what is there.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_ManyIfAbsent_OneSucceeds()
    {
        var store = await CreateAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
        {
            try
            {
                return (await WriteAsync(store, "a", $"writer {i}", WriteCondition.IfAbsent)).Digest;
            }
            catch (EntityConflictException)
            {
                return null;
            }
        })));
        var winner = Assert.Single(results, digest => digest is not null);
        Assert.Equal(winner, Digest(await ReadAsync(store, "a")));
    }

    /// <summary>A reader beside writers sees one whole content or another, and a digest that fits.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task OpenReadAsync_WhileWritten_SeesWholeContents()
    {
        var store = await CreateAsync();
        await WriteAsync(store, "a", new string('0', 1000));
        var writing = Task.WhenAll(Enumerable.Range(1, 3).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 15; i++) await WriteAsync(store, "a", new string((char)('0' + writer), 1000 * writer));
        })));
        do
        {
            var text = await ReadAsync(store, "a");
            Assert.Equal(new string(text[0], 1000 * Math.Max(1, text[0] - '0')), text);
        }
        while (!writing.IsCompleted);
        await writing;
    }

    /// <summary>A range is that part of the content, cut at its end.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task OpenReadAsync_Range_ReturnsThatPart()
    {
        var store = await CreateAsync();
        await WriteAsync(store, "a", "0123456789");
        Assert.Equal("345", await ReadAsync(store, "a", 3, 3));
        Assert.Equal("89", await ReadAsync(store, "a", 8, 100));
        Assert.Equal("0123456789", await ReadAsync(store, "a", 0, 10));
        Assert.Equal("6789", await ReadAsync(store, "a", 6));
        Assert.Equal("", await ReadAsync(store, "a", 20, 5));
        Assert.Equal("", await ReadAsync(store, "a", 0, 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.OpenReadAsync("a", -1, null, Token));
    }

    /// <summary>What is not there is not found, and cannot be opened.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task OpenReadAsync_UnknownPath_ThrowsNotFound()
    {
        var store = await CreateAsync();
        await WriteAsync(store, "folder/file", "x");
        Assert.Null(await store.FindAsync("absent", Token));
        Assert.Null(await store.FindAsync("folder", Token));
        Assert.Equal("absent/file", (await Assert.ThrowsAsync<EntityNotFoundException>(() => store.OpenReadAsync("absent/file", 0, null, Token))).Name);
    }

    /// <summary>A listing holds the files of a folder and its subfolders in ordinal order, with or without a trailing slash.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task ListAsync_Folder_ReturnsItsFilesInOrder()
    {
        var store = await CreateAsync();
        foreach (var path in new[] { "m/b", "m/a/z", "m/a.txt", "m/B", "other", "m2/x" }) await WriteAsync(store, path, path);
        string[] expected = ["m/B", "m/a.txt", "m/a/z", "m/b"];
        Assert.Equal(expected, await store.ListAsync("m", Token).Select(artifact => artifact.Path).ToListAsync(Token));
        Assert.Equal(expected, await store.ListAsync("m/", Token).Select(artifact => artifact.Path).ToListAsync(Token));
        Assert.Equal(6, await store.ListAsync("", Token).CountAsync(Token));
        Assert.Equal(0, await store.ListAsync("absent", Token).CountAsync(Token));
        Assert.All(await store.ListAsync("", Token).ToListAsync(Token), artifact => Assert.Equal(Digest(artifact.Path), artifact.Digest));
    }

    /// <summary>Deleting removes a file, says whether there was one, and obeys its condition.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task DeleteAsync_File_RemovesIt()
    {
        var store = await CreateAsync();
        var artifact = await WriteAsync(store, "a/b", "x");
        await Assert.ThrowsAsync<EntityConflictException>(() => store.DeleteAsync("a/b", WriteCondition.IfMatches(Digest("y")), Token));
        Assert.True(await store.DeleteAsync("a/b", WriteCondition.IfMatches(artifact.Digest), Token));
        Assert.False(await store.DeleteAsync("a/b", default, Token));
        Assert.Null(await store.FindAsync("a/b", Token));
        Assert.Equal("z", await ReadAsync(store, (await WriteAsync(store, "a", "z")).Path));
    }

    /// <summary>A write that is cancelled leaves what was there.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_Cancelled_ChangesNothing()
    {
        var store = await CreateAsync();
        await WriteAsync(store, "a", "old");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.WriteAsync("a", new MemoryStream("new"u8.ToArray()), default, cancelled.Token));
        Assert.Equal("old", await ReadAsync(store, "a"));
    }

    /// <summary>A path that could mean something else somewhere is refused by every operation.</summary>
    /// <param name="path">The path.</param>
    /// <returns>A task that completes when the test has.</returns>
    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a\\b")]
    [InlineData("c:/a")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("nul")]
    [InlineData("a/CON.txt/b")]
    [InlineData("com1")]
    [InlineData("LPT²")]
    [InlineData("a.")]
    [InlineData("a /b")]
    [InlineData("../a")]
    [InlineData("a/..")]
    [InlineData("a/.. ")]
    [InlineData("..\\a")]
    [InlineData("C:\\a")]
    [InlineData("\\\\host\\share")]
    [InlineData("//host/share")]
    [InlineData("file:a")]
    [InlineData("a/cOn")]
    [InlineData("Nul.tar.gz")]
    [InlineData("AUX .txt")]
    [InlineData("prN")]
    [InlineData("LpT9.log")]
    [InlineData("CONIN$")]
    [InlineData("conout$")]
    [InlineData("a\u0085b")]
    public async Task WriteAsync_PathNotAllowed_ThrowsArgumentException(string path)
    {
        var store = await CreateAsync();
        await Assert.ThrowsAnyAsync<ArgumentException>(() => WriteAsync(store, path, "x"));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.FindAsync(path, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.OpenReadAsync(path, 0, null, Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => store.DeleteAsync(path, default, Token));
    }

    /// <summary>A path that is too long, or is no text, is refused by every operation; xunit cannot carry such a one as data.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_PathTooLongOrNoText_ThrowsArgumentException()
    {
        var store = await CreateAsync();
        foreach (var path in new[] { "a\ud800/b", "\udc00", new string('a', 256), new string('ä', 128), string.Join('/', Enumerable.Repeat("abcdefg", 129)) })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => WriteAsync(store, path, "x"));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => store.FindAsync(path, Token));
        }

        var longest = string.Join('/', Enumerable.Repeat(new string('é', 100), 5));
        Assert.Equal("x", await ReadAsync(store, (await WriteAsync(store, longest, "x")).Path));
    }

    /// <summary>A delete obeys the condition that nothing may be there, and the one that something must be.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task DeleteAsync_ConditionThatNothingIsThere_ThrowsWhenSomethingIs()
    {
        var store = await CreateAsync();
        await WriteAsync(store, "a", "x");
        await Assert.ThrowsAsync<EntityConflictException>(() => store.DeleteAsync("a", WriteCondition.IfAbsent, Token));
        Assert.False(await store.DeleteAsync("absent", WriteCondition.IfAbsent, Token));
        await Assert.ThrowsAsync<EntityConflictException>(() => store.DeleteAsync("absent", WriteCondition.IfMatches(Digest("x")), Token));
        Assert.Equal("x", await ReadAsync(store, "a"));
    }

    /// <summary>Of many that replace the same content at once, one succeeds.</summary>
    /// <returns>A task that completes when the test has.</returns>
    [Fact]
    public async Task WriteAsync_ManyIfMatches_OneSucceeds()
    {
        var store = await CreateAsync();
        var first = await WriteAsync(store, "a", "first");
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            try
            {
                return (await WriteAsync(store, "a", $"writer {i}", WriteCondition.IfMatches(first.Digest))).Digest;
            }
            catch (EntityConflictException)
            {
                return null;
            }
        })));
        Assert.Equal(Assert.Single(results, digest => digest is not null), (await store.FindAsync("a", Token))?.Digest);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Digest(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    private static async Task<Artifact> WriteAsync(IArtifactStore store, string path, string content, WriteCondition condition = default)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(content));
        return await store.WriteAsync(path, stream, condition, Token);
    }

    private static async Task<string> ReadAsync(IArtifactStore store, string path, long offset = 0, long? length = null)
    {
        var stream = await store.OpenReadAsync(path, offset, length, Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(Token);
    }
}
