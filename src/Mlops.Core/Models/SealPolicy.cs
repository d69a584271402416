using System.Security.Cryptography;

namespace Mlops.Models;

/// <summary>Whether models must be sealed by a trusted key to be loaded. Immutable, safe for concurrent use.</summary>
/// <example><code>var policy = SealPolicy.RequireSeal(SealKey.FromPem(oldKey), SealKey.FromPem(newKey));</code></example>
public sealed class SealPolicy
{
    private readonly SealKey[]? _trusted;

    private SealPolicy(SealKey[]? trusted) => _trusted = trusted;

    /// <summary>Gets the policy that looks at no seal.</summary>
    public static SealPolicy Ignore { get; } = new(null);

    /// <summary>Makes a policy that loads only what one of some keys has sealed.</summary>
    /// <param name="trustedKeys">The keys, of which the public part is enough; not disposed while the policy is used. Several, while keys are changed.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentException">There is no key.</exception>
    public static SealPolicy RequireSeal(params IEnumerable<SealKey> trustedKeys)
    {
        ArgumentNullException.ThrowIfNull(trustedKeys);
        SealKey[] keys = [.. trustedKeys];
        foreach (var key in keys) ArgumentNullException.ThrowIfNull(key, nameof(trustedKeys));
        return keys.Length > 0 ? new SealPolicy(keys) : throw new ArgumentException("Without a trusted key no model could be loaded.", nameof(trustedKeys));
    }

    /// <summary>Checks the seals of a directory that was opened, and so verified against its manifest.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>A task that completes when the directory has passed.</returns>
    /// <exception cref="ModelLoadException">It is not sealed, not by a trusted key, or the seal is not that of its manifest: <see cref="ModelLoadException.SealFault"/> says which.</exception>
    public async Task CheckAsync(ModelDirectory directory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(directory);
        if (_trusted is null) return;
        if (directory.Digest.Length == 0)
            throw Refuse(directory, SealFault.Unsealed, "has no manifest that could be sealed. Save it here, and seal it");
        var seals = await ManifestSeal.ReadAsync(directory, cancellationToken).ConfigureAwait(false);
        if (seals.Count == 0)
            throw Refuse(directory, SealFault.Unsealed, $"is not sealed. Seal it with {nameof(ManifestSeal)}.{nameof(ManifestSeal.WriteAsync)} where models are released");
        var manifest = await directory.ReadFileAsync(ModelFiles.Manifest, cancellationToken).ConfigureAwait(false);

        // What was verified when the directory was opened is what the seal must be of.
        var isVerified = Convert.ToHexStringLower(SHA256.HashData(manifest)) == directory.Digest;
        var isKnown = false;
        foreach (var seal in seals)
        {
            if (Array.Find(_trusted, key => key.Id == seal.KeyId) is not { } key) continue;
            isKnown = true;
            if (isVerified && key.IsSignatureOf(manifest, seal.Signature)) return;
        }

        throw isKnown
            ? Refuse(directory, SealFault.WrongSignature, "has a seal that is not of its manifest: one of the two was changed since. Restore it from its source, or seal it again")
            : Refuse(directory, SealFault.UnknownKey, $"is sealed only by keys that are not trusted here: {string.Join(", ", seals.Select(seal => Describe(seal.KeyId)))}. Seal it with a trusted key, or trust that key");
    }

    private static ModelLoadException Refuse(ModelDirectory directory, SealFault fault, string reason)
        => new(directory.Path, $"The model in {directory.Path} {reason}.") { SealFault = fault };

    /// <summary>What a file says may be anything.</summary>
    private static string Describe(string keyId) => keyId.Length == 64 && keyId.All(char.IsAsciiHexDigitLower) ? keyId : "one without a proper identifier";
}
