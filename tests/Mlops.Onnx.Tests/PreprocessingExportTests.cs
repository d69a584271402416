using Mlops.Data;
using Mlops.Models;
using Mlops.Training;

namespace Mlops.Onnx.Tests;

/// <summary>Every step of preprocessing gives by ONNX Runtime, exported, the bits that it gives in managed code, in batches and row by row, whatever is missing or was never seen.</summary>
public sealed class PreprocessingExportTests
{
    private const int Rows = 400;

    private static readonly string[] s_cities = ["Wien", "Zürich", "東京", "Ōsaka", "a", "A", "New York", "", "Paris"];

    private static readonly string[] s_texts =
    [
        "", "   ", "The quick brown fox", "the QUICK fox, the fox!", "ÄPFEL und Birnen", "äpfel UND Birnen", "İstanbul ıstanbul", "don't-stop", "a", "x1 X1 1x", "東京 タワー 東京", "tab\tand\nline", "...",
        "🚀 rocket 🚀🚀", "under_score", "one\u00A0word", "ⅠⅡ", "UPPER lower", "a b c d e f g h i j k l m n o p q r s t u v w x y z", "\u0080edge", "Ⅰ", "\u0080", "a\u00A0b", "\0", "a\0b", "ÉCOLE", "\uD800x",
    ];

    public static TheoryData<string> Plans => [.. All.Keys];

