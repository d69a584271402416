using System.Security.Cryptography;

namespace Mlops.Models;

/// <summary>A key that seals model directories, or only verifies their seals: ECDSA over P-256 or another curve, or RSA of 2,048 bits and more, with SHA-256.</summary>
/// <remarks>
/// A seal is a digital signature. It is not called so because a <see cref="ModelSignature"/> is something else here: the inputs and outputs of a model. Safe for concurrent use.
/// </remarks>
/// <example><code>
/// using var key = SealKey.Create();                              // once; the private key stays with the build pipeline
/// await File.WriteAllTextAsync("seal.pub.pem", key.ExportPublicPem());
/// await ManifestSeal.WriteAsync("models/ridership", key);
/// </code></example>
public sealed class SealKey : IDisposable
{
    private const int MinRsaBits = 2048;
    private const string PrivateLabelEnd = "PRIVATE KEY";

    private readonly AsymmetricAlgorithm _algorithm;
    private readonly Lock _lock = new();

    private SealKey(AsymmetricAlgorithm algorithm, bool canSeal)
    {
        _algorithm = algorithm;
        CanSeal = canSeal;
        Id = Convert.ToHexStringLower(SHA256.HashData(algorithm.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>Gets what the key is known by in seals: the SHA-256 digest of its public part (SubjectPublicKeyInfo), 64 lower-case hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>Gets whether the private part is there.</summary>
    public bool CanSeal { get; }

    /// <summary>Makes a new key, for ECDSA over P-256.</summary>
    /// <returns>The key, with its private part.</returns>
    public static SealKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), canSeal: true);

    /// <summary>Reads a key, public or private, of ECDSA or RSA.</summary>
    /// <param name="pem">The key in PEM, as <see cref="ExportPublicPem"/>, <see cref="ExportPrivatePem"/> or OpenSSL writes it; not encrypted.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentException">It is no such key, or one of RSA of less than 2,048 bits.</exception>
    public static SealKey FromPem(string pem)
    {
        ArgumentException.ThrowIfNullOrEmpty(pem);
        var algorithm = (AsymmetricAlgorithm?)TryImport(ECDsa.Create(), static (key, text) => key.ImportFromPem(text), pem)
            ?? TryImport(RSA.Create(), static (key, text) => key.ImportFromPem(text), pem)
            ?? throw new ArgumentException("The text holds no key of ECDSA or RSA in PEM that is not encrypted.", nameof(pem));
        if (algorithm is RSA { KeySize: < MinRsaBits })
        {
            algorithm.Dispose();
            throw new ArgumentException($"A key of RSA needs {MinRsaBits} bits at least to be trusted. Make another one, with {nameof(SealKey)}.{nameof(Create)} for instance.", nameof(pem));
        }

        return new SealKey(algorithm, pem.Contains(PrivateLabelEnd, StringComparison.Ordinal));
    }

    /// <summary>Writes the public part: what hosts need to trust the key.</summary>
    /// <returns>The key in PEM.</returns>
    public string ExportPublicPem() => _algorithm.ExportSubjectPublicKeyInfoPem();

    /// <summary>Writes the private part, to be kept as a secret where models are sealed.</summary>
    /// <returns>The key in PEM (PKCS #8), not encrypted.</returns>
    /// <exception cref="InvalidOperationException">The private part is not there.</exception>
    public string ExportPrivatePem()
    {
        CheckCanSeal();
        return _algorithm.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>Forgets the key.</summary>
    public void Dispose() => _algorithm.Dispose();

    internal byte[] Sign(byte[] data)
    {
        CheckCanSeal();
        lock (_lock)
        {
            return _algorithm is ECDsa ecdsa
                ? ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
                : ((RSA)_algorithm).SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        }
    }

    internal bool IsSignatureOf(byte[] data, byte[] signature)
    {
        lock (_lock)
        {
            return _algorithm is ECDsa ecdsa
                ? ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
                : ((RSA)_algorithm).VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        }
    }

    private static T? TryImport<T>(T key, Action<T, string> import, string pem)
        where T : AsymmetricAlgorithm
    {
        try
        {
            import(key, pem);
            return key;
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            key.Dispose();
            return null;
        }
    }

    private void CheckCanSeal()
    {
        if (!CanSeal) throw new InvalidOperationException($"The key {Id} has only its public part, which cannot seal. Read the private one with {nameof(FromPem)}.");
    }
}
