using Mlops.Data;
using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Training.Tests;

public sealed class GraphModelTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mlops-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task LoadAsync_SavedModel_PredictsTheSameBits()
    {
        var data = await TestData.OpenAsync("credit.csv", "Status");
        var model = await new LogisticTrainer(new LogisticOptions { MaxIterations = 20 }).TrainAsync(new TrainingContext(data), Token);
        var saved = await ModelDirectory.SaveAsync(Path.Combine(_directory, "model"), model, cancellationToken: Token);

        var loaded = await new GraphModelFlavor().LoadAsync(await ModelDirectory.OpenAsync(saved.Path, Token), Token);

        Assert.Equal(model.Signature, loaded.Signature);
        Assert.Equal(((GraphModel)model).Graph.ToJson(), ((GraphModel)loaded).Graph.ToJson());
    }

    [Fact]
    public async Task LoadAsync_DirectoryOfAnotherFlavor_TellsWhichItHas()
    {
        var path = Path.Combine(_directory, "model");
        await ModelDirectory.SaveAsync(path, new OtherFlavor(), cancellationToken: Token);
        var error = await Assert.ThrowsAsync<ModelLoadException>(async () => await new GraphModelFlavor().LoadAsync(await ModelDirectory.OpenAsync(path, Token), Token));
        Assert.Contains("only 'onnx', 'python_function'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_DamagedGraph_IsAModelLoadException()
    {
        var path = Path.Combine(_directory, "model");
        var model = await new MeanBaselineTrainer().TrainAsync(new TrainingContext(await TestData.ChicagoAsync()), Token);
        await ModelDirectory.SaveAsync(path, model, cancellationToken: Token);
        File.Delete(Path.Combine(path, ModelFiles.Manifest));
        await File.WriteAllTextAsync(Path.Combine(path, "graph.json"), "{ \"inputs\": 7", Token);
        var directory = await ModelDirectory.OpenAsync(path, new ModelOpenOptions { AllowMissingManifest = true }, Token);
        await Assert.ThrowsAsync<ModelLoadException>(() => new GraphModelFlavor().LoadAsync(directory, Token));
    }

    [Fact]
    public async Task PredictAsync_SteadyState_AllocatesNothing()
    {
        var model = await new RidgeTrainer().TrainAsync(new TrainingContext(await TestData.ChicagoAsync()), Token);
        await using var predictor = model.CreatePredictor();
        var context = new PredictionContext();

        Assert.Equal(0, Allocations.Measure(Predict));

        void Predict()
        {
            using var inputs = predictor.Signature.RentInputs(1);
            using var outputs = predictor.Signature.RentOutputs(1);
            inputs.Get<double>(0).Span.Clear();
            inputs.Get<long>(1).Span.Clear();
            Assert.True(predictor.PredictAsync(inputs, outputs, context, CancellationToken.None).AsTask().IsCompletedSuccessfully);
        }
    }

    [Fact]
    public async Task PredictAsync_WrongWidth_NamesTheInput()
    {
        var model = await new RidgeTrainer().TrainAsync(new TrainingContext(await TestData.ChicagoAsync()), Token);
        await using var predictor = model.CreatePredictor();
        var other = new ModelSignature([TensorSpec.Of<double>("numeric", 3), TensorSpec.Of<long>("date")], model.Signature.Outputs);
        using var inputs = other.RentInputs(1);
        using var outputs = model.Signature.RentOutputs(1);
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () => await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token));
        Assert.Contains("numeric", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preprocessor_MissingAndUnseenValues_HaveDefinedFeatures()
    {
        ColumnSchema number = new("n", ElementType.Float64), text = new("t", ElementType.String), day = new("d", ElementType.Date, ColumnRole.Time);
        var train = InMemoryDataset.FromColumns("train", (number, new Column<double>([1, 3, 0], [0b011])), (text, TextColumn.FromStrings("a", "b", "b")),
            (day, new Column<DateOnly>([new(2001, 1, 22), new(2001, 1, 23), new(1969, 12, 31)])));
        var live = InMemoryDataset.FromColumns(
            "live", (number, new Column<double>([0, 7], [0b10])), (text, TextColumn.FromStrings("z", null)), (day, new Column<DateOnly>([new(1969, 12, 31), new(2016, 2, 29)])));

        var asUnseen = await TransformAsync(await Preprocessor.FitAsync(train, new PreprocessingOptions { Standardize = false }, Token), live);
        // Imputed mean, no category, Wednesday; then the number itself, no category, Monday.
        Assert.Equal([2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0], asUnseen);
        var asFrequent = await TransformAsync(
            await Preprocessor.FitAsync(train, new PreprocessingOptions { Standardize = false, MissingCategory = MissingCategory.MostFrequent }, Token), live);
        Assert.Equal([7, 0, 1], asFrequent[10..13]);
    }

    private static async Task<float[]> TransformAsync(FittedPreprocessor preprocessor, IDataset data)
    {
        await using var predictor = preprocessor.ToModel().CreatePredictor();
        var binding = TensorBinding.Create(predictor.Signature.Inputs, data.Schema);
        await foreach (var batch in data.ReadAsync(cancellationToken: Token))
        {
            using var inputs = predictor.Signature.RentInputs(batch.RowCount);
            using var outputs = predictor.Signature.RentOutputs(batch.RowCount);
            binding.Write(batch, inputs);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            return outputs.Get<float>(0).Span.ToArray();
        }

        return [];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class OtherFlavor : IModel
    {
        public ModelSignature Signature { get; } = new([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);

        public IPredictor CreatePredictor() => throw new NotSupportedException();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
        {
            target.AddFlavor("onnx", new Dictionary<string, object?>());
            target.AddFlavor("python_function", new Dictionary<string, object?>());
            return Task.CompletedTask;
        }
    }
}
