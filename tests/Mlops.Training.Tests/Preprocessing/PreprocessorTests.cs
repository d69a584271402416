using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training.Tests;

public sealed class PreprocessorTests
{
    private static readonly ColumnSchema s_number = new("x", ElementType.Float64);
    private static readonly ColumnSchema s_text = new("t", ElementType.String);
    private static readonly ColumnSchema s_label = new("y", ElementType.Float64, ColumnRole.Label);

    /// <summary>In any batches and row by row, after saving and loading, the bits are the same.</summary>
    [Fact]
    public async Task Transform_AnyBatchesAndAfterLoading_GivesTheSameBits()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var plan = RandomPlan(random);
            var fitted = await Preprocessor.FitAsync(RandomRows(random, 150), plan, Token);
            var live = RandomRows(random, 90, isLive: true);
            var whole = await fitted.ReadAsync(live);
            Assert.Equal(whole, await fitted.ReadAsync(live, 1));
            Assert.Equal(whole, await fitted.ReadAsync(live, 7));
            await using var loaded = new GraphModel(ModelGraph.FromJson(fitted.ToModel().Graph.ToJson())).CreatePredictor();
            using var inputs = loaded.Signature.RentInputs(0);
            var binding = TensorBinding.Create(loaded.Signature.Inputs, live.Schema);
            binding.Write(live.Batches[0], inputs);
            using var outputs = loaded.Signature.RentOutputs(inputs.Rows);
            await loaded.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            Assert.Equal(whole, outputs.Get<float>(0).Span.ToArray());
        }
    }

    [Fact]
    public async Task FitAsync_OutOfFold_RowsDoNotSeeTheirOwnLabels()
    {
        const int rows = 300;
        var random = new Random(3);
        string[] texts = [.. Enumerable.Range(0, rows).Select(_ => $"c{random.Next(8)}")];
        double[] labels = [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())];
        var data = InMemoryDataset.FromColumns("d", (s_text, TextColumn.FromStrings(texts)), (s_label, new Column<double>(labels)));
        var fitted = await Preprocessor.FitAsync(data, new PreprocessingPlan(PreprocessingRule.Texts(new TargetEncodeStep { Smoothing = 4, Folds = 3, Seed = 9 })), Token);
        var training = await fitted.ReadAsync(data, isTrainingData: true);
        Assert.Equal(training, await fitted.ReadAsync(data, 11, isTrainingData: true));
        var sizes = new int[3];
        for (var row = 0; row < rows; row++)
        {
            var fold = OutOfFoldNodes.FoldOf(9, 3, row);
            sizes[fold]++;
            var others = Enumerable.Range(0, rows).Where(other => OutOfFoldNodes.FoldOf(9, 3, other) != fold).ToArray();
            var same = others.Where(other => texts[other] == texts[row]).ToArray();
            Assert.Equal((same.Sum(other => labels[other]) + (4 * others.Average(other => labels[other]))) / (same.Length + 4), training[row], 1e-6);
        }

        Assert.All(sizes, size => Assert.InRange(size, 70, 130));
        Assert.NotEqual(training, await fitted.ReadAsync(data));
    }

    /// <summary>A label that a high-cardinality text cannot explain is not learned by heart.</summary>
    [Fact]
    public async Task RidgeTrainer_TargetEncodingOfNoise_LearnsNothing()
    {
        const int rows = 2000;
        var random = new Random(8);
        var data = InMemoryDataset.FromColumns(
            "noise", (s_text, TextColumn.FromStrings([.. Enumerable.Range(0, rows).Select(_ => $"id{random.Next(1000)}")])),
            (s_label, new Column<double>([.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())])));
        var options = new RidgeOptions { Alpha = 0, Preprocessing = new PreprocessingPlan(PreprocessingRule.Texts(new TargetEncodeStep { Smoothing = 0 })) };
        var model = (GraphModel)await new RidgeTrainer(options).TrainAsync(new TrainingContext(data), Token);
        var step = Assert.IsType<LinearRegressorOperator>(model.Graph.Nodes[^1].Operator);
        Assert.InRange(step.Coefficients[0], -0.2, 0.2);
    }

    [Fact]
    public async Task FitAsync_Infinity_NamesTheColumn()
        => Assert.Equal("x", (await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(Numbers(1, double.NegativeInfinity), null, Token))).Column);

    [Fact]
    public async Task Transform_InfiniteNumber_StaysInfiniteUnlessClipped()
    {
        var live = Numbers(double.PositiveInfinity, double.NegativeInfinity);
        var scaled = await Preprocessor.FitAsync(Numbers(1, 2, 3), null, Token);
        Assert.Equal((float[])[float.PositiveInfinity, float.NegativeInfinity], await scaled.ReadAsync(live));
        var clipped = await Preprocessor.FitAsync(Numbers(1, 2, 3), new PreprocessingPlan(PreprocessingRule.Numbers(new QuantileClipStep { LowerQuantile = 0, UpperQuantile = 1 })), Token);
        Assert.Equal((float[])[3, 1], await clipped.ReadAsync(live));
    }

    [Fact]
    public async Task FitAsync_ConstantColumn_HasADefinedScale()
    {
        foreach (PreprocessingStep step in new PreprocessingStep[] { new StandardizeStep(), new RobustStep(), new MinMaxStep() })
        {
            var fitted = await Preprocessor.FitAsync(Numbers(0.1, 0.1, 0.1), new PreprocessingPlan(PreprocessingRule.Numbers(step)), Token);
            Assert.Equal((float[])[0], await fitted.ReadAsync(Numbers(0.1)));
            Assert.Equal(1, (await fitted.ReadAsync(Numbers(1.1)))[0], 1e-6);
        }
    }

    [Fact]
    public async Task FitAsync_ColumnWithoutAnyValue_IsNamed()
    {
        var text = InMemoryDataset.FromColumns("d", (s_text, TextColumn.FromStrings(null, "")));
        foreach (PreprocessingStep step in new PreprocessingStep[] { new OneHotStep(), new HashStep(), new BagOfWordsStep(), new OrdinalStep() })
            Assert.Equal("t", (await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(text, new PreprocessingPlan(PreprocessingRule.Texts(step)), Token))).Column);
        var date = InMemoryDataset.FromColumns("d", (new ColumnSchema("d", ElementType.Date), new Column<DateOnly>([default], [0])));
        Assert.Equal("d", (await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(date, null, Token))).Column);
        var number = InMemoryDataset.FromColumns("d", (s_number, new Column<double>([0], [0])));
        Assert.Equal("x", (await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(number, null, Token))).Column);
    }

    [Fact]
    public async Task FitAsync_RefusedCategoriesAndDates_NameTheColumn()
    {
        var texts = InMemoryDataset.FromColumns("d", (s_text, TextColumn.FromStrings("a", "b", "c")));
        foreach (PreprocessingStep step in new PreprocessingStep[] { new OneHotStep { MaxCategories = 2, Unseen = UnseenCategory.Refuse }, new OneHotStep { MinCount = 2 }, new OrdinalStep { Categories = ["a", "b"], RefuseUnseen = true } })
            Assert.Equal("t", (await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(texts, new PreprocessingPlan(PreprocessingRule.Texts(step)), Token))).Column);
        var dates = InMemoryDataset.FromColumns("d", (new ColumnSchema("d", ElementType.Date), new Column<DateOnly>([new(2020, 1, 1), default], [1])));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(dates, null, Token));
        Assert.Contains("MissingDate", error.Message.Replace("Missing to Zeros", "MissingDate", StringComparison.Ordinal), StringComparison.Ordinal);
        var fitted = await Preprocessor.FitAsync(dates, new PreprocessingPlan(PreprocessingRule.Dates(new DatePartsStep { Missing = MissingDate.Zeros })), Token);
        Assert.Equal(1, (await fitted.ReadAsync(dates)).Sum());
    }

    [Fact]
    public async Task FitAsync_TooManyTexts_NamesDatasetAndColumn()
    {
        var texts = Enumerable.Range(0, 11).Select(batch => new DataBatch(new DataSchema([s_text]), TextColumn.FromStrings([.. Enumerable.Range(batch * 100_000, 100_000).Select(number => $"{number}")])));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(new InMemoryDataset("many", new DataSchema([s_text]), texts), null, Token));
        Assert.Equal(("many", s_text.Name), (error.DataSource, error.Column));
    }

    /// <summary>A category that is refused is found again: by its row in the batch, and by that in the dataset where one is predicted.</summary>
    [Fact]
    public async Task Predict_RefusedCategory_NamesDatasetAndRow()
    {
        var (known, unknown) = (InMemoryDataset.FromColumns("known", (s_text, TextColumn.FromStrings("a", "b", "a"))), InMemoryDataset.FromColumns("later", (s_text, TextColumn.FromStrings("a", "b", "a", null, "secret"))));
        foreach (PreprocessingStep step in new PreprocessingStep[] { new OneHotStep { Unseen = UnseenCategory.Refuse }, new OrdinalStep { RefuseUnseen = true } })
        {
            await using var predictor = (await Preprocessor.FitAsync(known, new PreprocessingPlan(PreprocessingRule.Texts(step)), Token)).ToModel().CreatePredictor();
            var error = await Assert.ThrowsAsync<PredictionFailedException>(async () =>
            {
                await foreach (var _ in predictor.Predict(unknown).ReadAsync(new ReadOptions { BatchRows = 3 }, Token)) Assert.NotNull(_);
            });
            Assert.Equal(1, error.Row);
            Assert.StartsWith("later, row 5 of the dataset", error.Message, StringComparison.Ordinal);
            Assert.Contains("'t'", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task FitAsync_PlansThatDoNotFit_AreToldWithTheColumn()
    {
        var data = InMemoryDataset.FromColumns(
            "d", (s_number, new Column<double>([1, 2])), (s_text, TextColumn.FromStrings("a", "b")), (s_label, new Column<double>([1, 2])), (new ColumnSchema("day", ElementType.Date), new Column<DateOnly>([new(2020, 1, 1), new(2020, 1, 2)])));
        var unknown = await Assert.ThrowsAsync<EntityNotFoundException>(() => FitAsync(PreprocessingRule.For("dya", new DatePartsStep())));
        Assert.Equal(("column", "dya"), (unknown.Kind, unknown.Name));
        Assert.Contains("'day'", unknown.Message, StringComparison.Ordinal);
        foreach (var (column, steps) in new (string, PreprocessingStep[])[]
        {
            ("x", [new OneHotStep()]), ("t", [new StandardizeStep()]), ("t", [new ImputeTextStep()]), ("t", []), ("t", [new OneHotStep(), new StandardizeStep()]), ("y", [new StandardizeStep()]), ("day", [new StandardizeStep()]),
            ("day", [new DatePartsStep { Cyclic = [DatePart.Hour] }]),
        })
            Assert.Contains($"'{column}'", (await Assert.ThrowsAsync<ArgumentException>(() => FitAsync(PreprocessingRule.For(column, steps)))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<EntityNotFoundException>(() => FitAsync(PreprocessingRule.Drop("x")));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => Preprocessor.FitAsync(data.WithRole("y", ColumnRole.Ignored), new PreprocessingPlan(PreprocessingRule.For("t", new TargetEncodeStep())), Token));

        Task<FittedPreprocessor> FitAsync(PreprocessingRule rule) => Preprocessor.FitAsync(data, new PreprocessingPlan(rule), Token);
    }

    [Fact]
    public async Task FitAsync_EmptyOrCancelled_SaysSo()
    {
        Assert.Contains("no rows", (await Assert.ThrowsAsync<DataFormatException>(() => Preprocessor.FitAsync(Numbers(), null, Token))).Message, StringComparison.Ordinal);
        using var source = new CancellationTokenSource();
        var batches = 0;
        var endless = Numbers([.. Enumerable.Range(0, 10_000).Select(i => (double)i)]).Derive<double, double>("z", "x", value =>
        {
            if (++batches == 5000) source.Cancel();
            return value;
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Preprocessor.FitAsync(endless.Rebatch(1000), null, source.Token));
        Assert.InRange(batches, 5000, 9999);
    }

    [Fact]
    public async Task Transform_NamedColumns_KeepsWhatIsNoFeature()
    {
        var data = InMemoryDataset.FromColumns(
            "d", (s_number, new Column<double>([1, 3])), (new ColumnSchema("id", ElementType.String, ColumnRole.Key), TextColumn.FromStrings("p", "q")), (s_label, new Column<double>([5, 6])), (new ColumnSchema("off", ElementType.Int32, ColumnRole.Ignored), new Column<int>([1, 2])));
        var transformed = (await Preprocessor.FitAsync(data, null, Token)).Transform(data);
        Assert.Equal(["x", "id", "y"], transformed.Schema.Select(column => column.Name));
        await foreach (var batch in transformed.ReadAsync(new ReadOptions { Columns = ["y", "x"] }, Token))
        {
            Assert.Equal([5, 6], ((Column<double>)batch[0]).Values.ToArray());
            Assert.Equal([-1, 1], ((Column<float>)batch[1]).Values.ToArray());
        }
    }

    private static PreprocessingPlan RandomPlan(Random random)
    {
        T Pick<T>(params T[] all) => all[random.Next(all.Length)];
        var impute = new ImputeStep { Value = Pick(Enum.GetValues<NumericImputation>()), Constant = random.Next(5), AddIndicator = random.Next(2) == 0 };
        var scale = Pick<PreprocessingStep>(new StandardizeStep(), new MinMaxStep { Clip = random.Next(2) == 0 }, new RobustStep(), new QuantileClipStep());
        PreprocessingStep[] text = random.Next(6) switch
        {
            0 => [new OneHotStep { MaxCategories = 4 }],
            1 => [new ImputeTextStep(), new OneHotStep { MinCount = 3, Unseen = UnseenCategory.Other }],
            2 => [new OrdinalStep(), scale],
            3 => [new HashStep { Buckets = 9, IsSigned = true }],
            4 => [new BagOfWordsStep { Buckets = 17 }],
            _ => [new TargetEncodeStep { Folds = 3 }, new StandardizeStep()],
        };
        var dates = new DatePartsStep { OneHot = [DatePart.Month], Cyclic = [DatePart.DayOfYear], Numbers = [DatePart.Year], Missing = MissingDate.Zeros };
        return new PreprocessingPlan(PreprocessingRule.For("b", scale), PreprocessingRule.Numbers(impute, scale), PreprocessingRule.Texts(text), PreprocessingRule.Dates(dates), PreprocessingRule.Timestamps(dates with { OneHot = [DatePart.Hour] }));
    }

    private static InMemoryDataset RandomRows(Random random, int rows, bool isLive = false)
    {
        ulong[] Validity() => [.. Enumerable.Range(0, (rows + 63) / 64).Select(_ => (ulong)random.NextInt64() | (ulong)random.NextInt64())];
        double Number() => isLive && random.Next(6) == 0 ? double.PositiveInfinity : random.NextDouble() * 100;
        return InMemoryDataset.FromColumns(
            "rows", (new ColumnSchema("a", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, rows).Select(_ => Number())], Validity())),
            (new ColumnSchema("b", ElementType.Float32), new Column<float>([.. Enumerable.Range(0, rows).Select(_ => (float)Number())], Validity())),
            (s_text, TextColumn.FromStrings([.. Enumerable.Range(0, rows).Select(_ => random.Next(8) == 0 ? null : $"w{random.Next(isLive ? 12 : 7)} v{random.Next(2)}")])),
            (new ColumnSchema("d", ElementType.Date), new Column<DateOnly>([.. Enumerable.Range(0, rows).Select(_ => new DateOnly(2000, 1, 1).AddDays(random.Next(-9999, 9999)))], Validity())),
            (new ColumnSchema("m", ElementType.Timestamp), new Column<DateTime>([.. Enumerable.Range(0, rows).Select(_ => new DateTime(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc))], Validity())),
            (s_label, new Column<double>([.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())])));
    }

    private static InMemoryDataset Numbers(params double[] values) => InMemoryDataset.FromColumns("d", (s_number, new Column<double>(values)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
