using Mlops.Tests;

namespace Mlops.Tracking.Load.Tests;

/// <summary>A server with fsync on.</summary>
public sealed class DurablePostgreSqlServer : PostgreSqlServer
{
    protected override bool IsDurable => true;
}
