using System.Text.Json;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

/// <summary>Rows without a type: names and values, or columns.</summary>
public sealed class DynamicRowTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PredictAsync_Dictionary_FeedsEveryInputAndNamesEveryOutput()
    {
        var prediction = await Echo().PredictAsync(Row(), cancellationToken: Token);
        Assert.Equal(["numeric", "station", "day", "embedding", "flag", "count"], prediction.Keys);
        Assert.Equal([18.5, 1], (double[])prediction["numeric"]);
        Assert.Equal("Clark", prediction["station"]);
        Assert.Equal(13_149L, prediction["day"]);
        Assert.Equal([1, 2, 3], (float[])prediction["embedding"]);
        Assert.Equal(true, prediction["flag"]);
        Assert.Equal((byte)200, prediction["count"]);
    }

    [Fact]
    public async Task PredictAsync_MissingValues_AreNaNAndEmptyText()
    {
        var prediction = await Echo().PredictAsync(Row(("temperature", null), ("station", DBNull.Value), ("embedding", null)), cancellationToken: Token);
        Assert.Equal([double.NaN, 1], (double[])prediction["numeric"]);
        Assert.Equal("", prediction["station"]);
        Assert.Equal([float.NaN, float.NaN, float.NaN], (float[])prediction["embedding"]);
        var partly = await Echo().PredictAsync(Row(("embedding", new object?[] { 1, null, 3.0 })), cancellationToken: Token);
        Assert.Equal([1, float.NaN, 3], (float[])partly["embedding"]);
    }

    /// <summary>What a JSON document holds goes in as it was read.</summary>
    [Fact]
    public async Task PredictAsync_Json_IsReadByKind()
    {
        const string Json = """{ "temperature": 18.5, "is_holiday": true, "station": "Clark", "day": 13149, "embedding": [1, 2.5, null], "flag": 0, "count": 200 }""";
        var prediction = await Echo().PredictAsync(JsonSerializer.Deserialize<Dictionary<string, object?>>(Json)!, cancellationToken: Token);
        Assert.Equal([18.5, 1], (double[])prediction["numeric"]);
        Assert.Equal([1, 2.5f, float.NaN], (float[])prediction["embedding"]);
        Assert.Equal(("Clark", 13_149L, false, (byte)200), (prediction["station"], prediction["day"], prediction["flag"], prediction["count"]));
        var none = JsonSerializer.Deserialize<Dictionary<string, object?>>(Json.Replace("18.5", "null", StringComparison.Ordinal))!;
        prediction = await Echo().PredictAsync(none, cancellationToken: Token);
        Assert.Equal([double.NaN, 1], (double[])prediction["numeric"]);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task PredictAsync_NumberOfAnyType_IsConverted(object value, double expected)
        => Assert.Equal(expected, ((double[])(await Echo().PredictAsync(Row(("temperature", value)), cancellationToken: Token))["numeric"])[0]);

    public static TheoryData<object, double> Accepted => new()
    {
        { 1.5f, 1.5 }, { (Half)1.5, 1.5 }, { 1.5m, 1.5 }, { 7L, 7 }, { 7, 7 }, { (short)7, 7 }, { (sbyte)-7, -7 }, { 7UL, 7 }, { 7u, 7 }, { (ushort)7, 7 }, { (byte)7, 7 }, { true, 1 },
        { new DateOnly(1970, 1, 3), 2 }, { new DateTime(1970, 1, 1, 0, 1, 0, DateTimeKind.Utc), 60 }, { new DateTimeOffset(1970, 1, 1, 1, 1, 0, TimeSpan.FromHours(1)), 60 },
        { double.NaN, double.NaN }, { double.PositiveInfinity, double.PositiveInfinity },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task PredictAsync_VectorOfAnyKind_IsTaken(object value)
    {
        var prediction = await Echo().PredictAsync(Row(("embedding", value)), cancellationToken: Token);
        Assert.Equal([1, 2, 3], (float[])prediction["embedding"]);
    }

    public static TheoryData<object> Vectors => new()
    {
        new[] { 1f, 2, 3 }, new[] { 1.0, 2, 3 }, new List<int> { 1, 2, 3 }, Enumerable.Range(1, 3), new ReadOnlyMemory<float>([1, 2, 3]), new Memory<double>([1, 2, 3]), new ReadOnlyMemory<long>([1, 2, 3]),
    };

    /// <summary>The message names the field, what was expected and the remedy, and shows no value.</summary>
    [Theory]
    [MemberData(nameof(Refused))]
    public async Task PredictAsync_ValueThatDoesNotFit_ThrowsNamingTheColumnAndNoValue(string column, object? value, string problem)
    {
        var model = Echo();
        var error = await Assert.ThrowsAsync<DataFormatException>(async () => await model.PredictAsync(Row((column, value)), cancellationToken: Token));
        Assert.Equal(column, error.Column);
        Assert.StartsWith($"The row, column '{column}': ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", error.Message, StringComparison.Ordinal);
        using var next = model.Signature.RentInputs(1);
        Assert.Equal(1, next.Rows);
    }

    public static TheoryData<string, object?, string> Refused => new()
    {
        { "temperature", "4711", "A value of type Float64 was expected; one of type String was given. The input is numeric: Float64[?, 2]" },
        { "temperature", new object(), "A value of type Float64 was expected; one of type Object was given" },
        { "temperature", JsonSerializer.SerializeToElement("4711"), "A value of type Float64 was expected; a JSON String was given" },
        { "temperature", new[] { 4711.0, 4711 }, "2 elements were given; it takes one value" },
        { "station", 4711, "A value of type String was expected; one of type Int32 was given" },
        { "day", 4711.5, "The number does not fit into Int64. Give a whole number" },
        { "day", double.NaN, "The number does not fit into Int64" },
        { "day", null, "A value is missing, but the input day: Int64[?, 1] cannot hold a missing value" },
        { "day", 1e30, "does not fit into Int64" },
        { "count", 4711, "does not fit into UInt8" },
        { "count", -1, "does not fit into UInt8" },
        { "flag", 4711, "The number is not a truth value" },
        { "flag", null, "cannot hold a missing value" },
        { "embedding", new[] { 4711f, 2 }, "2 elements were given; it takes 3" },
        { "embedding", 4711f, "1 element was given; it takes 3" },
        { "embedding", new[] { "4711", "a", "b" }, "A value of type Float32 was expected; one of type String was given" },
        { "embedding", new Dictionary<string, int> { ["4711"] = 1 }, "was expected; one of type Dictionary`2 was given" },
    };

    [Fact]
    public async Task PredictAsync_NameThatIsAbsentOrUnknown_ThrowsNamingIt()
    {
        var lacking = Row();
        lacking.Remove("is_holiday");
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(async () => await Echo().PredictAsync(lacking, cancellationToken: Token));
        Assert.Equal(("column", "is_holiday"), (error.Kind, error.Name));
        Assert.Contains("null says that its value is missing", error.Message, StringComparison.Ordinal);

        var misspelt = Row(("temprature", 1.0));
        misspelt.Remove("temperature");
        error = await Assert.ThrowsAsync<EntityNotFoundException>(async () => await Echo().PredictAsync(misspelt, cancellationToken: Token));
        Assert.Equal("temprature", error.Name);
        Assert.Contains("Is it 'temperature'?", error.Message, StringComparison.Ordinal);

        // What the row has already was not meant.
        error = await Assert.ThrowsAsync<EntityNotFoundException>(async () => await Echo().PredictAsync(Row(("temprature", 1.0)), cancellationToken: Token));
        Assert.Contains("Leave it out; it takes: temperature", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<EntityNotFoundException>(async () => await Echo().PredictAsync(Row(("zzzzzzzz", 1.0)), cancellationToken: Token));
        Assert.Contains("Leave it out; it takes: temperature, is_holiday, station", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await Echo().PredictAsync((IReadOnlyDictionary<string, object?>)null!, cancellationToken: Token));
    }

    /// <summary>A column may be a vector beside others; then only the values tell how wide each is.</summary>
    [Fact]
    public async Task PredictAsync_VectorBesideNumbers_IsCountedTogether()
    {
        var model = EchoOf(TensorSpec.Of<float>("x", 4, "a", "v"));
        var prediction = await model.PredictAsync(new Dictionary<string, object?> { ["v"] = new[] { 2, 3, 4 }, ["a"] = 1 }, cancellationToken: Token);
        Assert.Equal([1, 2, 3, 4], (float[])prediction["x"]);
        var error = await Assert.ThrowsAsync<DataFormatException>(async () => await model.PredictAsync(new Dictionary<string, object?> { ["v"] = new[] { 2, 3 }, ["a"] = 1 }, cancellationToken: Token));
        Assert.Contains("'a': Together with 'v' it has 3 elements; the input x: Float32[?, 4] takes 4.", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<DataFormatException>(async () => await model.PredictAsync(new Dictionary<string, object?> { ["v"] = null, ["a"] = 1 }, cancellationToken: Token));
        Assert.Equal("v", error.Column);
    }

    /// <summary>A model that leaves its width open takes that of the row, from every face.</summary>
    [Fact]
    public async Task PredictAsync_WidthKnownAtRunTime_IsThatOfTheRow()
    {
        var model = EchoOf(new TensorSpec("x", ElementType.Float32, [-1, -1]));
        var prediction = await model.PredictAsync(new Dictionary<string, object?> { ["x"] = new[] { 1, 2, 3 } }, cancellationToken: Token);
        Assert.Equal([1, 2, 3], (float[])prediction["x"]);

        var rows = await model.PredictAsync(Batch(new ColumnSchema("x", ElementType.Float64) { Width = 2 }, new Column<double>([1, 2, 3, 4], null, 2)), cancellationToken: Token);
        Assert.Equal((2, 2), (rows.RowCount, rows["x"].Width));
        Assert.Equal([1, 2, 3, 4], ((Column<float>)rows["x"]).Values.ToArray());

        var typed = model.AsTyped<Wide, Wide>();
        for (var i = 0; i < 2; i++)
        {
            var read = await typed.PredictAsync(new Wide([5, 6, 7]), cancellationToken: Token);
            Assert.Equal([5, 6, 7], read.X);
        }

        var outputs = new Wide[2];
        await typed.PredictAsync(new[] { new Wide([1, 2, 3]), new Wide([4, 5, 6]) }, outputs, null, Token);
        Assert.Equal([4, 5, 6], outputs[1].X);

        var image = EchoOf(new TensorSpec("x", ElementType.Float32, [-1, -1, 2]));
        Assert.Equal(4, ((float[])(await image.PredictAsync(new Dictionary<string, object?> { ["x"] = new[] { 1, 2, 3, 4 } }, cancellationToken: Token))["x"]).Length);
        foreach (var shape in new int[][] { [-1, -1, 2], [-1, -1, -1] })
            await Assert.ThrowsAsync<ArgumentException>(async () => await EchoOf(new TensorSpec("x", ElementType.Float32, shape)).PredictAsync(new Dictionary<string, object?> { ["x"] = new[] { 1, 2, 3 } }, cancellationToken: Token));
    }

    /// <summary>A model that gives another width than the type fixes is not read in part.</summary>
    [Fact]
    public async Task PredictAsync_OutputOfAnotherWidthThanTheType_Throws()
    {
        var model = new DelegatePredictor(new ModelSignature(Wide.Tensors, [new TensorSpec("x", ElementType.Float32, [-1, -1])]), (inputs, outputs) => outputs[0].Resize(inputs.Rows, 2));
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await model.AsTyped<Wide, Wide>().PredictAsync(new Wide([1, 2, 3]), cancellationToken: Token));
        Assert.Contains("'x' is Float32[1, 2] in a batch of 1 rows; 3 elements in each row were expected", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictAsync_Batch_GivesAColumnForEachOutput()
    {
        var schema = new DataSchema(
            new ColumnSchema("label", ElementType.Int64, ColumnRole.Label), new ColumnSchema("b", ElementType.Int32), new ColumnSchema("s", ElementType.String), new ColumnSchema("a", ElementType.Float64));
        var batch = new DataBatch(schema, new Column<long>([1, 2]), new Column<int>([3, 4]), TextColumn.FromStrings(["x", null]), new Column<double>([5, 0], [1]));
        var predicted = await EchoOf(TensorSpec.Of<float>("numbers", 2, "a", "b"), TensorSpec.Of<string>("s")).PredictAsync(batch, cancellationToken: Token);
        Assert.Equal(["numbers", "s"], predicted.Schema.Select(column => column.Name));
        Assert.All(predicted.Schema, column => Assert.Equal(ColumnRole.Prediction, column.Role));
        Assert.Equal([5, 3, float.NaN, 4], ((Column<float>)predicted["numbers"]).Values.ToArray());
        Assert.Equal("x", ((TextColumn)predicted["s"]).GetString(0));
        Assert.Equal(0, (await EchoOf(TensorSpec.Of<float>("a")).PredictAsync(batch.Slice(0, 0), cancellationToken: Token)).RowCount);
    }

    [Fact]
    public async Task PredictAsync_BatchThatDoesNotFit_ThrowsNamingTheColumn()
    {
        var batch = Batch(new ColumnSchema("a", ElementType.String), TextColumn.FromStrings(["4711"]));
        var absent = await Assert.ThrowsAsync<EntityNotFoundException>(async () => await EchoOf(TensorSpec.Of<float>("b", 1, "aa")).PredictAsync(batch, cancellationToken: Token));
        Assert.Equal("aa", absent.Name);
        Assert.Contains("The batch has no column 'aa'", absent.Message, StringComparison.Ordinal);
        Assert.Contains("'a' is String", (await Assert.ThrowsAsync<ArgumentException>(async () => await EchoOf(TensorSpec.Of<float>("a")).PredictAsync(batch, cancellationToken: Token))).Message, StringComparison.Ordinal);
        var missing = Batch(new ColumnSchema("a", ElementType.Int64), new Column<long>([1], [0]));
        Assert.Equal("a", (await Assert.ThrowsAsync<DataFormatException>(async () => await EchoOf(TensorSpec.Of<long>("a")).PredictAsync(missing, cancellationToken: Token))).Column);
    }

    [Fact]
    public async Task PredictAsync_ContextGiven_TravelsWithTheRow()
    {
        var context = new PredictionContext { RouteKey = "k" };
        PredictionContext? seen = null;
        await using var predictor = new PredictorBuilder(EchoOf(TensorSpec.Of<float>("a"))).Use(inner => new Watching(inner, given => seen = given)).Build();
        await predictor.PredictAsync(new Dictionary<string, object?> { ["a"] = 1 }, context, Token);
        Assert.Same(context, seen);
        await predictor.PredictAsync(Batch(new ColumnSchema("a", ElementType.Float32), new Column<float>([1])), cancellationToken: Token);
        Assert.NotNull(seen);
        Assert.NotSame(context, seen);
    }

    private static Dictionary<string, object?> Row(params (string Name, object? Value)[] others)
    {
        var row = new Dictionary<string, object?>
        {
            ["temperature"] = 18.5, ["is_holiday"] = true, ["station"] = "Clark", ["day"] = new DateOnly(2006, 1, 1), ["embedding"] = new[] { 1f, 2, 3 }, ["flag"] = true, ["count"] = 200,
        };
        foreach (var (name, value) in others) row[name] = value;
        return row;
    }

    private static DataBatch Batch(ColumnSchema schema, Column column) => new(new DataSchema(schema), column);

    private static DelegatePredictor Echo() => EchoOf(
        TensorSpec.Of<double>("numeric", 2, "temperature", "is_holiday"), TensorSpec.Of<string>("station"), TensorSpec.Of<long>("day"), TensorSpec.Of<float>("embedding", 3), TensorSpec.Of<bool>("flag"),
        TensorSpec.Of<byte>("count"));

    /// <summary>Gives what it takes.</summary>
    private static DelegatePredictor EchoOf(params TensorSpec[] tensors) => new(new ModelSignature(tensors, tensors), (inputs, outputs) =>
    {
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            outputs[slot].Resize(inputs[slot].Shape);
            switch (inputs[slot])
            {
                case TensorBuffer<string> texts: texts.Span.CopyTo(outputs.Get<string>(slot).Span); break;
                case var numbers: TensorNumbers.FromDoubles(TensorNumbers.ToDoubles(numbers), outputs[slot]); break;
            }
        }
    });

    private sealed class Watching(IPredictor inner, Action<PredictionContext> seen) : DelegatingPredictor(inner)
    {
        public override ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            seen(context);
            return base.PredictAsync(inputs, outputs, context, cancellationToken);
        }
    }
}

[TensorRow]
internal sealed partial record Wide([TensorColumn("x"), TensorShape(3)] float[] X);
