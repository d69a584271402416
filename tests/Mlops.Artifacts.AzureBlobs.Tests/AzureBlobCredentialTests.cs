using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Sas;
using Microsoft.Extensions.DependencyInjection;

namespace Mlops.Artifacts.AzureBlobs.Tests;

/// <summary>Each kind of credential works, a wrong one is told, and no message holds a secret.</summary>
public sealed class AzureBlobCredentialTests(AzuriteServer azurite)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WriteAsync_SharedAccessSignature_AllowsWhatItGrants()
    {
        var container = azurite.NewContainer();
        await container.CreateAsync(cancellationToken: Token);
        var store = new AzureBlobArtifactStore(azurite.Sign(container.Name, BlobContainerSasPermissions.Read | BlobContainerSasPermissions.Write | BlobContainerSasPermissions.Create | BlobContainerSasPermissions.List));
        await store.WriteAsync("a", new NumberStream(100_000), WriteCondition.IfAbsent, Token);
        Assert.Equal(NumberStream.Bytes(100_000), await AzureBlobArtifactStoreTests.ReadAsync(store, "a"));
        Assert.DoesNotContain("sig=", store.Container.ToString(), StringComparison.Ordinal);
        await AssertRefusedAsync(() => store.DeleteAsync("a", default, Token));
        var reader = new AzureBlobArtifactStore(azurite.Sign(container.Name, BlobContainerSasPermissions.Read));
        await AssertRefusedAsync(() => reader.WriteAsync("a", new MemoryStream([1]), default, Token));
        Assert.NotNull(await reader.FindAsync("a", Token));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("signature")]
    [InlineData("expired")]
    [InlineData("no signature")]
    public async Task AnyOperation_WrongCredentials_ThrowsStorageExceptionWithoutSecrets(string what)
    {
        var container = azurite.NewContainer();
        await container.CreateAsync(cancellationToken: Token);
        var wrongKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var signed = azurite.Sign(container.Name, BlobContainerSasPermissions.All, what == "expired" ? TimeSpan.FromHours(-1) : null);
        var store = what switch
        {
            "key" => new AzureBlobArtifactStore(azurite.ConnectionString.Replace(azurite.Key, wrongKey, StringComparison.Ordinal), container.Name),
            "signature" => new AzureBlobArtifactStore(new Uri(signed.ToString().Replace("sp=racwd", "sp=racd", StringComparison.Ordinal) + "&extra=1")),
            "expired" => new AzureBlobArtifactStore(signed),
            _ => new AzureBlobArtifactStore(container.Uri),
        };
        string[] secrets = [azurite.Key, wrongKey, .. signed.Query.Split('&').Where(part => part.Contains("sig=", StringComparison.Ordinal)).Select(part => part.Split("sig=")[1])];
        foreach (var operation in new Func<Task>[]
        {
            () => store.FindAsync("a", Token), () => store.OpenReadAsync("a", 0, null, Token), () => store.WriteAsync("a", new MemoryStream([1]), default, Token),
            () => store.WriteAsync("a", new NumberStream(20 << 20), WriteCondition.IfAbsent, Token), () => store.DeleteAsync("a", default, Token), () => store.ListAsync("", Token).ToListAsync(Token).AsTask(),
        })
        {
            var error = await AssertRefusedAsync(operation);
            foreach (var secret in secrets)
            {
                Assert.DoesNotContain(secret, error.ToString(), StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(Uri.UnescapeDataString(secret), error.ToString(), StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Fact]
    public async Task AnyOperation_ServerUnreachable_ThrowsTransientStorageExceptionWithoutSecrets()
    {
        // A port that nobody listens on.
        var address = new Uri("http://127.0.0.1:1/account/container?sv=2022-11-02&sig=planted%2Bsignature%3D");
        var store = new AzureBlobArtifactStore(address, new AzureBlobArtifactStoreOptions { ConfigureClient = options => options.Retry.Delay = TimeSpan.FromMilliseconds(1) });
        var error = await Assert.ThrowsAsync<StorageException>(() => store.FindAsync("a", Token));
        Assert.True(error.IsTransient);
        Assert.Contains("http://127.0.0.1:1/account/container", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, true)]
    [InlineData(HttpStatusCode.ServiceUnavailable, true)]
    [InlineData(HttpStatusCode.InternalServerError, true)]
    [InlineData(HttpStatusCode.GatewayTimeout, true)]
    [InlineData(HttpStatusCode.RequestTimeout, true)]
    [InlineData(HttpStatusCode.BadRequest, false)]
    [InlineData(HttpStatusCode.Forbidden, false)]
    public async Task FindAsync_ServiceFails_TellsWhetherItMayPass(HttpStatusCode status, bool isTransient)
    {
        using var meddler = new Meddler { Before = _ => Meddler.Answer(status, "SomeCode") };
        var store = new AzureBlobArtifactStore(new Uri("http://127.0.0.1:1/account/container"), meddler.Options(retries: 1));
        var error = await Assert.ThrowsAsync<StorageException>(() => store.FindAsync("a", Token));
        Assert.Equal(isTransient, error.IsTransient);
        Assert.Contains($"{(int)status} SomeCode", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FindAsync_NoAnswerInTime_ThrowsTransientStorageException()
    {
        using var meddler = new Meddler { Before = _ => throw new OperationCanceledException("The answer took too long.") };
        var store = new AzureBlobArtifactStore(new Uri("http://127.0.0.1:1/account/container"), meddler.Options());
        Assert.True((await Assert.ThrowsAsync<StorageException>(() => store.FindAsync("a", Token))).IsTransient);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("AccountName=a;AccountKey=c2VjcmV0;;=")]
    public void Constructor_NoConnectionString_ThrowsWithoutRepeatingIt(string connectionString)
    {
        var error = Assert.Throws<ArgumentException>(() => new AzureBlobArtifactStore(connectionString, "models"));
        Assert.DoesNotContain("c2VjcmV0", error.ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new AzureBlobArtifactStore(new Uri("http://a.example/models"), new TokenOfTests()));
    }

    [Theory]
    [InlineData("Bad_Name")]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("a--b")]
    [InlineData("-models")]
    [InlineData("models-")]
    [InlineData("modèles")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void Constructor_NameThatNoContainerHas_ThrowsWithTheRule(string name)
    {
        const string ConnectionString = "AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net";
        Assert.Contains("3 to 63", Assert.Throws<ArgumentException>(() => new AzureBlobArtifactStore(ConnectionString, name)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddMlops().AddAzureBlobArtifacts(ConnectionString, name));
        Assert.Throws<ArgumentException>(() => new AzureBlobArtifactStore(new Uri("https://a.blob.core.windows.net/" + name)));
        Assert.Equal("https://a.blob.core.windows.net/m-1", new AzureBlobArtifactStore(ConnectionString, "m-1").Container.ToString());
    }

    /// <summary>Tokens need HTTPS: a server of its own, with a certificate made here.</summary>
    [Fact]
    public async Task WriteAsync_TokenCredential_IsReadBack()
    {
        _ = azurite.Endpoint;
        var folder = Directory.CreateTempSubdirectory("mlops-certificate-");
        try
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            var (certificateFile, keyFile) = (Path.Combine(folder.FullName, "c.pem"), Path.Combine(folder.FullName, "k.pem"));
            await File.WriteAllTextAsync(certificateFile, certificate.ExportCertificatePem(), Token);
            await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem(), Token);
            await using var secure = new AzuriteServer(["--cert", certificateFile, "--key", keyFile, "--oauth", "basic"]);
            await secure.InitializeAsync();
            var thumbprint = certificate.Thumbprint;
            using var handler = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, presented, _, _) => presented?.Thumbprint == thumbprint };
            var options = new AzureBlobArtifactStoreOptions { BlockBytes = 64 << 10, ConfigureClient = client => client.Transport = new HttpClientTransport(handler) };
            var address = new Uri($"{secure.Endpoint}/{AzuriteServer.NewContainerName()}");
            var store = new AzureBlobArtifactStore(address, new TokenOfTests(), options);
            await store.WriteAsync("a", new NumberStream(500_000), WriteCondition.IfAbsent, Token);
            Assert.Equal(NumberStream.Bytes(500_000), await AzureBlobArtifactStoreTests.ReadAsync(store, "a"));
            await AssertRefusedAsync(() => new AzureBlobArtifactStore(address, new TokenOfTests("https://other.example"), options).FindAsync("a", Token));
            var error = await Assert.ThrowsAsync<StorageException>(() => new AzureBlobArtifactStore(address, new NoToken(), options).FindAsync("a", Token));
            Assert.False(error.IsTransient);
            Assert.Contains("check the credentials", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<StorageException> AssertRefusedAsync(Func<Task> operation)
    {
        var error = await Assert.ThrowsAsync<StorageException>(operation);
        Assert.Contains("refused the credentials", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        return error;
    }

    /// <summary>A token that Azurite takes: it looks at the issuer, the audience and the time, and not at the signature.</summary>
    private sealed class TokenOfTests(string audience = "https://storage.azure.com") : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            var now = DateTimeOffset.UtcNow;
            var claims = new Dictionary<string, object>
            {
                ["aud"] = audience, ["iss"] = "https://sts.windows.net/ab1f708d-50f6-404c-a006-d71b2ac7a606/",
                ["iat"] = now.ToUnixTimeSeconds() - 60, ["nbf"] = now.ToUnixTimeSeconds() - 60, ["exp"] = now.ToUnixTimeSeconds() + 3600,
            };
            return new AccessToken($"{Encode("""{"typ":"JWT","alg":"none"}""")}.{Encode(JsonSerializer.Serialize(claims))}.{Encode("signature")}", now.AddHours(1));
        }

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));

        private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    private sealed class NoToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new InvalidOperationException("The planted secret is wrong.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new InvalidOperationException("The planted secret is wrong.");
    }
}
