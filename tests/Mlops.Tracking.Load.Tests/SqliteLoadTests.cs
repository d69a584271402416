namespace Mlops.Tracking.Load.Tests;

/// <summary>One file in WAL mode with synchronous=NORMAL, as the store opens it.</summary>
public sealed class SqliteLoadTests : LoadTests
{
    protected override string Kind => "sqlite";

    protected override string Durability => "WAL, synchronous=NORMAL";

    protected override Task<string> CreateAsync() => Task.FromResult(Path.Combine(Folder, "mlops.db"));
}
