using Mlops.Models;
using Mlops.Onnx;
using Mlops.Tests;

namespace Mlops.AotTest;

internal static class OnnxChecks
{
    public static async Task CompareTreesAsync()
    {
        var bytes = new RandomTrees(new RandomTreesOptions { Trees = 100, Depth = 6, Classes = 3, TracksMissing = 0.5, HasTextLabels = true }).Build();
        foreach (var rows in new[] { 1, 8, 128 })
        {
            var (labels, scores) = await PredictAsync(bytes, OnnxEvaluator.Managed, rows);
            var (expectedLabels, expectedScores) = await PredictAsync(bytes, OnnxEvaluator.Runtime, rows);
            Check.That(labels.SequenceEqual(expectedLabels));
            for (var i = 0; i < scores.Length; i++) Check.That(Math.Abs(scores[i] - expectedScores[i]) <= 1e-5, $"{scores[i]} instead of {expectedScores[i]} in {rows} rows");
        }
    }

    private static async Task<(string[] Labels, float[] Scores)> PredictAsync(byte[] bytes, OnnxEvaluator evaluator, int rows)
    {
        using var model = OnnxModel.Load(bytes, options: new OnnxOptions { Evaluator = evaluator });
        await using var predictor = model.CreatePredictor();
        using var inputs = predictor.Signature.RentInputs(rows);
        using var outputs = predictor.Signature.RentOutputs(rows);
        RandomTrees.Fill(inputs, seed: 1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext());
        return (outputs.Get<string>(0).Span.ToArray(), outputs.Get<float>(1).Span.ToArray());
    }
}
