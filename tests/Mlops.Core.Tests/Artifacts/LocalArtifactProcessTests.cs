using System.Globalization;
using System.Security.Cryptography;
using Mlops.Artifacts;
using Mlops.Tests;

namespace Mlops.Core.Tests.Artifacts;

/// <summary>A local store shared by several processes, and one that moves content larger than the memory it takes.</summary>
public sealed class LocalArtifactProcessTests : IDisposable
{
    // The runtime itself takes about 60 MiB.
    private const double MemoryLimit = 120;

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-processes-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static bool IsSoak => Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Each process adds to one number by conditional writes: an addition that is lost would be missed in the sum.</summary>
    [Fact]
    public async Task WriteAsync_ConditionsFromSeveralProcesses_LoseNoUpdate()
    {
        var (processes, additions) = (4, IsSoak ? 200 : 25);
        var told = await Task.WhenAll(Enumerable.Range(0, processes).Select(_ => RunAsync("count", _folder, additions.ToString(CultureInfo.InvariantCulture))));
        await using var content = await new LocalArtifactStore(_folder).OpenReadAsync("counter", 0, null, Token);
        using var reader = new StreamReader(content);
        Assert.Equal((processes * additions).ToString(CultureInfo.InvariantCulture), await reader.ReadToEndAsync(Token));
        TestContext.Current.TestOutputHelper!.WriteLine($"{processes} processes, {additions} additions each, {told.Sum(text => text.Split("conflict").Length - 1)} conflicts");
    }

    /// <summary>With MLOPS_SOAK=1 the file has 1 GB, otherwise 200 MB; the memory must not depend on it.</summary>
    [Fact]
    public async Task WriteAsync_OpenReadAsync_FileOfManyTimesTheMemory_StayWithinTheLimit()
    {
        var file = Path.Combine(_folder, "large");
        string digest;
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            await using var stream = File.Create(file);
            var (block, random) = (new byte[1 << 20], new Random(1));
            for (var i = 0; i < (IsSoak ? 1024 : 200); i++)
            {
                random.NextBytes(block);
                hash.AppendData(block);
                await stream.WriteAsync(block, Token);
            }

            digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        }

        var told = (await RunAsync("copy", Path.Combine(_folder, "store"), file)).Split(' ');
        TestContext.Current.TestOutputHelper!.WriteLine($"{new FileInfo(file).Length >> 20} MiB: {told[1]} MiB of memory, written at {told[2]} MiB/s, read at {told[3]} MiB/s");
        Assert.Equal(digest, told[0]);
        Assert.InRange(double.Parse(told[1], CultureInfo.InvariantCulture), 1, MemoryLimit);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        await using var process = ProgramProcess.Start("Mlops.Core.ArtifactWriter", arguments);
        return string.Join('\n', await process.RunToEndAsync(Token)).Trim();
    }
}
