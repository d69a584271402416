using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed partial class PredictorTests
{
    private static readonly ModelSignature s_signature = new([TensorSpec.Of<float>("x", 2)], [TensorSpec.Of<float>("y")]);
    private static readonly ModelSignature s_open = new([TensorSpec.Of<float>("x")], [new TensorSpec("y", ElementType.Float32, [-1, -1])]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_TypedRow_PredictsEveryRow()
    {
        await using var predictor = Predictor.Create<Trip, Fare>(trip => new Fare(2.5f + (2 * trip.Kilometres)));
        var outputs = new Fare[3];
        await predictor.AsTyped<Trip, Fare>().PredictAsync(new Trip[] { new(1, "a"), new(2, "b"), new(10, "c") }, outputs, cancellationToken: Token);
        Assert.Equal([new Fare(4.5f), new Fare(6.5f), new Fare(22.5f)], outputs);
        Assert.Equal("(kilometres: Float32[?, 1], zone: String[?, 1]) → (fare: Float32[?, 1])", predictor.Signature.ToString());
    }

    [Fact]
    public async Task Create_AsynchronousDelegateNotYetDone_CompletesWithIt()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var predictor = Predictor.Create<Trip, Fare>(async (trip, cancellationToken) =>
        {
            await gate.Task.WaitAsync(cancellationToken);
            return new Fare(trip.Kilometres);
        });
        var task = predictor.AsTyped<Trip, Fare>().PredictAsync(new Trip(7, ""), cancellationToken: Token);
        Assert.False(task.IsCompleted);
        gate.SetResult();
        Assert.Equal(new Fare(7), await task);
    }

    [Fact]
    public async Task Create_Batches_SeesContextAndToken()
    {
        (PredictionContext? Context, CancellationToken Token) seen = default;
        await using var predictor = Predictor.Create(s_signature, (inputs, outputs, context, token) =>
        {
            seen = (context, token);
            outputs.Get<float>(0).Span.Fill(inputs.Rows);
        });
        var context = new PredictionContext { RouteKey = "7" };
        using var source = new CancellationTokenSource();
        using var inputs = s_signature.RentInputs(3);
        using var outputs = s_signature.RentOutputs(3);
        var task = predictor.PredictAsync(inputs, outputs, context, source.Token);
        Assert.True(task.IsCompletedSuccessfully);
        await task;
        Assert.Equal((context, source.Token), seen);
        Assert.Equal([3f, 3, 3], outputs.Get<float>(0).Span.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_DelegateThrows_FailsWithoutTheValuesInTheMessage(bool isLate)
    {
        var cause = new FormatException("'secret value' is no number");
        await using var predictor = Predictor.Create(s_signature, async (_, _, _, _) =>
        {
            if (isLate) await Task.Yield();
            throw cause;
        }, "fares");
        var error = await Assert.ThrowsAsync<PredictionFailedException>(() => CallAsync(predictor, Token));
        Assert.Same(cause, error.InnerException);
        Assert.Equal("fares", error.Model);
        Assert.Equal("The delegate of the model 'fares' threw FormatException; the inner exception says why.", error.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_TypedDelegateThrows_NamesTheRow(bool isAsynchronous)
    {
        await using var predictor = isAsynchronous
            ? Predictor.Create<Trip, Fare>(async (trip, _) =>
            {
                await Task.Yield();
                return Throwing(trip);
            })
            : Predictor.Create<Trip, Fare>(Throwing);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(
            async () => await predictor.AsTyped<Trip, Fare>().PredictAsync(new Trip[] { new(1, ""), new(-1, "") }, new Fare[2], cancellationToken: Token));
        Assert.Equal(1, error.Row);
        Assert.Equal("The delegate of the model 'delegate' threw InvalidDataException for row 1; the inner exception says why.", error.Message);

        static Fare Throwing(Trip trip) => trip.Kilometres < 0 ? throw new InvalidDataException("secret") : new Fare(0);
    }

    [Fact]
    public async Task PredictAsync_DelegateThrowsExceptionsOfPredictions_PassesThemOn()
    {
        foreach (var thrown in new Exception[] { new PredictionFailedException("inner", "It failed.") { Row = 4 }, new PredictionRejectedException("It is busy.", TimeSpan.FromSeconds(3)) })
        {
            await using var predictor = Predictor.Create(s_signature, (_, _, _, _) => throw thrown);
            Assert.Same(thrown, await Record.ExceptionAsync(() => CallAsync(predictor, Token)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_CancelledMeanwhile_IsCancelledWithTheCallersToken(bool isLate)
    {
        using var source = new CancellationTokenSource();
        await using var predictor = Predictor.Create(s_signature, async (_, _, _, token) =>
        {
            if (isLate) await Task.Yield();
            await source.CancelAsync();
            token.ThrowIfCancellationRequested();
        });
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CallAsync(predictor, source.Token));
        Assert.Equal(source.Token, error.CancellationToken);
    }

    [Fact]
    public async Task PredictAsync_TypedRowsCancelledMeanwhile_StopsBetweenRows()
    {
        using var source = new CancellationTokenSource();
        var calls = 0;
        await using var predictor = Predictor.Create<Trip, Fare>(_ =>
        {
            if (++calls == 2) source.Cancel();
            return new Fare(0);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await predictor.AsTyped<Trip, Fare>().PredictAsync(new Trip[5], new Fare[5], cancellationToken: source.Token));
        Assert.Equal(2, calls);
    }

    /// <summary>A timeout below, of an HTTP call for instance, is a failure and no cancellation of the caller's.</summary>
    [Fact]
    public async Task PredictAsync_DelegateCancelsByItself_Fails()
    {
        await using var predictor = Predictor.Create(s_signature, (_, _, _, _) => throw new TaskCanceledException("timeout"));
        Assert.IsType<TaskCanceledException>((await Assert.ThrowsAsync<PredictionFailedException>(() => CallAsync(predictor, Token))).InnerException);
        await using var typed = Predictor.Create<Trip, Fare>(_ => throw new TaskCanceledException("timeout"));
        await Assert.ThrowsAsync<PredictionFailedException>(async () => await typed.AsTyped<Trip, Fare>().PredictAsync(new Trip(1, ""), cancellationToken: Token));
    }

    [Fact]
    public async Task PredictAsync_OutputsOfOpenWidth_AreShapedByTheDelegateAndCheckedAfterIt()
    {
        var rows = 2;
        await using var predictor = Predictor.Create(s_open, (_, outputs, _, _) => outputs[0].Resize(rows, 3));
        using var inputs = s_open.RentInputs(2);
        using var outputs = s_open.RentOutputs(2);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal(6, outputs[0].Length);
        rows = 5;
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token));
        Assert.Contains("'y'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_BadArguments_AreRefused()
    {
        Assert.Throws<ArgumentNullException>(() => Predictor.Create(null!, (_, _, _, _) => { }));
        Assert.Throws<ArgumentNullException>(() => Predictor.Create(s_signature, (Action<TensorBatch, TensorBatch, PredictionContext, CancellationToken>)null!));
        Assert.Throws<ArgumentNullException>(() => Predictor.Create(s_signature, (Func<TensorBatch, TensorBatch, PredictionContext, CancellationToken, ValueTask>)null!));
        Assert.Throws<ArgumentNullException>(() => Predictor.Create((Func<Trip, Fare>)null!));
        Assert.Throws<ArgumentNullException>(() => Predictor.Create((Func<Trip, CancellationToken, ValueTask<Fare>>)null!));
        Assert.Throws<ArgumentException>(() => Predictor.Create(s_signature, (_, _, _, _) => { }, ""));
        Assert.Contains("y: Float32[?, ?]", Assert.Throws<ArgumentException>(() => Predictor.Create<Trip, Open>(_ => default)).Message, StringComparison.Ordinal);
    }

    private static async Task CallAsync(IPredictor predictor, CancellationToken cancellationToken)
    {
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken);
    }

    [TensorRow]
    private readonly partial record struct Trip([TensorColumn("kilometres")] float Kilometres, [TensorColumn("zone")] string Zone);

    [TensorRow]
    private readonly partial record struct Fare([TensorColumn("fare")] float Value);

    private readonly record struct Open : ITensorRow<Open>
    {
        public static IReadOnlyList<TensorSpec> Tensors => s_open.Outputs;

        public static Open Read(TensorBatch batch, int row) => default;

        public void Write(TensorBatch batch, int row)
        {
        }
    }
}