    private static Dictionary<string, PreprocessingRule[]> All { get; } = new()
    {
        ["impute mean"] = [PreprocessingRule.Numbers(new ImputeStep { AddIndicator = true })],
        ["impute median"] = [PreprocessingRule.Numbers(new ImputeStep { Value = NumericImputation.Median }, new StandardizeStep())],
        ["impute most frequent"] = [PreprocessingRule.Numbers(new ImputeStep { Value = NumericImputation.MostFrequent }, new MinMaxStep { Minimum = -1, Clip = true })],
        ["impute constant"] = [PreprocessingRule.Numbers(new ImputeStep { Value = NumericImputation.Constant, Constant = -7.5 }, new RobustStep())],
        ["missing numbers"] = [PreprocessingRule.Numbers(new QuantileClipStep { LowerQuantile = 0.1, UpperQuantile = 0.8 }, new StandardizeStep())],
        ["as is"] = [PreprocessingRule.For(["b", "a"]), PreprocessingRule.Numbers(new MinMaxStep { Minimum = 2, Maximum = 5 })],
        ["one-hot"] = [PreprocessingRule.Texts(new OneHotStep { MaxCategories = 5 })],
        ["one-hot other"] = [PreprocessingRule.Texts(new ImputeTextStep { Constant = "(none)", AddIndicator = true }, new OneHotStep { MinCount = 25, Unseen = UnseenCategory.Other })],
        ["ordinal"] = [PreprocessingRule.For("city", new OrdinalStep { UnseenValue = -3.25 }, new StandardizeStep())],
        ["ordinal given"] = [PreprocessingRule.For("city", new ImputeTextStep(), new OrdinalStep { Categories = ["Wien", "東京"] })],
        ["hash"] = [PreprocessingRule.Texts(new HashStep { Buckets = 7 })],
        ["hash signed"] = [PreprocessingRule.Texts(new HashStep { Buckets = 1000, IsSigned = true })],
        ["words"] = [PreprocessingRule.For("text", new BagOfWordsStep { Buckets = 13 })],
        ["words signed"] = [PreprocessingRule.Texts(new BagOfWordsStep { Buckets = 4099, IsSigned = true })],
        ["target"] = [PreprocessingRule.Texts(new TargetEncodeStep { Smoothing = 3 }, new StandardizeStep())],
        ["dates"] = [PreprocessingRule.Dates(new DatePartsStep { OneHot = [DatePart.DayOfWeek, DatePart.Month, DatePart.Quarter, DatePart.Day], Cyclic = [DatePart.DayOfYear, DatePart.Month], Numbers = [DatePart.Year, DatePart.DayOfYear, DatePart.Day, DatePart.Month, DatePart.Quarter, DatePart.DayOfWeek] })],
        ["missing dates"] = [PreprocessingRule.Dates(new DatePartsStep { OneHot = [DatePart.Quarter], Cyclic = [DatePart.Day], Numbers = [DatePart.Year, DatePart.DayOfYear], Missing = MissingDate.Zeros })],
        ["timestamps"] = [PreprocessingRule.Timestamps(new DatePartsStep { OneHot = [DatePart.Hour, DatePart.DayOfWeek], Cyclic = [DatePart.Minute, DatePart.Hour, DatePart.DayOfYear], Numbers = [DatePart.Year, DatePart.Month, DatePart.Day, DatePart.Hour, DatePart.Minute, DatePart.Second], Missing = MissingDate.Zeros, Standardize = false })],
        ["all"] = [
            PreprocessingRule.Drop("b"), PreprocessingRule.For("text", new BagOfWordsStep { Buckets = 32 }), PreprocessingRule.For("c", new ImputeStep { AddIndicator = true }),
            PreprocessingRule.Numbers(new ImputeStep { Value = NumericImputation.Median, AddIndicator = true }, new QuantileClipStep(), new StandardizeStep()), PreprocessingRule.Texts(new TargetEncodeStep()),
            PreprocessingRule.Dates(new DatePartsStep()), PreprocessingRule.Timestamps(new DatePartsStep { Cyclic = [DatePart.Hour] })],
    };

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task Export_FittedStep_GivesTheSameBits(string plan)
    {
        // Where dates are refused, none is missing.
        var rules = All[plan];
        var fitted = await Preprocessor.FitAsync(MakeRows(11, missingDates: plan is "missing dates" or "timestamps"), new PreprocessingPlan(rules), Token);
        var model = fitted.ToModel();
        var loaded = new GraphModel(ModelGraph.FromJson(model.Graph.ToJson()));
        using var exported = OnnxModel.Load(OnnxExporter.Export(model));
        Assert.Equal(model.Signature, exported.Signature);
        await using var managed = model.CreatePredictor();
        await using var reloaded = loaded.CreatePredictor();
        await using var onnx = exported.CreatePredictor();

        foreach (var (size, seed) in new[] { (Rows, 11), (1, 12), (37, 13) })
        {
            var live = MakeRows(seed, missingDates: plan is "missing dates" or "timestamps", isLive: true);
            var binding = TensorBinding.Create(model.Signature.Inputs, live.Schema);
            await foreach (var batch in live.ReadAsync(new ReadOptions { BatchRows = size }, Token))
            {
                var expected = await PredictAsync(managed, binding, batch);
                Assert.Equal(expected, await PredictAsync(reloaded, binding, batch));
                var actual = await PredictAsync(onnx, binding, batch);
                for (var i = 0; i < expected.Length; i++)
                {
                    // −0 and 0 are one value.
                    if (expected[i] == actual[i] || (float.IsNaN(expected[i]) && float.IsNaN(actual[i]))) continue;
                    Assert.Fail($"{plan}, row {i / fitted.FeatureNames.Count}, {fitted.FeatureNames[i % fitted.FeatureNames.Count]}: {actual[i]:R} instead of {expected[i]:R}.");
                }
            }
        }
    }

