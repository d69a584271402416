using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Training.Tests;

/// <summary>A row whose label is missing is as if it were not there, whichever way it is missing; labels and weights that cannot be used are refused by name.</summary>
public sealed class LabelAndWeightTests
{
    private const int Rows = 12;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Trainers => ["ridge", "logistic", "mean", "majority", "target of a number", "target of classes"];

    [Theory]
    [MemberData(nameof(Trainers))]
    public async Task TrainAsync_LabelNullOrNaN_IsAsIfTheRowWereAbsent(string name)
    {
        var absent = Text(await TrainAsync(name, MakeData([], [])));
        foreach (var x in new[] { 1000.0, double.PositiveInfinity })
        {
            // The rows without a label stand among the others, and would change every statistic.
            Assert.Equal(absent, Text(await TrainAsync(name, MakeData([0, 5, 13], [], x))));
            Assert.Equal(absent, Text(await TrainAsync(name, MakeData([], [0, 5, 13], x))));
            Assert.Equal(absent, Text(await TrainAsync(name, MakeData([0], [5, 13], x))));
        }
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public async Task TrainAsync_ValidationDataWithoutLabels_ChangesNothing(string name)
    {
        var training = MakeData([], []);
        var alone = Text(await TrainAsync(name, training));
        foreach (var validation in new[] { MakeData([0, 3], []), MakeData([], [0, 3]) })
            Assert.Equal(alone, Text(await Trainer(name).TrainAsync(new TrainingContext(training) { Validation = validation }, Token)));
    }

    [Theory]
    [InlineData("ridge")]
    [InlineData("logistic")]
    public async Task CreateAsync_LabelNullOrNaN_IsJudgedAsIfTheRowWereAbsent(string name)
    {
        await using var predictor = (await TrainAsync(name, MakeData([], []))).CreatePredictor();
        var expected = await JudgeAsync(MakeData([], []));
        Assert.Equal(Rows, expected.RowCount);
        foreach (var data in new[] { MakeData([0, 5, 13], []), MakeData([], [0, 5, 13]), MakeData([0], [5, 13]) })
        {
            var actual = await JudgeAsync(data);
            Assert.Equal(expected.RowCount, actual.RowCount);
            Assert.Equal(expected.Metrics.Select(metric => (metric.Name, metric.Value.ToString())), actual.Metrics.Select(metric => (metric.Name, metric.Value.ToString())));
        }

        async Task<EvaluationResult> JudgeAsync(IDataset data) => EvaluationResult.Of((await EvaluationData.CreateAsync(predictor, data, null, Token)).Outcomes);
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    public async Task TrainAsync_InfiniteLabel_NamesTheColumnWhateverTheFeaturesAre(string name)
    {
        foreach (var label in new[] { double.PositiveInfinity, double.NegativeInfinity })
        {
            var data = MakeData([], [3], double.PositiveInfinity, missing: label);
            Assert.Equal("y", (await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, data))).Column);
        }
    }

