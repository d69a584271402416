using System.Text.Json;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Trees that LightGBM and XGBoost have trained, on rows with missing values: the managed evaluator and ONNX Runtime answer as those do.</summary>
public sealed class TrainedTreesTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<string, string> Models() => new MatrixTheoryData<string, string>(["lightgbm", "xgboost"], ["regression", "binary", "multiclass"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Predict_TreesOfAnotherLibrary_IsWhatThatPredicts(string library, string name)
    {
        var golden = Golden.Read(library, name);
        foreach (var operatorSet in new[] { 1, 3 })
        {
            // Of two classes, both libraries tell the probability of the second.
            await AssertPredictsAsync(golden, golden.Trees.ToOnnx(operatorSet), scores => golden.Trees.Classes == 2 ? [scores[1]] : [.. scores]);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public Task Predict_TreesOfAnotherLibraryAsTreeEnsemble_IsWhatThatPredicts(string library, string name)
    {
        var golden = Golden.Read(library, name);
        return AssertPredictsAsync(golden, golden.Trees.ToTreeEnsemble(), golden.Trees.ToPredictions);
    }

    /// <summary>Asks every row by itself, then some and all of them together.</summary>
    private static async Task AssertPredictsAsync(Golden golden, byte[] bytes, Func<float[], double[]> toPredictions)
    {
        var rows = golden.Rows.Length;
        var next = 0;
        await Evaluators.AssertAgreeAsync(bytes, [.. Enumerable.Repeat(1, rows), 7, 64, rows], (inputs, _) => next = golden.Fill(inputs, next), Token);
        foreach (var options in new[] { new OnnxOptions(), Evaluators.Managed })
        {
            foreach (var batch in new[] { 1, rows }) golden.AssertPredicted(await PredictAsync(bytes, options, golden, batch), toPredictions, $"{options.Evaluator}, batches of {batch}");
        }
    }

    /// <summary>The scores of each row.</summary>
    private static async Task<List<float[]>> PredictAsync(byte[] bytes, OnnxOptions options, Golden golden, int batch)
    {
        using var model = OnnxModel.Load(bytes, options);
        await using var predictor = model.CreatePredictor();
        using var inputs = predictor.Signature.RentInputs(batch);
        using var outputs = predictor.Signature.RentOutputs(batch);
        var scores = new List<float[]>();
        for (var first = 0; first < golden.Rows.Length; first += batch)
        {
            golden.Fill(inputs, first);
            await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
            for (var row = 0; row < batch; row++) scores.Add(outputs.Get<float>(outputs.Count - 1).GetRow(row).ToArray());
        }

        return scores;
    }

    /// <summary>A model, what its library was asked, and what that answered.</summary>
    private sealed record Golden(TrainedTrees Trees, float[][] Rows, double[][] Predictions)
    {
        public static Golden Read(string library, string name)
        {
            var folder = Path.Combine(AppContext.BaseDirectory, "TestData");
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, $"{library}_golden.json")));
            var model = json.RootElement.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("name").GetString() == name);
            float[][] rows = [.. model.GetProperty("rows").EnumerateArray().Select(row => row.EnumerateArray().Select(ReadNumber).ToArray())];
            var file = Path.Combine(folder, model.GetProperty("file").GetString()!);
            var features = model.GetProperty("features").GetArrayLength();
            var trees = library == "lightgbm" ? LightGbmModel.Read(file) : XgBoostModel.Read(file, features);
            double[][] predictions = [.. model.GetProperty("predictions").EnumerateArray().Select(number => number.GetDouble()).Chunk(trees.Classes > 2 ? trees.Classes : 1)];
            Assert.All(Enumerable.Range(0, features), feature => Assert.Contains(rows, row => float.IsNaN(row[feature])));
            Assert.Equal(rows.Length, predictions.Length);
            return new Golden(trees, rows, predictions);
        }

        /// <summary>Fills a batch with the rows from one on, the first again after the last, and gives the next one.</summary>
        public int Fill(TensorBatch inputs, int first)
        {
            for (var row = 0; row < inputs.Rows; row++) Rows[(first + row) % Rows.Length].CopyTo(inputs.Get<float>(0).GetRow(row));
            return (first + inputs.Rows) % Rows.Length;
        }

        public void AssertPredicted(List<float[]> scores, Func<float[], double[]> toPredictions, string how)
        {
            Assert.Equal(Rows.Length, scores.Count);
            for (var row = 0; row < Rows.Length; row++)
            {
                var have = toPredictions(scores[row]);
                Assert.Equal(Predictions[row].Length, have.Length);
                for (var i = 0; i < have.Length; i++)
                {
                    var want = Predictions[row][i];
                    Assert.True(Math.Abs(want - have[i]) <= Tolerance * Math.Max(1, Math.Abs(want)), $"{how}, row {row}, prediction {i}: {have[i]} instead of {want}.");
                }
            }
        }

        private static float ReadNumber(JsonElement number) => number.ValueKind == JsonValueKind.Null ? float.NaN : number.GetSingle();
    }
}
