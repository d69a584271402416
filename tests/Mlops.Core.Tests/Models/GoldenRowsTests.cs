using System.Text;
using System.Text.Json;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class GoldenRowsTests
{
    private static readonly ModelSignature s_signature = new(
        [TensorSpec.Of<float>("x", 2), TensorSpec.Of<long>("id"), TensorSpec.Of<string>("city"), TensorSpec.Of<ulong>("hash")],
        [TensorSpec.Of<double>("score"), TensorSpec.Of<long>("label"), TensorSpec.Of<string>("name"), TensorSpec.Of<int>("rank"), TensorSpec.Of<bool>("flag")]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindDifferenceAsync_SameModel_FindsNone()
    {
        var rows = GoldenRows.FromJson((await CaptureAsync()).ToJson());
        Assert.Equal(3, rows.Count);
        Assert.Null(await rows.FindDifferenceAsync(Predictor(), 0, Token));
    }

    [Fact]
    public async Task FindDifferenceAsync_IntegersBeyondDoublePrecision_AreExact()
    {
        var rows = GoldenRows.FromJson((await CaptureAsync(long.MaxValue - 1)).ToJson());
        var seen = new List<(long, ulong)>();
        await rows.FindDifferenceAsync(Predictor(onPredict: (inputs, _) => seen.Add((inputs.Get<long>(1).Span[0], inputs.Get<ulong>(3).Span[0]))), cancellationToken: Token);
        Assert.Equal([(long.MaxValue - 1, ulong.MaxValue - 1)], seen);
    }

    [Theory]
    [InlineData("score", 1e-3, "score", 1)]
    [InlineData("score", double.NaN, "score", 1)]
    [InlineData("score", double.PositiveInfinity, "score", 1)]
    [InlineData("label", 1, "label", 1)]
    [InlineData("rank", 1, "rank", 1)]
    [InlineData("name", 0, "name", 1)]
    [InlineData("flag", 0, "flag", 1)]
    public async Task FindDifferenceAsync_OneOutputOff_NamesOutputAndRow(string output, double by, string expected, int row)
    {
        var rows = await CaptureAsync(1_000_000);
        var difference = await rows.FindDifferenceAsync(Predictor(onPredict: (_, outputs) =>
        {
            if (output == "score") outputs.Get<double>(0).Span[row] += by;
            if (output == "label") outputs.Get<long>(1).Span[row] += (long)by;
            if (output == "name") outputs.Get<string>(2).Span[row] = "other";
            if (output == "rank") outputs.Get<int>(3).Span[row] += (int)by;
            if (output == "flag") outputs.Get<bool>(4).Span[row] ^= true;
        }), 1e-4, Token);
        Assert.Equal(FormattableString.Invariant($"output '{expected}' of golden row {row} is another one"), difference);
    }

    [Theory]
    [InlineData(1000, 0.09, true)]
    [InlineData(1000, 0.11, false)]
    [InlineData(0.001, 0.00009, true)]
    [InlineData(0.001, 0.00011, false)]
    [InlineData(double.PositiveInfinity, 0, true)]
    [InlineData(double.PositiveInfinity, double.NegativeInfinity, false)]
    [InlineData(double.NaN, 0, true)]
    public async Task FindDifferenceAsync_Tolerance_IsRelativeAboveOneAndAbsoluteBelow(double value, double off, bool isSame)
    {
        var signature = new ModelSignature([TensorSpec.Of<double>("x")], [TensorSpec.Of<double>("y")]);
        using var inputs = signature.RentInputs(1);
        inputs.Get<double>(0).Span[0] = value;
        var rows = GoldenRows.FromJson((await GoldenRows.CaptureAsync(Offset(0), inputs, Token)).ToJson());
        Assert.Equal(isSame, await rows.FindDifferenceAsync(Offset(off), 1e-4, Token) is null);

        DelegatePredictor Offset(double by) => new(signature, (i, o) => o.Get<double>(0).Span[0] = i.Get<double>(0).Span[0] + by);
    }

    [Fact]
    public async Task FindDifferenceAsync_InfinityExpectedFiniteGiven_IsADifference()
    {
        var signature = new ModelSignature([TensorSpec.Of<double>("x")], [TensorSpec.Of<double>("y")]);
        using var inputs = signature.RentInputs(1);
        inputs.Get<double>(0).Span[0] = 1;
        var rows = await GoldenRows.CaptureAsync(new DelegatePredictor(signature, (_, o) => o.Get<double>(0).Span[0] = double.PositiveInfinity), inputs, Token);
        Assert.NotNull(await rows.FindDifferenceAsync(new DelegatePredictor(signature, (_, o) => o.Get<double>(0).Span[0] = 5), 1e-4, Token));
    }

    [Fact]
    public async Task FindDifferenceAsync_OtherSignature_SaysSoWithoutPredicting()
    {
        var rows = await CaptureAsync();
        foreach (var signature in new[]
        {
            new ModelSignature([TensorSpec.Of<float>("x", 2)], s_signature.Outputs),
            new ModelSignature([TensorSpec.Of<float>("z", 2), .. s_signature.Inputs.Skip(1)], s_signature.Outputs),
            new ModelSignature([TensorSpec.Of<float>("x", 3), .. s_signature.Inputs.Skip(1)], s_signature.Outputs),
            new ModelSignature([TensorSpec.Of<string>("x", 2), .. s_signature.Inputs.Skip(1)], s_signature.Outputs),
            new ModelSignature([TensorSpec.Of<long>("x", 2), .. s_signature.Inputs.Skip(1)], s_signature.Outputs),
        })
        {
            var predictor = new DelegatePredictor(signature, (_, _) => throw new InvalidOperationException("It was called."));
            Assert.NotNull(await rows.FindDifferenceAsync(predictor, cancellationToken: Token));
        }
    }

    [Fact]
    public async Task FindDifferenceAsync_OutputOfAnotherShape_SaysSo()
    {
        var rows = await CaptureAsync();
        var difference = await rows.FindDifferenceAsync(Predictor(onPredict: (_, outputs) => outputs[0].Resize(2, 1)), cancellationToken: Token);
        Assert.Equal("output 'score' has 2 elements instead of 3", difference);
    }

    [Fact]
    public async Task FindDifferenceAsync_ScalarOutput_Compares()
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x")], [new TensorSpec("total", Mlops.Data.ElementType.Float32, [])]);
        var total = 1f;
        var predictor = new DelegatePredictor(signature, (_, outputs) => outputs.Get<float>(0).Span[0] = total);
        using var inputs = signature.RentInputs(2);
        inputs.Get<float>(0).Span.Clear();
        var rows = GoldenRows.FromJson((await GoldenRows.CaptureAsync(predictor, inputs, Token)).ToJson());
        Assert.Null(await rows.FindDifferenceAsync(predictor, cancellationToken: Token));
        total = 2;
        Assert.NotNull(await rows.FindDifferenceAsync(predictor, cancellationToken: Token));
    }

    [Fact]
    public async Task FindDifferenceAsync_ToleranceNegative_Throws()
    {
        var rows = await CaptureAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rows.FindDifferenceAsync(Predictor(), -1, Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rows.FindDifferenceAsync(Predictor(), double.NaN, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"rows\":1}")]
    [InlineData("{\"rows\":-1,\"inputs\":[],\"outputs\":[]}")]
    [InlineData("{\"rows\":1,\"inputs\":[null],\"outputs\":[]}")]
    [InlineData("{\"rows\":1,\"inputs\":[{\"name\":\"x\"}],\"outputs\":[]}")]
    [InlineData("{\"rows\":1,\"inputs\":[{\"name\":\"x\",\"shape\":[1]}],\"outputs\":[]}")]
    [InlineData("{\"rows\":1,\"inputs\":[{\"name\":\"x\",\"shape\":null,\"numbers\":[1]}],\"outputs\":[]}")]
    [InlineData("{\"rows\":1,\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"numbers\":[1]}],\"outputs\":[]}")]
    [InlineData("{\"rows\":1,\"inputs\":[{\"name\":\"x\",\"shape\":[-1],\"numbers\":[1]}],\"outputs\":[]}")]
    [InlineData("{\"rows\":1,\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"numbers\":[1],\"text\":[\"a\"]}],\"outputs\":[]}")]
    [InlineData("{\"rows\":1,\"inputs\":[{\"name\":\"x\",\"shape\":[1073741824,1073741824,1073741824],\"numbers\":[1]}],\"outputs\":[]}")]
    public void FromJson_Damaged_ThrowsJsonException(string json)
        => Assert.ThrowsAny<JsonException>(() => GoldenRows.FromJson(Encoding.UTF8.GetBytes(json)));

    private static async Task<GoldenRows> CaptureAsync(long id = 7)
    {
        using var inputs = s_signature.RentInputs(3);
        TensorNumbers.FromDoubles([1, 2, 3, 4, 5, float.NaN], inputs[0]);
        inputs.Get<long>(1).Span.Fill(id);
        new[] { "Oslo", "", "東京" }.CopyTo(inputs.Get<string>(2).Span);
        inputs.Get<ulong>(3).Span.Fill(ulong.MaxValue - 1);
        return await GoldenRows.CaptureAsync(Predictor(), inputs, Token);
    }

    private static DelegatePredictor Predictor(Action<TensorBatch, TensorBatch>? onPredict = null) => new(s_signature, (inputs, outputs) =>
    {
        for (var row = 0; row < inputs.Rows; row++)
        {
            outputs.Get<double>(0).Span[row] = inputs.Get<float>(0).Span[2 * row] / 3.0;
            outputs.Get<long>(1).Span[row] = inputs.Get<long>(1).Span[row];
            outputs.Get<string>(2).Span[row] = inputs.Get<string>(2).Span[row];
            outputs.Get<int>(3).Span[row] = 1_000_000 + row;
            outputs.Get<bool>(4).Span[row] = row == 1;
        }

        onPredict?.Invoke(inputs, outputs);
    });
}
