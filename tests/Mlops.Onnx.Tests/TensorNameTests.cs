using Mlops.Data;
using Mlops.Models;
using Mlops.Training;

namespace Mlops.Onnx.Tests;

/// <summary>A dataset may call its columns as the pipeline would call its tensors.</summary>
public sealed class TensorNameTests : IDisposable
{
    private const int Rows = 60;

    private readonly string _directory = Directory.CreateTempSubdirectory("mlops-names-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("numeric")]
    [InlineData("features")]
    [InlineData("prediction")]
    [InlineData("label")]
    [InlineData("probabilities")]
    [InlineData("numeric_imputed")]
    [InlineData("numeric_scaled")]
    [InlineData("day_one_hot")]
    [InlineData("day_day_of_week")]
    [InlineData("features", "features_1", "features_2")]
    [InlineData("a", "a_one_hot", "a_imputed", "a_one_hot_1", "a_imputed_one_hot")]
    [InlineData("numeric", "features", "prediction", "label", "probabilities", "numeric_imputed", "numeric_scaled")]
    [InlineData("day_one_hot/axis/0", "day_one_hot/encoded/0", "day_one_hot/axis/1", "day_one_hot/encoded/2", "rows")]
    public async Task TrainSaveLoadExport_TextColumnsNamedAsTensors_PredictTheSame(params string[] texts)
    {
        foreach (var isClassifier in new[] { false, true })
        {
            var data = CreateData(texts, isClassifier, target: "y", number: "x");
            await AssertSurvivesAsync(await CreateTrainer(isClassifier).TrainAsync(new TrainingContext(data), Token), data, texts);
        }
    }

    [Theory]
    [InlineData("label", "numeric")]
    [InlineData("prediction", "features")]
    [InlineData("probabilities", "numeric_scaled")]
    public async Task TrainSaveLoadExport_TargetAndNumberNamedAsTensors_KeepTheUsualNames(string target, string number)
    {
        foreach (var isClassifier in new[] { false, true })
        {
            var data = CreateData(["t"], isClassifier, target, number);
            var model = await CreateTrainer(isClassifier).TrainAsync(new TrainingContext(data), Token);
            Assert.Equal(["numeric", "t", "day"], model.Signature.Inputs.Select(input => input.Name));
            string[] outputs = isClassifier ? ["label", "probabilities"] : ["prediction"];
            Assert.Equal(outputs, model.Signature.Outputs.Select(output => output.Name));
            await AssertSurvivesAsync(model, data, ["t"]);
        }
    }

    private static ITrainer CreateTrainer(bool isClassifier)
    {
        var preprocessing = new PreprocessingOptions { MissingCategory = MissingCategory.MostFrequent };
        return isClassifier ? new LogisticTrainer(new LogisticOptions { Preprocessing = preprocessing }) : new RidgeTrainer(new RidgeOptions { Preprocessing = preprocessing });
    }

    /// <summary>A number, a day and texts, from which the target follows with some noise.</summary>
    private static InMemoryDataset CreateData(string[] texts, bool isClassifier, string target, string number)
    {
        var random = new Random(11);
        var numbers = Enumerable.Range(0, Rows).Select(_ => random.NextDouble()).ToArray();
        var words = texts.Select(_ => Enumerable.Range(0, Rows).Select(_ => random.Next(4) switch { 0 => "red", 1 => "green", 2 => "blue", _ => null }).ToArray()).ToArray();
        var scores = numbers.Select((value, row) => (2 * value) + words.Sum(word => word[row] == "red" ? 0.5 : 0) + (random.NextDouble() * 0.2)).ToArray();
        var days = Enumerable.Range(0, Rows).Select(row => new DateOnly(2001, 1, 1).AddDays(row)).ToArray();
        var columns = new List<(ColumnSchema, Column)>
        {
            (new ColumnSchema(number, ElementType.Float64), new Column<double>(numbers)),
            (new ColumnSchema("day", ElementType.Date, ColumnRole.Time), new Column<DateOnly>(days)),
            isClassifier
                ? (new ColumnSchema(target, ElementType.String, ColumnRole.Label), TextColumn.FromStrings([.. scores.Select(score => score > 1.2 ? "high" : "low")]))
                : (new ColumnSchema(target, ElementType.Float64, ColumnRole.Label), new Column<double>(scores)),
        };
        columns.InsertRange(1, texts.Select((text, i) => (new ColumnSchema(text, ElementType.String), (Column)TextColumn.FromStrings(words[i]))));
        return InMemoryDataset.FromColumns("names", columns);
    }

    private async Task AssertSurvivesAsync(IModel trained, IDataset data, string[] texts)
    {
        Assert.Equal(texts, trained.Signature.Inputs.Where(input => input.ElementType == ElementType.String).Select(input => input.Name));
        var path = Path.Combine(_directory, Guid.NewGuid().ToString("N"));
        await ModelDirectory.SaveAsync(path, trained, cancellationToken: Token);
        var loaded = await new GraphModelFlavor().LoadAsync(await ModelDirectory.OpenAsync(path, Token), Token);
        using var exported = OnnxModel.Load(OnnxExporter.Export((IGraphModel)trained));
        Assert.Equal(trained.Signature, loaded.Signature);
        Assert.Equal(trained.Signature, exported.Signature);

        var want = await PredictAsync(trained, data);
        Assert.Equal(want, await PredictAsync(loaded, data));
        var have = await PredictAsync(exported, data);
        Assert.Equal(want.Length, have.Length);
        for (var i = 0; i < want.Length; i++) Assert.Equal(want[i], have[i], 1e-5 * Math.Max(1e-3, Math.Abs(want[i])));
        Assert.NotEqual(want[0], want[^1]);
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
}
