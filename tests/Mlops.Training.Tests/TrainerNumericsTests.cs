using System.Runtime.CompilerServices;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training.Tests;

/// <summary>Sums over blocks: right, the same bits for any number of processors, and cancelled between blocks.</summary>
public sealed class TrainerNumericsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task LogisticObjective_Gradient_IsTheSlopeOfTheLoss(int classes)
    {
        var objective = new LogisticObjective(await TableAsync(1300, 7, classes), classes, 0.7, 1, Token);
        var random = new Random(4);
        double[] parameters = [.. Enumerable.Range(0, objective.ParameterCount).Select(_ => random.NextDouble() - 0.5)];
        var gradient = new double[parameters.Length];
        objective.Evaluate(parameters, gradient);
        for (var i = 0; i < parameters.Length; i++)
        {
            var (original, other) = (parameters[i], new double[parameters.Length]);
            parameters[i] = original + 1e-5;
            var above = objective.Evaluate(parameters, other);
            parameters[i] = original - 1e-5;
            var below = objective.Evaluate(parameters, other);
            parameters[i] = original;
            Assert.Equal((above - below) / 2e-5, gradient[i], 1e-4 * Math.Max(1, Math.Abs(gradient[i])));
        }
    }

    /// <summary>Scores of ±1000 overflow no exponential.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task LogisticObjective_LargeScores_StayFinite(int classes)
    {
        var objective = new LogisticObjective(await TableAsync(600, 3, classes), classes, 1, 1, Token);
        double[] parameters = [.. Enumerable.Range(0, objective.ParameterCount).Select(i => i % 2 == 0 ? 1e4 : -1e4)];
        var gradient = new double[parameters.Length];
        Assert.True(double.IsFinite(objective.Evaluate(parameters, gradient)));
        Assert.All(gradient, value => Assert.True(double.IsFinite(value)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task TrainAsync_AnyNumberOfProcessorsAndBatches_GivesTheSameBits(int classes)
    {
        var data = Generate(50_000, 5, classes);
        var (one, many) = (new LogisticOptions { MaxIterations = 8, MaxParallelism = 1 }, new LogisticOptions { MaxIterations = 8, MaxParallelism = 8 });
        var expected = await NumbersAsync(new LogisticTrainer(one), data);
        Assert.Equal(expected, await NumbersAsync(new LogisticTrainer(many), data));
        Assert.Equal(expected, await NumbersAsync(new LogisticTrainer(many), data.Rebatch(1000)));
        var clusters = await NumbersAsync(new KMeansTrainer(new KMeansOptions { Clusters = 3, Initializations = 2, MaxIterations = 5, MaxParallelism = 1 }), data);
        Assert.Equal(clusters, await NumbersAsync(new KMeansTrainer(new KMeansOptions { Clusters = 3, Initializations = 2, MaxIterations = 5, MaxParallelism = 8 }), data.Rebatch(3000)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task LogisticObjective_CancelledWhileItEvaluates_StopsBetweenBlocks(int maxParallelism)
    {
        var table = await TableAsync(40_000, 3, 2);
        using var cancellation = new CancellationTokenSource();
        var objective = new LogisticObjective(table, 2, 1, maxParallelism, cancellation.Token);
        var gradient = new double[objective.ParameterCount];
        objective.Evaluate(new double[objective.ParameterCount], gradient);
        await cancellation.CancelAsync();
        Assert.ThrowsAny<OperationCanceledException>(() => objective.Evaluate(new double[objective.ParameterCount], gradient));
        var rows = new KMeansRows(table, maxParallelism, cancellation.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => rows.Refine(new double[6], 10, 0, (_, _) => { }));
    }

    /// <summary>A training is cancelled while its second pass reads: it ends there, not at the end of the data.</summary>
    [Theory]
    [InlineData("ridge", 1)]
    [InlineData("ridge", 2)]
    [InlineData("logistic", 1)]
    [InlineData("logistic", 3)]
    [InlineData("k-means", 2)]
    [InlineData("mean", 1)]
    [InlineData("majority", 1)]
    public async Task TrainAsync_CancelledWhileItReads_StopsAtTheBatch(string name, int pass)
    {
        using var cancellation = new CancellationTokenSource();
        var data = new CancellingDataset(Generate(40_000, 3, name is "logistic" or "majority" ? 2 : 0), pass, cancellation);
        ITrainer trainer = name switch
        {
            "ridge" => new RidgeTrainer(),
            "logistic" => new LogisticTrainer(),
            "k-means" => new KMeansTrainer(),
            "mean" => new MeanBaselineTrainer(),
            _ => new MajorityBaselineTrainer(),
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trainer.TrainAsync(new TrainingContext(data), cancellation.Token));
        Assert.Equal((pass, 2), (data.Passes, data.BatchesOfThePass));
    }

    [Fact]
    public async Task KMeansTrainer_SeparatedGroups_FindsThem()
    {
        var random = new Random(8);
        var groups = Enumerable.Range(0, 900).Select(row => row % 3).ToArray();
        var x = groups.Select(group => (group * 10) + random.NextDouble()).ToArray();
        var data = InMemoryDataset.FromColumns("d", (new ColumnSchema("x", ElementType.Float64), new Column<double>(x)));
        var model = (GraphModel)await new KMeansTrainer(new KMeansOptions { Clusters = 3 }).TrainAsync(new TrainingContext(data) { Seed = 5 }, Token);
        await using var predictor = model.CreatePredictor();
        using var inputs = predictor.Signature.RentInputs(900);
        using var outputs = predictor.Signature.RentOutputs(900);
        TensorBinding.Create(predictor.Signature.Inputs, data.Schema).Write(data.Batches.Single(), inputs);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        var clusters = outputs.Get<long>(0).Span.ToArray();
        Assert.Equal(3, clusters.Zip(groups).Distinct().Count());
        double inertia = 0;
        for (var row = 0; row < 900; row++) inertia += Math.Pow(outputs.Get<float>(1).Span[(row * 3) + (int)clusters[row]], 2);
        Assert.Equal(inertia, model.TrainingMetrics["inertia"], 1e-4);
    }

    [Fact]
    public void KMeansRows_ClusterWithoutRows_GetsTheFarthestRow()
    {
        // The third centroid is so far that no row is near it; the row at 50 is the farthest from its own.
        var table = Table([0, 1, 2, 3, 50], [1, 1, 1, 1, 2]);
        var result = new KMeansRows(table, 1, Token).Refine([0.5, 3, 1000], 100, 0, (_, _) => { });
        Assert.Equal([0.5, 2.5, 50], result.Centroids);
        Assert.Equal((1.0, 0), (result.Inertia, result.EmptyClusters));
    }

    [Fact]
    public void KMeansSeeding_AnySeed_ChoosesRowsThatDiffer()
    {
        var rows = new KMeansRows(Table([0, 0, 0, 10, 10, 20], [1, 1, 1, 1, 1, 1]), 1, Token);
        for (ulong seed = 0; seed < 50; seed++) Assert.Equal([0, 10, 20], KMeansSeeding.Choose(rows, 3, seed).Order());
    }

    private static FeatureTable Table(double[] x, double[] weights)
        => FeatureTable.ReadAsync(Once(new FeatureBlock(x, new double[x.Length], weights)), 1, Token).GetAwaiter().GetResult();

    private static async IAsyncEnumerable<FeatureBlock> Once(FeatureBlock block)
    {
        await Task.CompletedTask;
        yield return block;
    }

    private static async Task<FeatureTable> TableAsync(int rows, int width, int classes)
    {
        var data = Generate(rows, width, classes);
        var preprocessor = await Preprocessor.FitAsync(data, null, Token);
        return await FeatureTable.ReadAsync(FeatureReader.ReadAsync(data, preprocessor, "y", Token), width, Token);
    }

    private static InMemoryDataset Generate(int rows, int width, int classes)
    {
        var random = new Random(2);
        var columns = Enumerable.Range(0, width).Select(i => (new ColumnSchema($"x{i}", ElementType.Float64), (Column)new Column<double>([.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())]))).ToList();
        columns.Add(classes == 0
            ? (new ColumnSchema("y", ElementType.Float64, ColumnRole.Label), new Column<double>([.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())]))
            : (new ColumnSchema("y", ElementType.Int32, ColumnRole.Label), new Column<int>([.. Enumerable.Range(0, rows).Select(_ => random.Next(classes))])));
        return InMemoryDataset.FromColumns("d", [.. columns]);
    }

    private static async Task<double[]> NumbersAsync(ITrainer trainer, IDataset data)
    {
        var model = (GraphModel)await trainer.TrainAsync(new TrainingContext(data) { Seed = 3 }, Token);
        return model.Graph.Nodes[^1].Operator is KMeansOperator means ? [.. means.Centroids.SelectMany(row => row)]
            : [.. ((LinearClassifierOperator)model.Graph.Nodes[^1].Operator).Coefficients.SelectMany(row => row), .. LinearCoefficients.Of(model).Intercepts];
    }

    /// <summary>Cancels in the second batch of one of its reads.</summary>
    private sealed class CancellingDataset(IDataset inner, int pass, CancellationTokenSource cancellation) : IDataset
    {
        public int Passes { get; private set; }

        public int BatchesOfThePass { get; private set; }

        public string Name => inner.Name;

        public DataSchema Schema => inner.Schema;

        public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            Passes++;
            BatchesOfThePass = 0;
            await foreach (var batch in inner.ReadAsync(options, CancellationToken.None))
            {
                BatchesOfThePass++;
                if (Passes == pass && BatchesOfThePass == 2) await cancellation.CancelAsync();
                yield return batch;
            }
        }
    }
}
