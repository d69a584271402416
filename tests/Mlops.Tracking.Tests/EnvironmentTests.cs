using System.Diagnostics;
using System.Text.Json;
using Mlops.Artifacts;

namespace Mlops.Tracking.Tests;

public sealed class EnvironmentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-git-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task CreateAsync_WorkingCopyWithChanges_GivesTagsAndFilesWithoutSecrets()
    {
        await MakeRepositoryAsync();
        await Git("remote", "add", "origin", "https://me:hunter2@example.org/a/b.git");
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.txt"), "changed\npassword = \"hunter2\"\n", Token);
        var artifacts = new InMemoryArtifactStore();
        var problems = new List<string>();
        await using var environment = new EnvironmentTags(artifacts, SecretMask.Default, problems.Add);
        var captured = await EnvironmentCapture.CaptureAsync(_folder);
        var tags = await environment.CreateAsync(Task.FromResult(captured));
        Assert.Empty(problems);
        Assert.Equal((await Git("rev-parse", "HEAD")).Trim(), tags[RunTags.GitCommit]);
        Assert.Equal(("main", "https://***@example.org/a/b.git", "true", "LOCAL"), (tags[RunTags.GitBranch], tags[RunTags.GitRepository], tags[RunTags.GitDirty], tags[RunTags.SourceType]));
        Assert.Equal((Environment.UserName, "Mlops.Tracking.Tests"), (tags[RunTags.User], tags[RunTags.SourceName]));
        var patch = await ReadAsync(artifacts, tags[RunTags.Environment] + "/changes.patch");
        Assert.Contains("+changed", patch, StringComparison.Ordinal);
        Assert.Contains("+password = \"***\"", patch, StringComparison.Ordinal);
        var text = await ReadAsync(artifacts, tags[RunTags.Environment] + "/environment.json");
        Assert.DoesNotContain("hunter2", text + patch, StringComparison.Ordinal);
        var json = JsonDocument.Parse(text).RootElement;
        Assert.StartsWith(".NET ", json.GetProperty("framework").GetString(), StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessorCount, json.GetProperty("cores").GetInt32());
        Assert.Contains(json.GetProperty("packages").EnumerateArray(), package => package.GetProperty("name").GetString() == "xunit.v3.core" || package.GetProperty("name").GetString() == "Mlops.Core");
        Assert.True(json.GetProperty("git").GetProperty("isDirty").GetBoolean());

        // The same environment is the same folder.
        Assert.Equal(tags, await environment.CreateAsync(EnvironmentCapture.CaptureAsync(_folder)));
        Assert.Equal(2, await artifacts.ListAsync("environments", Token).CountAsync(Token));
    }

    [Fact]
    public async Task ReadAsync_NoRepositoryOrNoCommitOrDetached_IsReadAsFarAsItGoes()
    {
        Assert.Null(await GitReader.ReadAsync(_folder));
        await Git("init", "-q");
        Assert.Null(await GitReader.ReadAsync(_folder));
        await MakeRepositoryAsync();
        var state = (await GitReader.ReadAsync(_folder))!;
        Assert.Equal(("main", null, false, null), (state.Branch, state.Repository, state.IsDirty, state.Patch));
        await Git("checkout", "-q", "--detach");
        Assert.Null((await GitReader.ReadAsync(_folder))!.Branch);
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.txt"), new string('x', GitReader.LongestPatch + 1), Token);
        state = (await GitReader.ReadAsync(_folder))!;
        Assert.Equal((true, null, true), (state.IsDirty, state.Patch, state.IsPatchTooLarge));
        Assert.Null(await GitReader.ReadAsync(Path.Combine(_folder, "absent")));
    }

    [Fact]
    public async Task CreateAsync_FilesThatGitDoesNotKnow_AreInThePatchAsFarAsTheyAreSmallTexts()
    {
        await MakeRepositoryAsync();
        await Write(".gitignore", "ignored.txt\n");
        await Git("add", ".gitignore");
        await Write("a.txt", "changed\n");
        await Write("sub folder/größe.py", "token = 'hunter2'\nprint(1)");
        await Write("empty.txt", "");
        await Write("ignored.txt", "not here");
        await Write(".env", "ANYTHING=hunter3");
        await Write("appsettings.Development.json", "{\"x\":\"hunter3\"}");
        await Write("large.txt", new string('x', 70_000));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "image.png"), [1, 0, 2], Token);
        var (artifacts, state) = (new InMemoryArtifactStore(), await EnvironmentCapture.CaptureAsync(Path.Combine(_folder, "sub folder")));
        await using var stored = new EnvironmentTags(artifacts, SecretMask.Default, _ => { });
        var tags = await stored.CreateAsync(Task.FromResult(state));
        var patch = await ReadAsync(artifacts, tags[RunTags.Environment] + "/changes.patch");
        Assert.Contains("+changed\n", patch, StringComparison.Ordinal);
        Assert.Contains("+++ b/sub folder/größe.py\n@@ -0,0 +1,2 @@\n+token = '***'\n+print(1)\n\\ No newline at end of file\n", patch, StringComparison.Ordinal);
        foreach (var name in new[] { ".env", "appsettings.Development.json", "large.txt", "image.png" }) Assert.Contains($"Untracked, without its content: {name}\n", patch + "\n", StringComparison.Ordinal);
        Assert.DoesNotContain("hunter", patch, StringComparison.Ordinal);
        Assert.DoesNotContain("not here", patch, StringComparison.Ordinal);

        // Applied to the commit, it makes the same files.
        var file = Path.Combine(_folder, "changes.patch");
        await File.WriteAllTextAsync(file, state.Git!.Patch + "\n", Token);
        foreach (var path in new[] { "sub folder/größe.py", "empty.txt" }) File.Delete(Path.Combine(_folder, path));
        await Git("reset", "-q", "--hard");
        await Git("apply", file);
        Assert.Equal("token = 'hunter2'\nprint(1)", await File.ReadAllTextAsync(Path.Combine(_folder, "sub folder/größe.py"), Token));
        Assert.Equal(("changed\n", ""), (await File.ReadAllTextAsync(Path.Combine(_folder, "a.txt"), Token), await File.ReadAllTextAsync(Path.Combine(_folder, "empty.txt"), Token)));
    }

    [Fact]
    public async Task ReadAsync_ManyFilesThatGitDoesNotKnow_StaysWithinTheLimit()
    {
        await MakeRepositoryAsync();
        for (var i = 0; i < 30; i++) await Write($"f{i:00}.txt", new string('x', 60_000));
        var state = (await GitReader.ReadAsync(_folder))!;
        Assert.InRange(state.Patch!.Length, 900_000, GitReader.LongestPatch);
        Assert.False(state.IsPatchTooLarge);
        for (var i = 0; i < 30; i++) Assert.Contains($"f{i:00}.txt", state.Patch, StringComparison.Ordinal);
        for (var i = 0; i < 1100; i++) await Write($"f{i:0000}.txt", "");
        state = (await GitReader.ReadAsync(_folder))!;
        Assert.EndsWith("130 more untracked files.", state.Patch, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_ArtifactsCannotBeWritten_GivesWhatIsKnownAndTells()
    {
        var problems = new List<string>();
        await using var environment = new EnvironmentTags(new BrokenStore(), SecretMask.Default, problems.Add);
        var tags = await environment.CreateAsync(Task.FromResult(new CapturedEnvironment { User = "me" }));
        Assert.Equal("me", tags[RunTags.User]);
        Assert.False(tags.ContainsKey(RunTags.Environment));
        Assert.Equal("no: token=***", Assert.Single(problems));
        Assert.Empty(await environment.CreateAsync(Task.FromException<CapturedEnvironment>(new InvalidOperationException())));
    }

    [Fact]
    public async Task StartRunAsync_CaptureOn_TagsEveryRunAndKeepsTheCallersTags()
    {
        var store = new FaultyStore();
        await using var tracker = new Tracker(store.Backend(), new TrackerOptions { Spool = { IsEnabled = false } });
        var options = new StartRunOptions { Tags = new Dictionary<string, string> { [RunTags.SourceName] = "mine" } };
        // The first may not know it when it starts; the second does.
        var first = await tracker.RunAsync("e", _ => Task.CompletedTask, options, Token);
        var second = await tracker.RunAsync("e", _ => Task.CompletedTask, options, Token);
        foreach (var run in new[] { first, second })
        {
            Assert.Equal((Environment.UserName, "mine", Environment.UserName), (run.Tags[RunTags.User], run.Tags[RunTags.SourceName], run.User));
            Assert.NotNull(await store.Artifacts.FindAsync(run.Tags[RunTags.Environment] + "/environment.json", Token));
        }

        Assert.Equal(first.Tags[RunTags.Environment], second.Tags[RunTags.Environment]);
    }

    [Fact]
    public async Task StartRunAsync_EnvironmentBecomesKnownWhileTheRunIsCreated_TagsTheRun()
    {
        var store = new FaultyStore();
        await using var tracker = new Tracker(store.Backend(), new TrackerOptions { Spool = { IsEnabled = false } });
        store.Before = operation => operation == "create" ? WaitForEnvironmentAsync(store.Artifacts) : Task.CompletedTask;
        var run = await tracker.RunAsync("e", _ => Task.CompletedTask, cancellationToken: Token);
        Assert.Equal(Environment.UserName, run.Tags[RunTags.User]);
    }

    private static async Task WaitForEnvironmentAsync(InMemoryArtifactStore artifacts)
    {
        while (!await artifacts.ListAsync("environments", Token).AnyAsync(artifact => artifact.Path.EndsWith("/environment.json", StringComparison.Ordinal), Token)) await Task.Delay(1, Token);

        // It is known a moment after it is stored.
        await Task.Delay(50, Token);
    }

    private static async Task<string> ReadAsync(InMemoryArtifactStore artifacts, string path)
    {
        using var reader = new StreamReader(await artifacts.OpenReadAsync(path, cancellationToken: Token));
        return await reader.ReadToEndAsync(Token);
    }

    private async Task Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, path))!);
        await File.WriteAllTextAsync(Path.Combine(_folder, path), text, Token);
    }

    private async Task MakeRepositoryAsync()
    {
        await Git("init", "-q");
        await Git("symbolic-ref", "HEAD", "refs/heads/main");
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.txt"), "a\n", Token);
        await Git("add", "a.txt");
        await Git("-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "-q", "-m", "m");
    }

    private async Task<string> Git(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return output;
    }

    private sealed class BrokenStore : IArtifactStore
    {
        public Task<Artifact?> FindAsync(string path, CancellationToken cancellationToken = default) => throw new StorageException("test", "find", "no: token=hunter2");

        public Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<Artifact> WriteAsync(string path, Stream content, WriteCondition condition = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<Artifact> ListAsync(string prefix, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<bool> DeleteAsync(string path, WriteCondition condition = default, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
