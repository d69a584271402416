using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Sas;
using Mlops.Artifacts.AzureBlobs.Tests;

[assembly: AssemblyFixture(typeof(AzuriteServer))]

namespace Mlops.Artifacts.AzureBlobs.Tests;

/// <summary>Azurite, the emulator of Azure Storage that Microsoft publishes on npm: its blob service on a free port, over a temporary folder.</summary>
public sealed partial class AzuriteServer : IAsyncLifetime
{
    public const string Account = "mlopstests";

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-azurite-").FullName;
    private readonly string[] _arguments;
    private Process? _process;
    private string? _endpoint;
    private string? _absence;

    /// <summary>Initializes the server that all test classes share: plain HTTP on this machine.</summary>
    public AzuriteServer()
        : this([])
    {
    }

    internal AzuriteServer(string[] arguments) => _arguments = arguments;

    /// <summary>Gets the key of the account: the server takes any, so each has its own, which no message may show.</summary>
    public string Key { get; } = Convert.ToBase64String(Guid.NewGuid().ToByteArray().Concat(Guid.NewGuid().ToByteArray()).ToArray());

    /// <summary>Gets the address of the account. Without a server the test is skipped, or fails where servers are required.</summary>
    public Uri Endpoint
    {
        get
        {
            if (_endpoint is not null) return new Uri(_endpoint);
            if (Environment.GetEnvironmentVariable("MLOPS_REQUIRE_SERVERS") is { Length: > 0 }) Assert.Fail($"{_absence} MLOPS_REQUIRE_SERVERS is set, so this is a failure.");
            Assert.Skip(_absence!);
            return null;
        }
    }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint={Endpoint};");

    public StorageSharedKeyCredential Credential => new(Account, Key);

    public static string NewContainerName() => $"c{Guid.NewGuid():N}";

    public BlobContainerClient NewContainer() => Container(NewContainerName());

    public BlobContainerClient Container(string name) => new(new Uri($"{Endpoint}/{name}"), Credential);

    /// <summary>Makes the address of a container with a shared access signature.</summary>
    public Uri Sign(string container, BlobContainerSasPermissions permissions, TimeSpan? lifetime = null)
    {
        var sas = new BlobSasBuilder(permissions, DateTimeOffset.UtcNow + (lifetime ?? TimeSpan.FromHours(1))) { BlobContainerName = container, Resource = "c" };
        return new Uri($"{Endpoint}/{container}?{sas.ToSasQueryParameters(Credential)}");
    }

    public async ValueTask InitializeAsync()
    {
        var program = FindProgram();
        if (program is null)
        {
            _absence = "The emulator azurite was not found: install it with 'npm install -g azurite', or name its program azurite-blob in MLOPS_AZURITE.";
            return;
        }

        var start = new ProcessStartInfo(program, ["--blobHost", "127.0.0.1", "--blobPort", "0", "--location", _folder, "--skipApiVersionCheck", "--disableTelemetry", "--silent", .. _arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AZURITE_ACCOUNTS"] = $"{Account}:{Key}";
        _process = Process.Start(start)!;
        _ = _process.StandardError.ReadToEndAsync();
        while (await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1)) is { } line)
        {
            if (Listening().Match(line) is not { Success: true } match) continue;
            _endpoint = $"{match.Groups[1].Value}/{Account}";
            _ = _process.StandardOutput.ReadToEndAsync();
            return;
        }

        _absence = $"The emulator '{program}' ended without listening.";
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string? FindProgram()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_AZURITE") is { Length: > 0 } named) return named;
        var name = OperatingSystem.IsWindows() ? "azurite-blob.cmd" : "azurite-blob";
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    [GeneratedRegex(@"Blob service successfully listens on (https?://\S+)")]
    private static partial Regex Listening();
}
