namespace Mlops.Tracking.Load.Tests;

/// <summary>One file in WAL mode with synchronous=NORMAL, as the store opens it.</summary>
public sealed class SqliteLoadTests : LoadTests, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-load-").FullName;

    protected override string Kind => "sqlite";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override Task<string> CreateAsync() => Task.FromResult(Path.Combine(_folder, "mlops.db"));
}
