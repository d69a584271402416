using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Mlops.Artifacts;

namespace Mlops.Tracking;

/// <summary>The tags that say where the runs of a tracker ran, and the files that they point to, which are stored once per environment. Safe for concurrent use.</summary>
/// <param name="artifacts">Keeps the files.</param>
/// <param name="mask">Masks secrets.</param>
/// <param name="onProblem">Told what could not be done, with secrets masked.</param>
internal sealed class EnvironmentTags(IArtifactStore artifacts, SecretMask mask, Action<string> onProblem) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Task<IReadOnlyDictionary<string, string>>? _tags;

    /// <summary>Gets the tags, looked up in the background the first time. The task never fails.</summary>
    public Task<IReadOnlyDictionary<string, string>> GetAsync()
    {
        lock (_lock) return _tags ??= Task.Run(() => CreateAsync(EnvironmentCapture.Current));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task? tags;
        lock (_lock) tags = _tags;
        if (tags is not null) await tags.ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Makes the tags of an environment, and stores its files.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> CreateAsync(Task<CapturedEnvironment> captured)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var environment = Mask(await captured.WaitAsync(_stopping.Token).ConfigureAwait(false));
            Add(tags, RunTags.User, environment.User);
            Add(tags, RunTags.SourceName, environment.Program);
            Add(tags, RunTags.SourceType, "LOCAL");
            if (environment.Git is { } git)
            {
                Add(tags, RunTags.GitCommit, git.Commit);
                Add(tags, RunTags.GitBranch, git.Branch);
                Add(tags, RunTags.GitRepository, git.Repository);
                Add(tags, RunTags.GitDirty, git.IsDirty ? "true" : "false");
            }

            Add(tags, RunTags.Environment, await StoreAsync(environment).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The tracker is disposed; what is known is enough.
        }
#pragma warning disable CA1031 // Runs never fail because of their environment.
        catch (Exception error)
#pragma warning restore CA1031
        {
            onProblem(mask.MaskText(error.Message));
        }

        return tags;
    }

    private static void Add(Dictionary<string, string> tags, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value) && value.Length <= 5000) tags[name] = value;
    }

    private CapturedEnvironment Mask(CapturedEnvironment environment)
    {
        var git = environment.Git;
        return environment with
        {
            Program = mask.MaskText(environment.Program),
            Git = git is null ? null : git with
            {
                Branch = git.Branch is null ? null : mask.MaskText(git.Branch),
                Repository = git.Repository is null ? null : mask.MaskText(git.Repository),
                Patch = git.Patch is null ? null : mask.MaskText(git.Patch),
            },
        };
    }

    // Named by its content: whoever has the same environment writes the same bytes to the same place.
    private async Task<string> StoreAsync(CapturedEnvironment environment)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(environment, CapturedEnvironmentContext.Default.CapturedEnvironment);
        var patch = environment.Git?.Patch is { } text ? Encoding.UTF8.GetBytes(text + "\n") : [];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(json);
        hash.AppendData(patch);
        var folder = "environments/" + Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
        if (patch.Length > 0) await WriteAsync($"{folder}/changes.patch", patch).ConfigureAwait(false);
        await WriteAsync($"{folder}/environment.json", json).ConfigureAwait(false);
        return folder;
    }

    private async Task WriteAsync(string path, byte[] content)
    {
        if (await artifacts.FindAsync(path, _stopping.Token).ConfigureAwait(false) is not null) return;
        var stream = new MemoryStream(content, writable: false);
        await using (stream.ConfigureAwait(false)) await artifacts.WriteAsync(path, stream, default, _stopping.Token).ConfigureAwait(false);
    }
}
