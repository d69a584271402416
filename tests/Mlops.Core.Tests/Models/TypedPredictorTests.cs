using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Core.Tests.Models;

public sealed partial class TypedPredictorTests
{
    private static readonly ModelSignature s_signature = new(In.Tensors, Out.Tensors);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_OneRow_WritesAndReadsIt()
        => Assert.Equal(new Out(6), await Doubling().AsTyped<In, Out>().PredictAsync(new In(3), cancellationToken: Token));

    [Fact]
    public async Task PredictAsync_ManyRows_KeepsTheirOrder()
    {
        var outputs = new Out[100];
        await Doubling().AsTyped<In, Out>().PredictAsync(Enumerable.Range(0, 100).Select(i => new In(i)).ToArray(), outputs, null, Token);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => new Out(2 * i)), outputs);
        await Doubling().AsTyped<In, Out>().PredictAsync(Array.Empty<In>(), Array.Empty<Out>(), null, Token);
    }

    [Fact]
    public async Task PredictAsync_LengthsDiffer_Throws()
        => await Assert.ThrowsAsync<ArgumentException>(() => Doubling().AsTyped<In, Out>().PredictAsync(new In[2], new Out[3], null, Token).AsTask());

    [Fact]
    public void AsTyped_TypesDoNotFit_ThrowsNamingTheInput()
    {
        var other = new DelegatePredictor(new ModelSignature([TensorSpec.Of<double>("x")], Out.Tensors), (_, _) => { });
        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => other.AsTyped<In, Out>()).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Doubling().AsTyped<In, In>());
    }

    [Fact]
    public void AsTyped_TypeOfAnotherWidth_ThrowsNamingBothWidths()
    {
        var narrow = new DelegatePredictor(new ModelSignature([TensorSpec.Of<float>("x", 2)], Out.Tensors), (_, _) => { });
        var error = Assert.Throws<ArgumentException>(() => narrow.AsTyped<Wide, Out>());
        Assert.Contains("Wide", error.Message, StringComparison.Ordinal);
        Assert.Contains("x: Float32[?, 2]", error.Message, StringComparison.Ordinal);
        Assert.Contains("x: Float32[?, 3]", error.Message, StringComparison.Ordinal);
        var outputs = new DelegatePredictor(new ModelSignature(Wide.Tensors, [TensorSpec.Of<float>("x", 4)]), (_, _) => { });
        Assert.Contains("output 'x'", Assert.Throws<ArgumentException>(() => outputs.AsTyped<Wide, Wide>()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task PredictAsync_RowOfAnotherWidth_ThrowsNamingTheInputAndReturnsItsBatches(int width)
    {
        var signature = new ModelSignature(Wide.Tensors, Out.Tensors);
        var calls = 0;
        var typed = new DelegatePredictor(signature, (_, _) => calls++).AsTyped<Wide, Out>();
        var wrong = new Wide(new float[width]);

        var one = await Assert.ThrowsAsync<ArgumentException>(async () => await typed.PredictAsync(wrong, cancellationToken: Token));
        var first = await Assert.ThrowsAsync<ArgumentException>(async () => await typed.PredictAsync(new[] { wrong, new Wide(new float[3]) }, new Out[2], null, Token));

        Assert.All([one, first], error => Assert.Contains($"'x' takes 3 elements in each row; {width} were given for row 0.", error.Message, StringComparison.Ordinal));
        Assert.Equal(0, calls);
        using var next = signature.RentInputs(1);
        Assert.Equal(1, next.Rows);
    }

    [Fact]
    public async Task PredictAsync_RowThatIsNull_ThrowsNamingItAndCallsNoModel()
    {
        var calls = 0;
        var typed = new DelegatePredictor(new ModelSignature(Note.Tensors, Out.Tensors), (_, _) => calls++).AsTyped<Note, Out>();
        Assert.Equal("input", (await Assert.ThrowsAsync<ArgumentNullException>(async () => await typed.PredictAsync(null!, cancellationToken: Token))).ParamName);
        var error = await Assert.ThrowsAsync<ArgumentException>(async () => await typed.PredictAsync(new[] { new Note("a"), null! }, new Out[2], null, Token));
        Assert.StartsWith("Row 1 is null. ", error.Message, StringComparison.Ordinal);
        Assert.Equal(("inputs", 0), (error.ParamName, calls));
    }

    [Fact]
    public async Task PredictAsync_PredictorThrows_ReturnsItsBatches()
    {
        var signature = new ModelSignature(In.Tensors, Out.Tensors);
        TensorBatch? used = null;
        var typed = new DelegatePredictor(signature, (inputs, _) =>
        {
            used = inputs;
            throw new PredictionFailedException("m", "no");
        }).AsTyped<In, Out>();
        await Assert.ThrowsAsync<PredictionFailedException>(async () => await typed.PredictAsync(new In(1), cancellationToken: Token));
        using var next = signature.RentInputs(1);
        Assert.Same(used, next);
    }

    [Fact]
    public async Task PredictAsync_ReadingThrows_ReturnsItsBatches()
    {
        var signature = new ModelSignature(In.Tensors, Unreadable.Tensors);
        TensorBatch? used = null;
        var typed = new DelegatePredictor(signature, (_, outputs) => used = outputs).AsTyped<In, Unreadable>();
        await Assert.ThrowsAsync<InvalidDataException>(async () => await typed.PredictAsync(new In(1), cancellationToken: Token));
        using var next = signature.RentOutputs(1);
        Assert.Same(used, next);
    }

    [Fact]
    public async Task PredictAsync_NoContextGiven_EachCallGetsAFreshOne()
    {
        var contexts = new ContextPredictor();
        var typed = contexts.AsTyped<In, Out>();
        for (var i = 0; i < 3; i++) await typed.PredictAsync(new In(i), cancellationToken: Token);
        Assert.All(contexts.Seen, name => Assert.Null(name));
        var own = new PredictionContext();
        await typed.PredictAsync(new In(1), own, Token);
        Assert.Equal("used", own.ModelName);
    }

    [Fact]
    public void PredictAsync_Warm_AllocatesNothing()
    {
        var typed = Doubling().AsTyped<In, Out>();
        Assert.Equal(0, Allocations.Measure(Call));

        void Call()
        {
            var task = typed.PredictAsync(new In(1), null, CancellationToken.None);
            Assert.True(task.IsCompletedSuccessfully);
            _ = task.GetAwaiter().GetResult();
        }
    }

    [Fact]
    public async Task Build_Decorators_FirstAddedIsOutermost()
    {
        var core = Doubling();
        var calls = new List<string>();
        var predictor = new PredictorBuilder(core).Use(inner => new Tracing(inner, "outer", calls)).Use(inner => new Tracing(inner, "inner", calls)).Build();
        await predictor.AsTyped<In, Out>().PredictAsync(new In(1), cancellationToken: Token);
        Assert.Equal(["outer", "inner"], calls);
        Assert.Same(core, predictor.GetService<DelegatePredictor>());
        Assert.Same(predictor, predictor.GetService<Tracing>());
        Assert.Null(predictor.GetService<string>());
        Assert.Null(predictor.GetService(typeof(Tracing), "key"));
        Assert.Same(core.Signature, predictor.Signature);
        await predictor.DisposeAsync();
        Assert.Equal(1, core.Disposals);
    }

    [Fact]
    public void Build_NothingToBuild_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => new PredictorBuilder(null!));
        Assert.Throws<InvalidOperationException>(() => new PredictorBuilder(Doubling()).Use(_ => null!).Build());
        var core = Doubling();
        Assert.Same(core, new PredictorBuilder(core).Build());
    }

    private static DelegatePredictor Doubling() => new(s_signature, (inputs, outputs) =>
    {
        for (var row = 0; row < inputs.Rows; row++) outputs.Get<float>(0).Span[row] = 2 * inputs.Get<float>(0).Span[row];
    });

    [TensorRow]
    private readonly partial record struct In([TensorColumn("x")] float Value);

    [TensorRow]
    private readonly partial record struct Out([TensorColumn("y")] float Value);

    [TensorRow]
    private readonly partial record struct Wide([TensorColumn("x"), TensorShape(3)] ReadOnlyMemory<float> Values);

    [TensorRow]
    private sealed partial record Note([TensorColumn("x")] string Text);

    private readonly record struct Unreadable : ITensorRow<Unreadable>
    {
        public static IReadOnlyList<TensorSpec> Tensors { get; } = [TensorSpec.Of<float>("y")];

        public static Unreadable Read(TensorBatch batch, int row) => throw new InvalidDataException("no");

        public void Write(TensorBatch batch, int row)
        {
        }
    }

    private sealed class Tracing(IPredictor inner, string name, List<string> calls) : DelegatingPredictor(inner)
    {
        public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            calls.Add(name);
            return base.PredictAsync(inputs, outputs, context, cancellationToken);
        }
    }

    private sealed class ContextPredictor : IPredictor
    {
        public List<string?> Seen { get; } = [];

        public ModelSignature Signature => s_signature;

        public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            Seen.Add(context.ModelName);
            context.ModelName = "used";
            return ValueTask.CompletedTask;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
