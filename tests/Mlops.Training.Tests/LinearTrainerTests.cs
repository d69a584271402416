using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Training.Tests;

public sealed class LinearTrainerTests
{
    [Fact]
    public async Task RidgeTrainer_Chicago_PredictsAsScikitLearn()
    {
        var train = DatasetSplitter.ByTime(await TestData.ChicagoAsync(), new DateOnly(2006, 1, 1)).Train;
        var actual = await PredictAsync(await new RidgeTrainer().TrainAsync(new TrainingContext(train), Token), train);
        var expected = TestData.Expected("chicago_ridge").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 2e-4);
    }

    [Theory]
    [InlineData("churn.csv", "churn", 2)]
    [InlineData("credit.csv", "Status", 2)]
    [InlineData("credit.csv", "Home", 6)]
    public async Task LogisticTrainer_RealData_GivesTheProbabilitiesOfScikitLearn(string file, string label, int classes)
    {
        var data = await TestData.OpenAsync(file, label);
        var labelled = data.WhereNotNull(label);
        var model = await new LogisticTrainer().TrainAsync(new TrainingContext(data), Token);
        Assert.Equal(classes, model.Signature.Outputs[1].Width);

        var actual = await PredictAsync(model, labelled);
        var expected = TestData.Expected($"{Path.GetFileNameWithoutExtension(file)}_{label}_logistic").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(value => value.GetDouble()).ToArray();
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 2e-5);
    }

    [Fact]
    public async Task LogisticTrainer_PositiveClass_ComesLastAndIsNamed()
    {
        var data = await TestData.OpenAsync("churn.csv", "churn");
        var asUsual = await new LogisticTrainer().TrainAsync(new TrainingContext(data), Token);
        var turned = await new LogisticTrainer(new LogisticOptions { PositiveClass = "no" }).TrainAsync(new TrainingContext(data), Token);
        Assert.Equal(["no", "yes"], asUsual.Signature.Outputs[1].Classes);
        Assert.Equal(["yes", "no"], turned.Signature.Outputs[1].Classes);
        var (a, b) = (await PredictAsync(asUsual, data), await PredictAsync(turned, data));
        for (var row = 0; row < a.Length / 2; row++) Assert.Equal(a[2 * row], b[(2 * row) + 1], 1e-4);
        Assert.Equal("no", new LogisticTrainer(new LogisticOptions { PositiveClass = "no" }).Params["positive_class"]);
        var wrong = await Assert.ThrowsAsync<DataFormatException>(() => new LogisticTrainer(new LogisticOptions { PositiveClass = "Yes" }).TrainAsync(new TrainingContext(data), Token));
        Assert.Contains("2 classes. Did you mean 'yes'?", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", "1")]
    [InlineData("False", "0")]
    [InlineData("0", "0")]
    public async Task LogisticTrainer_PositiveClassOfABooleanLabel_MayBeNamedEitherWay(string positiveClass, string expected)
    {
        var data = InMemoryDataset.FromColumns(
            "d", (new ColumnSchema("x", ElementType.Float64), new Column<double>([1, 2, 3, 4])), (new ColumnSchema("y", ElementType.Boolean, ColumnRole.Label), new Column<bool>([true, false, false, true])));
        var model = await new LogisticTrainer(new LogisticOptions { PositiveClass = positiveClass }).TrainAsync(new TrainingContext(data), Token);
        Assert.Equal(expected, model.Signature.Outputs[1].Classes[^1]);
    }

    [Fact]
    public async Task TrainAsync_NoRows_SaysSo()
    {
        ColumnSchema x = new("x", ElementType.Float64), number = new("y", ElementType.Float64, ColumnRole.Label), text = new("y", ElementType.String, ColumnRole.Label);
        var regression = InMemoryDataset.FromColumns("empty", (x, new Column<double>([])), (number, new Column<double>([])));
        var classes = InMemoryDataset.FromColumns("empty", (x, new Column<double>([])), (text, TextColumn.FromStrings()));
        foreach (var (trainer, data) in new (ITrainer, IDataset)[] { (new RidgeTrainer(), regression), (new MeanBaselineTrainer(), regression), (new LogisticTrainer(), classes) })
        {
            var error = await Assert.ThrowsAsync<DataFormatException>(() => trainer.TrainAsync(new TrainingContext(data), Token));
            Assert.Equal((null, true), (error.Column, error.Message.Contains("There are no rows", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task TrainAsync_ColumnWithoutAnyValue_IsRefusedWhateverItsType()
    {
        ColumnSchema y = new("y", ElementType.Float64, ColumnRole.Label);
        var labels = new Column<double>([1, 2]);
        await RefusedAsync(new RidgeTrainer(), "x", InMemoryDataset.FromColumns("d", (new ColumnSchema("x", ElementType.Float64), new Column<double>([0, 0], [0])), (new ColumnSchema("z", ElementType.Float64), labels), (y, labels)));
        await RefusedAsync(new RidgeTrainer(), "x", InMemoryDataset.FromColumns("d", (new ColumnSchema("x", ElementType.String), TextColumn.FromStrings(null, "")), (new ColumnSchema("z", ElementType.Float64), labels), (y, labels)));
    }

    [Fact]
    public async Task LabelledPredictions_OutputsAndLabelsThatDoNotFit_AreToldWithTheColumn()
    {
        var data = await TestData.OpenAsync("churn.csv", "churn");
        var model = (GraphModel)await new LogisticTrainer(new LogisticOptions { Tolerance = 1e-4 }).TrainAsync(new TrainingContext(data), Token);
        await using var predictor = model.CreatePredictor();
        var none = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LabelledPredictions.CreateAsync(predictor, data, output: 9, cancellationToken: Token));
        Assert.Contains("1 probabilities: Float32[?, 2]", none.Message, StringComparison.Ordinal);

        var unknown = await Assert.ThrowsAsync<DataFormatException>(() => LabelledPredictions.CreateAsync(predictor, data.Derive<string, string>("other", "churn", churn => churn + "!").WithRole("churn", ColumnRole.Ignored).WithRole("other", ColumnRole.Label), cancellationToken: Token));
        Assert.Equal("other", unknown.Column);

        var nameless = new ModelSignature(model.Signature.Inputs, model.Signature.Outputs.Select(output => output with { Classes = [] }));
        await using var foreign = new GraphModel(new ModelGraph(nameless, model.Graph.Nodes)).CreatePredictor();
        var unsaid = await Assert.ThrowsAsync<ArgumentException>(() => LabelledPredictions.CreateAsync(foreign, data, cancellationToken: Token));
        Assert.Contains("'churn'", unsaid.Message, StringComparison.Ordinal);
        var said = await LabelledPredictions.CreateAsync(foreign, data, element: 1, positiveClass: "yes", cancellationToken: Token);
        var known = await LabelledPredictions.CreateAsync(predictor, data, positiveClass: "yes", cancellationToken: Token);
        Assert.Equal((IEnumerable<double>)known.Labels, said.Labels);
        Assert.Equal((IEnumerable<double>)known.Predictions, said.Predictions);
    }

    [Fact]
    public async Task MeanBaselineTrainer_AnyData_PredictsTheMean()
    {
        var data = await TestData.ChicagoAsync();
        var model = await new MeanBaselineTrainer().TrainAsync(new TrainingContext(data), Token);
        await using var predictor = model.CreatePredictor();
        var result = (await LabelledPredictions.CreateAsync(predictor, data, cancellationToken: Token)).Evaluate(new RegressionEvaluator());
        Assert.Equal(0, result.GetValue("r2")!.Value, 1e-6);
    }

    [Fact]
    public async Task TrainAsync_WeightZeroAndMissingLabel_RowsDoNotCount()
    {
        ColumnSchema[] schema = [new("x", ElementType.Float64), new("y", ElementType.Float64, ColumnRole.Label), new("w", ElementType.Float64, ColumnRole.Weight)];
        var few = InMemoryDataset.FromColumns("few", (schema[0], new Column<double>([1, 2, 3, 4])), (schema[1], new Column<double>([2, 4, 6, 8])), (schema[2], new Column<double>([1, 1, 1, 1])));
        // The same and two rows that must not count, with the x of rows that do, so that the preprocessing is the same in kind.
        var more = InMemoryDataset.FromColumns("more", (schema[0], new Column<double>([1, 2, 3, 4, 1, 4])), (schema[1], new Column<double>([2, 4, 6, 8, 99, 0], [0b011111])), (schema[2], new Column<double>([1, 1, 1, 1, 0, 1])));
        var options = new RidgeOptions { Alpha = 0 };

        var (a, b) = (await new RidgeTrainer(options).TrainAsync(new TrainingContext(few), Token), await new RidgeTrainer(options).TrainAsync(new TrainingContext(more), Token));

        var (first, second) = (await PredictAsync(a, few), await PredictAsync(b, few));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(2 * (i + 1), first[i], 1e-5);
            Assert.Equal(first[i], second[i], 1e-5);
        }
    }

    [Fact]
    public async Task TrainAsync_DataThatCannotBeLearnedFrom_NamesTheColumnAndTheRemedy()
    {
        ColumnSchema x = new("x", ElementType.Float64), label = new("y", ElementType.Float64, ColumnRole.Label), text = new("c", ElementType.String, ColumnRole.Label);
        var two = new Column<double>([1, 2]);

        await RefusedAsync(new RidgeTrainer(), "x", InMemoryDataset.FromColumns("d", (x, new Column<double>([1, double.PositiveInfinity])), (label, two)));
        await RefusedAsync(new RidgeTrainer(), "x", InMemoryDataset.FromColumns("d", (x, new Column<double>([1, 2], [0])), (label, two)));
        await RefusedAsync(new RidgeTrainer(), "y", InMemoryDataset.FromColumns("d", (x, two), (label, new Column<double>([1, double.NegativeInfinity]))));
        await RefusedAsync(new RidgeTrainer(), "y", InMemoryDataset.FromColumns("d", (x, two), (label, new Column<double>([1, 2], [0]))));
        await RefusedAsync(new RidgeTrainer(), "c", InMemoryDataset.FromColumns("d", (x, two), (text, TextColumn.FromStrings("a", "b"))));
        await RefusedAsync(new LogisticTrainer(), "c", InMemoryDataset.FromColumns("d", (x, two), (text, TextColumn.FromStrings("a", "a"))));
        await RefusedAsync(new LogisticTrainer(), "y", InMemoryDataset.FromColumns("d", (x, two), (label, new Column<double>([1, 2.5]))));
        var weight = new ColumnSchema("w", ElementType.Float64, ColumnRole.Weight);
        await RefusedAsync(new RidgeTrainer(), "w", InMemoryDataset.FromColumns("d", (x, two), (label, two), (weight, new Column<double>([1, -1]))));
        await Assert.ThrowsAsync<EntityNotFoundException>(() => new RidgeTrainer().TrainAsync(new TrainingContext(InMemoryDataset.FromColumns("d", (label, two))), Token));
    }

    [Fact]
    public async Task RidgeTrainer_CollinearWithoutPenalty_SaysToSetAlpha()
    {
        ColumnSchema a = new("a", ElementType.Float64), b = new("b", ElementType.Float64), label = new("y", ElementType.Float64, ColumnRole.Label);
        var values = new Column<double>([1, 2, 3, 5]);
        var data = InMemoryDataset.FromColumns("d", (a, values), (b, values), (label, values));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => new RidgeTrainer(new RidgeOptions { Alpha = 0 }).TrainAsync(new TrainingContext(data), Token));
        Assert.Contains("Alpha", error.Message, StringComparison.Ordinal);
        await new RidgeTrainer(new RidgeOptions { Alpha = 1e-6 }).TrainAsync(new TrainingContext(data), Token);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1000, false)]
    public async Task LogisticTrainer_IterationsThatAreNotEnough_Warns(int iterations, bool isWarned)
    {
        var data = await TestData.OpenAsync("churn.csv", "churn");
        var reports = new List<TrainingProgress>();
        var model = await new LogisticTrainer(new LogisticOptions { MaxIterations = iterations })
            .TrainAsync(new TrainingContext(data) { Progress = new SynchronousProgress(reports.Add) }, Token);
        var warnings = ((GraphModel)model).TrainingWarnings;
        Assert.Equal(isWarned, warnings.Count == 1 && warnings[0].Contains("not converged in 2 iterations", StringComparison.Ordinal));
        Assert.Equal(warnings, reports.Select(report => report.Warning).OfType<string>());
    }

    [Fact]
    public async Task LogisticTrainer_CancelledInTheMiddle_StopsAtTheIteration()
    {
        using var cancellation = new CancellationTokenSource();
        var iterations = 0;
        var progress = new SynchronousProgress(report =>
        {
            if (report.Stage != "iteration") return;
            if (++iterations == 3) cancellation.Cancel();
        });
        var data = await TestData.OpenAsync("churn.csv", "churn");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new LogisticTrainer().TrainAsync(new TrainingContext(data) { Progress = progress }, cancellation.Token));
        Assert.Equal(3, iterations);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task RefusedAsync(ITrainer trainer, string column, IDataset data)
    {
        var error = await Assert.ThrowsAsync<DataFormatException>(() => trainer.TrainAsync(new TrainingContext(data), Token));
        Assert.Equal(column, error.Column);
    }

    private static async Task<double[]> PredictAsync(IModel model, IDataset data)
    {
        await using var predictor = model.CreatePredictor();
        var binding = TensorBinding.Create(predictor.Signature.Inputs, data.Schema);
        var values = new List<double>();
        await foreach (var batch in data.ReadAsync(cancellationToken: Token))
        {
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            values.AddRange(TensorNumbers.ToDoubles(outputs[outputs.Count - 1]));
        }

        return [.. values];
    }

    private sealed class SynchronousProgress(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
