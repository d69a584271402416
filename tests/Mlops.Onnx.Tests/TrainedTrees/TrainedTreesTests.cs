using System.Text.Json;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Trees that LightGBM and XGBoost have trained, on rows with missing values: the managed evaluator and ONNX Runtime answer as those do.</summary>
public sealed class TrainedTreesTests
{
    private const double Tolerance = 1e-5;

    private static readonly int[] s_sizes = [1, 7, 64];

    public static TheoryData<string, string> Models() => new MatrixTheoryData<string, string>(["lightgbm", "xgboost"], ["regression", "binary", "multiclass"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Models))]
    public async Task Predict_TreesOfAnotherLibrary_IsWhatThatPredicts(string library, string name)
    {
        var golden = Golden.Read(library, name);
        foreach (var operatorSet in new[] { 1, 3 })
        {
            var bytes = golden.Trees.ToOnnx(operatorSet);
            await Evaluators.AssertAgreeAsync(bytes, [.. s_sizes, golden.Rows.Length], (inputs, _) => golden.Fill(inputs), Token);
            foreach (var options in new[] { new OnnxOptions(), Evaluators.Managed })
            {
                var scores = await PredictAsync(bytes, options, golden);
                for (var i = 0; i < golden.Predictions.Length; i++)
                {
                    // Of two classes, both libraries tell the probability of the second.
                    var (want, have) = (golden.Predictions[i], golden.Trees.Classes == 2 ? scores[(2 * i) + 1] : scores[i]);
                    Assert.True(Math.Abs(want - have) <= Tolerance * Math.Max(1, Math.Abs(want)), $"{options.Evaluator}, prediction {i}: {have} instead of {want}.");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public Task Predict_TreesOfAnotherLibraryAsTreeEnsemble_IsWhatOnnxRuntimePredicts(string library, string name)
    {
        var golden = Golden.Read(library, name);
        return Evaluators.AssertAgreeAsync(golden.Trees.ToTreeEnsemble(), [.. s_sizes, golden.Rows.Length], (inputs, _) => golden.Fill(inputs), Token);
    }

    private static async Task<float[]> PredictAsync(byte[] bytes, OnnxOptions options, Golden golden)
    {
        using var model = OnnxModel.Load(bytes, options);
        await using var predictor = model.CreatePredictor();
        using var inputs = predictor.Signature.RentInputs(golden.Rows.Length);
        using var outputs = predictor.Signature.RentOutputs(golden.Rows.Length);
        golden.Fill(inputs);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        return outputs.Get<float>(outputs.Count - 1).Span.ToArray();
    }

    /// <summary>A model, what its library was asked, and what that answered.</summary>
    private sealed record Golden(TrainedTrees Trees, float[][] Rows, double[] Predictions)
    {
        public static Golden Read(string library, string name)
        {
            var folder = Path.Combine(AppContext.BaseDirectory, "TestData");
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, $"{library}_golden.json")));
            var model = json.RootElement.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("name").GetString() == name);
            var table = Table.Read("credit.csv");
            var columns = model.GetProperty("features").EnumerateArray().Select(feature => table.Numbers(feature.GetString()!)).ToArray();
            var every = json.RootElement.GetProperty("every").GetInt32();
            float[][] rows = [.. Enumerable.Range(0, table.Rows).Where(row => row % every == 0).Select(row => columns.Select(column => column[row]).ToArray())];
            var file = Path.Combine(folder, model.GetProperty("file").GetString()!);
            var trees = library == "lightgbm" ? LightGbmModel.Read(file) : XgBoostModel.Read(file, columns.Length);
            double[] predictions = [.. model.GetProperty("predictions").EnumerateArray().Select(number => number.GetDouble())];
            Assert.Contains(rows, row => row.Any(float.IsNaN));
            Assert.Equal(rows.Length * (trees.Classes > 2 ? trees.Classes : 1), predictions.Length);
            return new Golden(trees, rows, predictions);
        }

        public void Fill(TensorBatch inputs)
        {
            for (var row = 0; row < inputs.Rows; row++) Rows[row].CopyTo(inputs.Get<float>(0).GetRow(row));
        }
    }
}
