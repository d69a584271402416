using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Serving.Tests;

[Collection(nameof(ProcessWideTests))]
public sealed class DeadlineTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();
    private readonly TaskCompletionSource _isRunning = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_DeadlinePassesWhileItRuns_IsCancelledAndFailsAsTooLate(bool isBatched)
    {
        await using var host = await StartAsync(isBatched);
        var context = new PredictionContext { Deadline = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(2) };
        var call = PredictAsync(host, context, ServingFixture.Token);
        await _isRunning.Task;
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(call.IsCompleted);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => call);
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.True(error.IsTransient);
        Assert.Contains($"'{Name}' did not end by its deadline", error.Message, StringComparison.Ordinal);
    }

    /// <summary>On the thread of a timer, an exception would end the process.</summary>
    [Fact]
    public void Timer_ModelThrowsWhenItIsCancelled_IsNotTheTimersTrouble()
    {
        var source = new DeadlineSource(_fixture.Time);
        source.Begin(_fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(1), CancellationToken.None);
        using var registration = source.Token.Register(static () => throw new InvalidOperationException("no"));
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.Token.IsCancellationRequested);
        Assert.False(source.TryEnd());
        source.Dispose();
    }

    /// <summary>A deadline of months is looked at after weeks: just then its call ends, and the next one begins with a second left.</summary>
    [Fact]
    public void Timer_ComesTooEarlyWhileTheNextUseBegins_EndsThatOneInTime()
    {
        var clock = new InterruptedClock(_fixture.Time);
        var source = new DeadlineSource(clock);
        source.Begin(clock.GetUtcNow() + TimeSpan.FromDays(60), CancellationToken.None);
        clock.BeforeNow = () =>
        {
            clock.BeforeNow = null;
            Assert.True(source.TryEnd());
            source.Begin(clock.GetUtcNow() + TimeSpan.FromSeconds(1), CancellationToken.None);
        };
        _fixture.Time.Advance(TimeSpan.FromMilliseconds(int.MaxValue));
        Assert.False(source.Token.IsCancellationRequested);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.Token.IsCancellationRequested);
        source.Dispose();
    }

    [Fact]
    public async Task PredictAsync_CancelledBeforeItsDeadline_IsTheCallersCancellation()
    {
        await using var host = await StartAsync(isBatched: false);
        using var cancellation = new CancellationTokenSource();
        var call = PredictAsync(host, new PredictionContext { Deadline = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(2) }, cancellation.Token);
        await _isRunning.Task;
        await cancellation.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancellation.Token, error.CancellationToken);
    }

    [Fact]
    public async Task PredictAsync_DeadlineHadPassed_IsRejectedBeforeItCostsAnything()
    {
        await using var host = await StartAsync(isBatched: false);
        await Assert.ThrowsAsync<PredictionRejectedException>(() => PredictAsync(host, new PredictionContext { Deadline = _fixture.Time.GetUtcNow() }, ServingFixture.Token));
        Assert.False(_isRunning.Task.IsCompleted);
    }

    [Fact]
    public async Task PredictAsync_DeadlinesThatAreMet_AllocateNothingAndEndNothingLater()
    {
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var typed = host.GetTyped<X, Y>(Name);
        var context = new PredictionContext();
        using var cancellation = new CancellationTokenSource();
        Assert.Equal(0, Allocations.Measure(Call));

        // The deadlines of all these calls pass: whoever uses their timer next is not ended by that.
        _fixture.Flavor.BeforePredictCancellable = (_, token) =>
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(30));
            token.ThrowIfCancellationRequested();
            return Task.CompletedTask;
        };
        context.Deadline = _fixture.Time.GetUtcNow() + TimeSpan.FromHours(1);
        Assert.Equal(new Y(2, 2), await typed.PredictAsync(new X(1), context, cancellation.Token));

        void Call()
        {
            context.Deadline = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(10);
            var task = typed.PredictAsync(new X(1), context, cancellation.Token);
            if (!task.IsCompletedSuccessfully) throw new InvalidOperationException("It did not complete synchronously.");
            _ = task.GetAwaiter().GetResult();
        }
    }

    /// <summary>A model that does not heed that it is cancelled: its answer is useless when it comes.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_AnswerComesAfterTheDeadline_IsThrownAway(bool isSynchronous)
    {
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, WarmUp = false });
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforePredict = _ =>
        {
            _isRunning.TrySetResult();
            if (!isSynchronous) return answer.Task;
            _fixture.Time.Advance(TimeSpan.FromSeconds(3));
            return Task.CompletedTask;
        };
        var call = PredictAsync(host, new PredictionContext { Deadline = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(2) }, ServingFixture.Token);
        await _isRunning.Task;
        if (!isSynchronous) _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        answer.TrySetResult();
        Assert.IsType<TimeoutException>((await Assert.ThrowsAsync<PredictionFailedException>(() => call)).InnerException);
        _fixture.Flavor.BeforePredict = null;
        await PredictAsync(host, new PredictionContext { Deadline = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(2) }, ServingFixture.Token);
    }

    /// <summary>Starts a host whose model runs until it is cancelled.</summary>
    private async Task<ModelHost> StartAsync(bool isBatched)
    {
        await _fixture.PointToAsync(2);
        var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, WarmUp = false });
        await host.AddAsync(Name, ServingFixture.Champion, isBatched ? new HostedModelOptions().UseBatching() : null, ServingFixture.Token);
        _fixture.Flavor.BeforePredictCancellable = async (_, token) =>
        {
            _isRunning.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        return host;
    }

    private static async Task PredictAsync(ModelHost host, PredictionContext context, CancellationToken cancellationToken)
    {
        var predictor = host.Get(Name);
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        await predictor.PredictAsync(inputs, outputs, context, cancellationToken);
    }

    private sealed class InterruptedClock(TimeProvider clock) : DelegatingTimeProvider(clock)
    {
        public Action? BeforeNow { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            var now = base.GetUtcNow();
            BeforeNow?.Invoke();
            return now;
        }
    }
}
