using System.Diagnostics;
using System.Security.Cryptography;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class ManifestSealTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlops-seals-").FullName;
    private readonly SealKey _key = SealKey.Create();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Model => Path.Combine(_root, "model");

    private string SealFile => Path.Combine(Model, ModelFiles.Seal);

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task WriteAsync_Model_KeepsItsDigestAndPasses()
    {
        var digest = await SaveAsync();
        await ManifestSeal.WriteAsync(Model, _key, Token);
        var directory = await ModelDirectory.OpenAsync(Model, Token);
        Assert.Equal(digest, directory.Digest);
        using var trusted = SealKey.FromPem(_key.ExportPublicPem());
        Assert.Equal((_key.Id, false), (trusted.Id, trusted.CanSeal));
        await SealPolicy.RequireSeal(trusted).CheckAsync(directory, Token);
        Assert.Equal([ModelFiles.Seal], Directory.GetFiles(_root, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Where(file => file!.Contains("seal", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task CheckAsync_Unsealed_SaysSoUnlessIgnored()
    {
        await SaveAsync();
        await ThrowsAsync(SealFault.Unsealed, SealPolicy.RequireSeal(_key));
        await SealPolicy.Ignore.CheckAsync(await ModelDirectory.OpenAsync(Model, Token), Token);
    }

    [Fact]
    public async Task CheckAsync_SealedByAnotherKey_NamesTheKey()
    {
        await SaveAsync();
        using var other = SealKey.Create();
        await ManifestSeal.WriteAsync(Model, other, Token);
        Assert.Contains(other.Id, (await ThrowsAsync(SealFault.UnknownKey, SealPolicy.RequireSeal(_key))).Message, StringComparison.Ordinal);
    }

    /// <summary>Keys are changed by sealing with both, then by trusting the new one only.</summary>
    [Fact]
    public async Task CheckAsync_SealedByOldAndNewKey_PassesWithEither()
    {
        await SaveAsync();
        using var next = SealKey.Create();
        await ManifestSeal.WriteAsync(Model, _key, Token);
        await ManifestSeal.WriteAsync(Model, next, Token);
        await ManifestSeal.WriteAsync(Model, next, Token);
        var directory = await ModelDirectory.OpenAsync(Model, Token);
        foreach (var policy in new[] { SealPolicy.RequireSeal(_key), SealPolicy.RequireSeal(next), SealPolicy.RequireSeal(_key, next) }) await policy.CheckAsync(directory, Token);
    }

    /// <summary>Whoever can write the files can also write a manifest of them: the seal tells.</summary>
    [Fact]
    public async Task CheckAsync_ManifestMadeAnew_IsWrong()
    {
        await SaveAsync();
        await ManifestSeal.WriteAsync(Model, _key, Token);
        var seal = await File.ReadAllBytesAsync(SealFile, Token);
        Directory.Delete(Model, recursive: true);
        await SaveAsync(coefficient: 3);
        await File.WriteAllBytesAsync(SealFile, seal, Token);
        await ThrowsAsync(SealFault.WrongSignature, SealPolicy.RequireSeal(_key));
    }

    [Fact]
    public async Task CheckAsync_ManifestChangedAfterItWasOpened_IsWrong()
    {
        await SaveAsync();
        var opened = await ModelDirectory.OpenAsync(Model, Token);
        var manifest = Path.Combine(Model, ModelFiles.Manifest);
        await File.AppendAllTextAsync(manifest, "\n", Token);
        await ManifestSeal.WriteAsync(Model, _key, Token);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => SealPolicy.RequireSeal(_key).CheckAsync(opened, Token));
        Assert.Equal(SealFault.WrongSignature, error.SealFault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"seals\":[null]}")]
    [InlineData("{\"seals\":[{\"keyId\":\"KEY\",\"signature\":\"***\"}]}")]
    [InlineData("{\"seals\":[{\"keyId\":\"KEY\",\"signature\":\"\"}]}")]
    [InlineData("{\"seals\":[{\"keyId\":\"KEY\",\"signature\":\"AAAA\"}]}")]
    public async Task CheckAsync_SealsAreGarbage_IsWrong(string json)
    {
        await SaveAsync();
        await File.WriteAllTextAsync(SealFile, json.Replace("KEY", _key.Id, StringComparison.Ordinal), Token);
        await ThrowsAsync(SealFault.WrongSignature, SealPolicy.RequireSeal(_key));
    }

    [Fact]
    public async Task WriteAsync_ModelWasChanged_SealsNothing()
    {
        await SaveAsync();
        await File.AppendAllTextAsync(Path.Combine(Model, ModelFiles.MLmodel), "\n", Token);
        await Assert.ThrowsAsync<ModelLoadException>(() => ManifestSeal.WriteAsync(Model, _key, Token));
        Assert.False(File.Exists(SealFile));
    }

    [Fact]
    public async Task FromPem_KeysOfEachKind_SealOrAreRefused()
    {
        await SaveAsync();
        using var rsa = RSA.Create(2048);
        using var key = SealKey.FromPem(rsa.ExportPkcs8PrivateKeyPem());
        await ManifestSeal.WriteAsync(Model, key, Token);
        using var trusted = SealKey.FromPem(rsa.ExportSubjectPublicKeyInfoPem());
        await SealPolicy.RequireSeal(trusted).CheckAsync(await ModelDirectory.OpenAsync(Model, Token), Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ManifestSeal.WriteAsync(Model, trusted, Token));
        Assert.Throws<InvalidOperationException>(trusted.ExportPrivatePem);
        using var read = SealKey.FromPem(_key.ExportPrivatePem());
        Assert.Equal((_key.Id, true), (read.Id, read.CanSeal));

        using var weak = RSA.Create(1024);
        Assert.Throws<ArgumentException>(() => SealKey.FromPem(weak.ExportPkcs8PrivateKeyPem()));
        Assert.Throws<ArgumentException>(() => SealKey.FromPem("no key"));
        Assert.Throws<ArgumentException>(() => SealKey.FromPem(_key.ExportPrivatePem().Replace("MIG", "AAA", StringComparison.Ordinal)));
        Assert.Throws<ArgumentException>(() => SealPolicy.RequireSeal());
    }

    /// <summary>The seal is an ordinary signature of the file, which other programs can verify.</summary>
    [Fact]
    public async Task WriteAsync_Seal_IsVerifiedByOpenSsl()
    {
        await SaveAsync();
        await ManifestSeal.WriteAsync(Model, _key, Token);
        var (publicKey, signature) = (Path.Combine(_root, "key.pem"), Path.Combine(_root, "manifest.sig"));
        await File.WriteAllTextAsync(publicKey, _key.ExportPublicPem(), Token);
        using var json = System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(SealFile, Token));
        await File.WriteAllBytesAsync(signature, json.RootElement.GetProperty("seals")[0].GetProperty("signature").GetBytesFromBase64(), Token);
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("openssl", ["dgst", "-sha256", "-verify", publicKey, "-signature", signature, Path.Combine(Model, ModelFiles.Manifest)]) { RedirectStandardOutput = true })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("There is no openssl.");
            return;
        }

        using (process)
        {
            await process.WaitForExitAsync(Token);
            Assert.Equal(0, process.ExitCode);
        }
    }

    private async Task<string> SaveAsync(double coefficient = 2)
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);
        return (await ModelDirectory.SaveAsync(Model, new FileModel(signature, coefficient), cancellationToken: Token)).Digest;
    }

    private async Task<ModelLoadException> ThrowsAsync(SealFault fault, SealPolicy policy)
    {
        var directory = await ModelDirectory.OpenAsync(Model, Token);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => policy.CheckAsync(directory, Token));
        Assert.Equal(fault, error.SealFault);
        return error;
    }

    private sealed class FileModel(ModelSignature signature, double coefficient) : IModel
    {
        public ModelSignature Signature => signature;

        public IPredictor CreatePredictor() => throw new NotSupportedException();

        public async Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
        {
            await target.WriteFileAsync("coefficient.bin", BitConverter.GetBytes(coefficient), cancellationToken);
            target.AddFlavor("file", new Dictionary<string, object?> { ["data"] = "coefficient.bin" });
        }
    }
}