    [Theory]
    [InlineData("", "  ", "!")]
    [InlineData("")]
    public async Task Export_NoWordAtAll_GivesZeros(params string[] texts)
    {
        var train = InMemoryDataset.FromColumns("d", (new ColumnSchema("t", ElementType.String), TextColumn.FromStrings("a b")));
        var fitted = await Preprocessor.FitAsync(train, new PreprocessingPlan(PreprocessingRule.Texts(new BagOfWordsStep { Buckets = 3 })), Token);
        using var model = OnnxModel.Load(OnnxExporter.Export(fitted.ToModel()));
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(texts.Length);
        using var outputs = model.Signature.RentOutputs(texts.Length);
        texts.CopyTo(inputs.Get<string>(0).Span);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal(new float[texts.Length * 3], outputs.Get<float>(0).Span.ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Export_RefusedCategory_FailsAsInManagedCode(bool isOneHot)
    {
        var train = InMemoryDataset.FromColumns("d", (new ColumnSchema("t", ElementType.String), TextColumn.FromStrings("a", "b", null)));
        PreprocessingStep step = isOneHot ? new OneHotStep { Unseen = UnseenCategory.Refuse } : new OrdinalStep { RefuseUnseen = true };
        var model = (await Preprocessor.FitAsync(train, new PreprocessingPlan(PreprocessingRule.Texts(step)), Token)).ToModel();
        using var exported = OnnxModel.Load(OnnxExporter.Export(model));
        await using var managed = model.CreatePredictor();
        await using var onnx = exported.CreatePredictor();
        var context = new PredictionContext();
        using var inputs = model.Signature.RentInputs(3);
        using var expected = model.Signature.RentOutputs(3);
        using var actual = exported.Signature.RentOutputs(3);
        new[] { "b", "", "a" }.CopyTo(inputs.Get<string>(0).Span);
        await managed.PredictAsync(inputs, expected, context, Token);
        await onnx.PredictAsync(inputs, actual, context, Token);
        Assert.Equal(expected.Get<float>(0).Span.ToArray(), actual.Get<float>(0).Span.ToArray());

        inputs.Get<string>(0).Span[1] = "c";
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await managed.PredictAsync(inputs, expected, context, Token));
        Assert.Contains("'t'", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PredictionFailedException>(async () => await onnx.PredictAsync(inputs, actual, context, Token));
    }

    [Theory]
    [InlineData("churn.csv", "churn")]
    [InlineData("credit.csv", "Status")]
    public async Task Export_RealData_GivesTheSameBits(string file, string label)
    {
        var data = (await CsvDataset.OpenAsync(Path.Combine(AppContext.BaseDirectory, "TestData", file), cancellationToken: Token)).WithRole(label, ColumnRole.Label);
        var fitted = await Preprocessor.FitAsync(
            data,
            new PreprocessingPlan(
                PreprocessingRule.For(label == "churn" ? "state" : "Job", new TargetEncodeStep(), new StandardizeStep()),
                PreprocessingRule.For(label == "churn" ? "area_code" : "Marital", new HashStep { Buckets = 8, IsSigned = true }),
                PreprocessingRule.Numbers(new ImputeStep { Value = NumericImputation.Median, AddIndicator = true }, new QuantileClipStep(), new RobustStep()),
                PreprocessingRule.Texts(new OneHotStep { MinCount = 50, Unseen = UnseenCategory.Other })),
            Token);
        var model = fitted.ToModel();
        using var exported = OnnxModel.Load(OnnxExporter.Export(model));
        await using var managed = model.CreatePredictor();
        await using var onnx = exported.CreatePredictor();
        var binding = TensorBinding.Create(model.Signature.Inputs, data.Schema);
        var rows = 0;
        await foreach (var batch in data.ReadAsync(cancellationToken: Token))
        {
            rows += batch.RowCount;
            var expected = await PredictAsync(managed, binding, batch);
            Assert.Equal(expected, await PredictAsync(onnx, binding, batch));
            Assert.DoesNotContain(expected, float.IsNaN);
        }

        Assert.InRange(rows, 4000, 6000);
    }

    [Theory]
    [InlineData(1e7)]
    [InlineData(1.6e9)]
    public async Task Export_LargeNumbers_GivesTheSameBits(double offset)
    {
        const int count = 60;
        var random = new Random(5);
        double Next(int i) => i % 9 == 4 ? double.NaN : offset + i + random.NextDouble();
        var data = InMemoryDataset.FromColumns(
            "line",
            (new ColumnSchema("x", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, count).Select(i => offset + i)])),
            (new ColumnSchema("z", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, count).Select(Next)])),
            (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>([.. Enumerable.Range(0, count).Select(i => (2.0 * i) + 1)])));
        var plan = new PreprocessingPlan(
            PreprocessingRule.For("z", new ImputeStep { Value = NumericImputation.Median, AddIndicator = true }, new QuantileClipStep(), new RobustStep(), new MinMaxStep { Clip = true }),
            PreprocessingRule.Numbers(new StandardizeStep()));
        var fitted = await Preprocessor.FitAsync(data, plan, Token);
        var model = fitted.ToModel();
        using var exported = OnnxModel.Load(OnnxExporter.Export(model));
        await using var managed = model.CreatePredictor();
        await using var onnx = exported.CreatePredictor();
        var expected = await PredictAsync(managed, TensorBinding.Create(model.Signature.Inputs, data.Schema), data.Batches[0]);
        Assert.Equal(expected, await PredictAsync(onnx, TensorBinding.Create(exported.Signature.Inputs, data.Schema), data.Batches[0]));
        Assert.Equal(count, Enumerable.Range(0, count).Select(row => expected[(row * 3) + 2]).Distinct().Count());

        var trained = await new RidgeTrainer(new RidgeOptions { Alpha = 1e-9, Preprocessing = plan }).TrainAsync(new TrainingContext(data), Token);
        using var served = OnnxModel.Load(OnnxExporter.Export((IGraphModel)trained));
        await using var predictor = served.CreatePredictor();
        var predicted = await PredictAsync(predictor, TensorBinding.Create(served.Signature.Inputs, data.Schema), data.Batches[0]);
        foreach (var row in new[] { 0, 30, 59 }) Assert.Equal((2 * row) + 1, predicted[row], 1e-3);
    }

    private static async Task<float[]> PredictAsync(IPredictor predictor, TensorBinding binding, DataBatch batch)
    {
        using var inputs = predictor.Signature.RentInputs(batch.RowCount);
        using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
        binding.Write(batch, inputs);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        return outputs.Get<float>(0).Span.ToArray();
    }

    /// <summary>Rows with missing values of every kind; live ones have categories, dates and numbers, infinite ones too, that no training row has.</summary>
    private static InMemoryDataset MakeRows(int seed, bool missingDates, bool isLive = false)
    {
        var random = new Random(seed);
        ulong[] Validity() => [.. Enumerable.Range(0, (Rows + 63) / 64).Select(_ => (ulong)random.NextInt64() | (ulong)random.NextInt64())];
        double Number() => isLive && random.Next(8) == 0 ? random.Next(3) switch { 0 => double.PositiveInfinity, 1 => double.NegativeInfinity, _ => 1e30 } : (random.NextDouble() * 10) - 3;
        string City() => isLive && random.Next(4) == 0 ? $"never seen {random.Next(9)}" : s_cities[random.Next(s_cities.Length)];
        var span = isLive ? 600_000 : 20_000;
        return InMemoryDataset.FromColumns(
            "rows",
            (new ColumnSchema("a", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, Rows).Select(_ => Number())], Validity())),
            (new ColumnSchema("city", ElementType.String), TextColumn.FromStrings([.. Enumerable.Range(0, Rows).Select(_ => City())])),
            (new ColumnSchema("b", ElementType.Int32), new Column<int>([.. Enumerable.Range(0, Rows).Select(_ => random.Next(5))], Validity())),
            (new ColumnSchema("day", ElementType.Date), new Column<DateOnly>([.. Enumerable.Range(0, Rows).Select(_ => new DateOnly(1990, 1, 1).AddDays(random.Next(-span, span)))], missingDates ? Validity() : null)),
            (new ColumnSchema("at", ElementType.Timestamp), new Column<DateTime>([.. Enumerable.Range(0, Rows).Select(_ => new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(random.Next(-span, span)).AddTicks(random.NextInt64(TimeSpan.TicksPerDay)))], missingDates ? Validity() : null)),
            (new ColumnSchema("text", ElementType.String), TextColumn.FromStrings([.. Enumerable.Range(0, Rows).Select(_ => random.Next(9) == 0 ? null : $"{s_texts[random.Next(s_texts.Length)]} {s_texts[random.Next(s_texts.Length)]}")])),
            (new ColumnSchema("c", ElementType.Float32), new Column<float>([.. Enumerable.Range(0, Rows).Select(_ => (float)Number())])),
            (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>([.. Enumerable.Range(0, Rows).Select(_ => random.NextDouble())])));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
