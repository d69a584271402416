using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Testing;
using Mlops.Tests;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class TelemetryNamesTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task Metrics_OfOperations_HaveTheirNamesUnitsAndAttributes()
    {
        using var measured = new RecordedMeasurements();
        await using var database = new RelationalDatabase(new SqliteDialect(_file.Path), null, measured);
        var experiments = new RelationalExperimentStore(database);

        await experiments.CreateExperimentAsync("e", cancellationToken: Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => experiments.CreateExperimentAsync("e", cancellationToken: Token));
        await experiments.FindExperimentAsync("e", Token);
        // What the caller gave up is neither quick nor a failure.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => experiments.FindExperimentAsync("e", new CancellationToken(canceled: true)));

        Assert.Equal(
            [
                "mlops.tracking.operation.duration s mlops.operation.name=create experiment mlops.store.name=sqlite",
                "mlops.tracking.operation.duration s error.type=Mlops.EntityConflictException mlops.operation.name=create experiment mlops.store.name=sqlite",
                "mlops.tracking.operation.duration s mlops.operation.name=find experiment mlops.store.name=sqlite",
            ],
            measured.Described);
        Assert.All(measured.ValuesOf("mlops.tracking.operation.duration"), seconds => Assert.True(seconds > 0));
    }

    [Fact]
    public async Task Metrics_FileThatIsNoDatabase_HaveTheTypeOfTheError()
    {
        using var measured = new RecordedMeasurements();
        await File.WriteAllTextAsync(_file.Path, new string('x', 5000), Token);
        await using var database = new RelationalDatabase(new SqliteDialect(_file.Path), null, measured);

        await Assert.ThrowsAsync<StorageException>(() => new RelationalExperimentStore(database).FindExperimentAsync("e", Token));

        Assert.Equal(["mlops.tracking.operation.duration s error.type=Mlops.StorageException mlops.operation.name=find experiment mlops.store.name=sqlite"], measured.Described);
    }

    [Fact]
    public async Task UseSqlite_MeterFactoryOfTheHost_MeasuresThere()
    {
        using var measured = new RecordedMeasurements();
        var services = new ServiceCollection().AddSingleton<TimeProvider>(new ManualTimeProvider()).AddSingleton<IMeterFactory>(measured);
        services.AddMlops().AddTracking(tracking => tracking.UseSqlite(_file.Path));
        await using var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IExperimentStore>().FindExperimentAsync("e", Token);
        Assert.Equal([0.0], measured.ValuesOf("mlops.tracking.operation.duration"));
    }
}