    [Theory]
    [MemberData(nameof(Trainers))]
    [InlineData("k-means")]
    public async Task TrainAsync_WeightsThatAreNoNumbers_NameTheColumnAndTheRemedy(string name)
    {
        var rows = MakeData([], []);
        ColumnSchema text = new("w", ElementType.String, ColumnRole.Weight), number = new("w", ElementType.Float64, ColumnRole.Weight), other = new("v", ElementType.Float64, ColumnRole.Weight);
        var ones = new Column<double>([.. Enumerable.Repeat(1.0, Rows)]);
        var error = await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, With(rows, (text, TextColumn.FromStrings([.. Enumerable.Repeat("1", Rows)])))));
        Assert.Equal(("rows", "w"), (error.DataSource, error.Column));
        Assert.Contains("Give it another role", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, With(rows, (number, ones), (other, ones))));
        Assert.Equal("v", error.Column);
        Assert.Contains("'w'", error.Message, StringComparison.Ordinal);
        // A weight that is unusable is refused also where the row has no label.
        double[] negative = [-1, .. Enumerable.Repeat(1.0, Rows)];
        Assert.Equal("w", (await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, With(MakeData([0], []), (number, new Column<double>(negative)))))).Column);
    }

    [Theory]
    [InlineData("logistic")]
    [InlineData("majority")]
    public async Task TrainAsync_LabelOfUInt64_IsAClassUpToTheLargestInt64(string name)
    {
        var x = (new ColumnSchema("x", ElementType.Float64), (Column)new Column<double>([1, 2, 3, 4]));
        var schema = new ColumnSchema("y", ElementType.UInt64, ColumnRole.Label);
        var model = await TrainAsync(name, InMemoryDataset.FromColumns("rows", x, (schema, new Column<ulong>([7, long.MaxValue, 7, long.MaxValue]))));
        Assert.Equal(["7", "9223372036854775807"], model.Signature.Outputs[1].Classes);
        var beyond = InMemoryDataset.FromColumns("rows", x, (schema, new Column<ulong>([7, 1UL << 63, 7, 8])));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => TrainAsync(name, beyond));
        Assert.Equal("y", error.Column);
        Assert.Contains("Cast the label to text", error.Message, StringComparison.Ordinal);
        var left = With(beyond, (new ColumnSchema("w", ElementType.Float64, ColumnRole.Weight), new Column<double>([1, 0, 1, 1])));
        Assert.Equal(["7", "8"], (await TrainAsync(name, left)).Signature.Outputs[1].Classes);
    }

    private static ITrainer Trainer(string name)
    {
        PreprocessingPlan Targets(TargetKind kind) => new(PreprocessingRule.Texts(new TargetEncodeStep { Target = kind, Folds = 3 }, new StandardizeStep()), PreprocessingRule.Numbers(new ImputeStep()));
        return name switch
        {
            "ridge" => new RidgeTrainer(),
            "logistic" => new LogisticTrainer(),
            "k-means" => new KMeansTrainer(new KMeansOptions { Clusters = 2 }),
            "mean" => new MeanBaselineTrainer(),
            "majority" => new MajorityBaselineTrainer(),
            "target of a number" => new RidgeTrainer(new RidgeOptions { Preprocessing = Targets(TargetKind.Number) }),
            _ => new LogisticTrainer(new LogisticOptions { Preprocessing = Targets(TargetKind.Classes) }),
        };
    }

    private static Task<IModel> TrainAsync(string name, IDataset data) => Trainer(name).TrainAsync(new TrainingContext(data), Token);

    private static string Text(IModel model) => System.Text.Encoding.UTF8.GetString(((GraphModel)model).Graph.ToJson());

    /// <summary>Twelve labelled rows, with rows at given places whose label is null or <paramref name="missing"/>, and whose features no other row has.</summary>
    private static InMemoryDataset MakeData(int[] nulls, int[] others, double x = 1000, double missing = double.NaN)
    {
        var (numbers, texts, labels, validity) = (new List<double>(), new List<string?>(), new List<double>(), 0UL);
        for (var (row, labelled) = (0, 0); labelled < Rows || nulls.Contains(row) || others.Contains(row); row++)
        {
            var isMissing = nulls.Contains(row) || others.Contains(row);
            numbers.Add(isMissing ? x : Math.Round(Math.Sin(labelled), 3));
            texts.Add(isMissing ? "elsewhere" : "abc"[labelled % 3].ToString());
            labels.Add(nulls.Contains(row) ? 1 : isMissing ? missing : labelled % 3 == 0 || labelled == 5 ? 1 : 0);
            if (!nulls.Contains(row)) validity |= 1UL << row;
            if (!isMissing) labelled++;
        }

        return InMemoryDataset.FromColumns(
            "rows", (new ColumnSchema("x", ElementType.Float64), new Column<double>([.. numbers])), (new ColumnSchema("t", ElementType.String), TextColumn.FromStrings([.. texts])),
            (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), nulls.Length == 0 ? new Column<double>([.. labels]) : new Column<double>([.. labels], [validity])));
    }

    private static InMemoryDataset With(InMemoryDataset data, params (ColumnSchema, Column)[] columns)
        => InMemoryDataset.FromColumns(data.Name, [.. data.Schema.Select(column => (column, data.Batches[0][column.Name])), .. columns]);
}
