using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Mlops.Artifacts;

namespace Mlops.Benchmarks;

/// <summary>What does keeping a file as an artifact cost beyond copying and hashing it? A file of random bytes, in the page cache; what is written is on the disk when each ends.</summary>
[MemoryDiagnoser]
public class ArtifactBenchmarks
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-artifact-benchmarks-").FullName;
    private string _source = "";
    private string _copy = "";
    private LocalArtifactStore _store = null!;

    [Params(100, 1024)]
    public int Mebibytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        (_source, _copy) = (Path.Combine(_folder, "source"), Path.Combine(_folder, "copy"));
        _store = new LocalArtifactStore(Path.Combine(_folder, "store"));
        using var file = File.Create(_source);
        var (block, random) = (new byte[1 << 20], new Random(1));
        for (var i = 0; i < Mebibytes; i++)
        {
            random.NextBytes(block);
            file.Write(block);
        }

        file.Flush(flushToDisk: true);
    }

    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    /// <summary>The rival: one pass that reads, hashes and writes by turns, then one flush to the disk.</summary>
    [Benchmark(Baseline = true)]
    public byte[] CopyAndHash()
    {
        File.Delete(_copy);
        using var source = new FileStream(_source, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        using var target = new FileStream(_copy, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        while (source.Read(buffer) is var count and > 0)
        {
            hash.AppendData(buffer, 0, count);
            target.Write(buffer, 0, count);
        }

        target.Flush(flushToDisk: true);
        return hash.GetHashAndReset();
    }

    [Benchmark]
    public async Task<Artifact> Write()
    {
        await _store.DeleteAsync("model");
        await using var source = new FileStream(_source, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        return await _store.WriteAsync("model", source);
    }

    /// <summary>The floor of a verified read: the file is read and hashed by turns.</summary>
    [Benchmark]
    public byte[] ReadAndHash()
    {
        using var source = new FileStream(_source, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return SHA256.HashData(source);
    }

    [Benchmark]
    public async Task Read()
    {
        if (await _store.FindAsync("source") is null)
        {
            await using var source = new FileStream(_source, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            await _store.WriteAsync("source", source);
        }

        await using var content = await _store.OpenReadAsync("source");
        await content.CopyToAsync(Stream.Null);
    }
}
