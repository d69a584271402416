using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Serving.Tests;

[Collection(nameof(ProcessWideTests))]
public sealed class HostedPredictorTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_Typed_AllocatesNothing(bool isObserved)
    {
        await _fixture.PointToAsync(2);
        await using var host = isObserved ? _fixture.CreateHost(null, new QuietObserver()) : _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var typed = host.GetTyped<X, Y>(Name);
        Assert.Equal(0, MeasureAllocation(typed));
        await _fixture.PointToAsync(3);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal(0, MeasureAllocation(typed));
    }

    [Fact]
    public async Task PredictAsync_LoadedOnFirstUse_AllocatesNothingWhileInMemory()
    {
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, MemoryBudgetBytes = 1 << 20 });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        var typed = host.GetTyped<X, Y>(Name);
        await typed.PredictAsync(new X(1), cancellationToken: ServingFixture.Token);
        Assert.Equal(0, MeasureAllocation(typed));
    }

    private static long MeasureAllocation(IPredictor<X, Y> typed)
    {
        return Allocations.Measure(Call);

        void Call()
        {
            var task = typed.PredictAsync(new X(1), null, CancellationToken.None);
            if (!task.IsCompletedSuccessfully) throw new InvalidOperationException("It did not complete synchronously.");
            _ = task.GetAwaiter().GetResult();
        }
    }
}
