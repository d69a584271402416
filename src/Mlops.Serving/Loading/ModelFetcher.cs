using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Brings model directories into the cache: verified, and sealed where the policy says so. Safe for concurrent use, also by several processes that share the cache.</summary>
/// <remarks>Others use what is in the cache. It is taken away under the cache's lock only, and only when it is bad then: whoever saw it damaged may come after another one who has fetched it anew.</remarks>
internal sealed partial class ModelFetcher(ModelCache cache, SealPolicy seals, ILogger logger)
{
    private readonly ILogger _logger = logger;

    /// <summary>Brings a version into the cache, unless it is there. Nothing of it is read but its manifest, digests and seals.</summary>
    /// <exception cref="ModelLoadException">It cannot be fetched, is not what was registered, or not sealed as it must be.</exception>
    public async Task<ModelDirectory> FetchAsync(ModelVersion version, IModelContent content, CancellationToken cancellationToken)
    {
        if (version.Digest.Length != 64 || !version.Digest.All(char.IsAsciiHexDigitLower))
            throw new ModelLoadException(content.Address, $"{content.Address} is registered with the digest '{version.Digest}', which is not a SHA-256 digest. Register it again.");
        cache.Sweep();
        if (await FindAsync(content, version.Digest, cancellationToken).ConfigureAwait(false) is { } cached) return cached;
        await ImportAsync(content, version.Digest, cancellationToken).ConfigureAwait(false);
        var path = cache.PathOf(version.Digest);
        try
        {
            return await OpenSealedAsync(content, version.Digest, path, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelLoadException error) when (error.SealFault is not null)
        {
            throw new ModelLoadException(content.Address, $"{content.Address} is not loaded: {error.Message.Replace(path, content.Place, StringComparison.Ordinal)}", error.InnerException) { SealFault = error.SealFault };
        }
    }

    /// <summary>Brings content into the cache.</summary>
    /// <param name="content">The content.</param>
    /// <param name="digest">The digest it must have; <see langword="null"/> for any.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>Its digest.</returns>
    public async Task<string> ImportAsync(IModelContent content, string? digest, CancellationToken cancellationToken)
    {
        var temporary = cache.NewTemporary(digest is null ? "" : digest[..8] + "-");
        try
        {
            CreateTemporary(content, temporary);
            await content.WriteAsync(temporary, cancellationToken).ConfigureAwait(false);
            digest = await VerifyAsync(content, digest, temporary, cancellationToken).ConfigureAwait(false);
            if (ModelCache.TryMove(temporary, cache.PathOf(digest))) return digest;

            // Another load was faster, or it is there for long; content that can be read once must not be lost for a copy that is bad.
            using (await LockAsync(content, cancellationToken).ConfigureAwait(false))
            {
                if (await OpenOrDiscardAsync(content, digest, cancellationToken).ConfigureAwait(false) is null) ModelCache.TryMove(temporary, cache.PathOf(digest));
            }

            return digest;
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Finds a good copy in the cache, and takes a bad one away.</summary>
    private async Task<ModelDirectory?> FindAsync(IModelContent content, string digest, CancellationToken cancellationToken)
    {
        var path = cache.PathOf(digest);
        if (!Directory.Exists(path)) return null;
        cache.Touch(path);
        try
        {
            return await OpenSealedAsync(content, digest, path, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelLoadException error)
        {
            // It may have been sealed, or sealed with another key, after it came into the cache.
            if (error.SealFault is null) LogCacheDamaged(error, path);
        }

        using (await LockAsync(content, cancellationToken).ConfigureAwait(false))
        {
            return await OpenOrDiscardAsync(content, digest, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens what is in the cache, or takes it away when it is bad; under the lock.</summary>
    private async Task<ModelDirectory?> OpenOrDiscardAsync(IModelContent content, string digest, CancellationToken cancellationToken)
    {
        var path = cache.PathOf(digest);
        if (!Directory.Exists(path)) return null;
        try
        {
            return await OpenSealedAsync(content, digest, path, cancellationToken).ConfigureAwait(false);
        }
        catch (ModelLoadException)
        {
            cache.Discard(path);
            return null;
        }
    }

    private async Task<FileStream> LockAsync(IModelContent content, CancellationToken cancellationToken)
    {
        try
        {
            return await FileLock.AcquireAsync(cache.LockFile, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(content, error);
        }
    }

    private static void CreateTemporary(IModelContent content, string temporary)
    {
        try
        {
            Directory.CreateDirectory(temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(content, error);
        }
    }

    /// <summary>Verifies what was fetched. What is wrong with it is wrong where it came from: nobody can mend the temporary copy.</summary>
    private static async Task<string> VerifyAsync(IModelContent content, string? digest, string temporary, CancellationToken cancellationToken)
    {
        try
        {
            if (content.AllowMissingManifest) await ModelDirectory.WriteManifestAsync(temporary, cancellationToken).ConfigureAwait(false);
            return (await OpenAsync(content, digest, temporary, cancellationToken).ConfigureAwait(false)).Digest;
        }
        catch (ModelLoadException error) when (error.Message.Contains(temporary, StringComparison.Ordinal))
        {
            throw new ModelLoadException(
                content.Address,
                $"{content.Address} {content.Damaged}: {error.Message.Replace(temporary, content.Place, StringComparison.Ordinal)}",
                error.InnerException) { IsTransient = content.MaySettle };
        }
    }

    private async Task<ModelDirectory> OpenSealedAsync(IModelContent content, string digest, string path, CancellationToken cancellationToken)
    {
        var directory = await OpenAsync(content, digest, path, cancellationToken).ConfigureAwait(false);
        await seals.CheckAsync(directory, cancellationToken).ConfigureAwait(false);
        return directory;
    }

    private static async Task<ModelDirectory> OpenAsync(IModelContent content, string? digest, string path, CancellationToken cancellationToken)
    {
        var directory = await ModelDirectory.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        if (digest is null || directory.Digest == digest) return directory;
        throw new ModelLoadException(
            content.Address,
            content.MaySettle
                ? $"{content.Place} was changed while it was copied."
                : $"{content.Place} is not what was registered as {content.Address}: the digest of its manifest is '{directory.Digest}', registered was '{digest}'. Restore it, or register the model again.") { IsTransient = content.MaySettle };
    }

    private static ModelLoadException CannotWrite(IModelContent content, Exception error)
        => new(content.Address, $"{content.Address} could not be fetched: the cache cannot be written: {error.Message}", error) { IsTransient = true };

    [LoggerMessage(3002, LogLevel.Warning, "The cached model in {Directory} is damaged and is fetched again.", EventName = "CacheDamaged")]
    private partial void LogCacheDamaged(Exception error, string directory);
}
