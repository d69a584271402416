using System.Globalization;
using Mlops.Tests;

namespace Mlops.Core.Tests.Data;

/// <summary>Data larger than memory. With MLOPS_SOAK=1 the file has 2 GB, otherwise 200 MB; the memory must not depend on it.</summary>
public sealed class LargeFileTests : IDisposable
{
    private const int MemoryLimit = 250;

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ScanAsync_FileOfManyTimesTheMemory_ValidatesProfilesAndFingerprintsWithinTheLimit()
    {
        var megabytes = Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1" ? 2000 : 200;
        var path = Path.Combine(_directory.Path, "large.csv");
        await RunAsync(path, "write", megabytes.ToString(CultureInfo.InvariantCulture));
        var told = (await RunAsync(path)).Split(' ');
        TestContext.Current.TestOutputHelper!.WriteLine($"{new FileInfo(path).Length / 1e6:0} MB: {string.Join(' ', told)}");
        var rows = long.Parse(told[0], CultureInfo.InvariantCulture);
        Assert.Equal(File.ReadLines(path).LongCount() - 1, rows);
        Assert.Equal("Pass", told[2]);
        // The texts are drawn from 2^31 numbers, so nearly all differ.
        Assert.InRange(double.Parse(told[3], CultureInfo.InvariantCulture) / rows, 0.93, 1.07);
        Assert.InRange(double.Parse(told[4], CultureInfo.InvariantCulture), 1, MemoryLimit);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        await using var process = ProgramProcess.Start("Mlops.Core.LargeFileScanner", arguments);
        return string.Join('\n', await process.RunToEndAsync(TestContext.Current.CancellationToken)).Trim();
    }
}
