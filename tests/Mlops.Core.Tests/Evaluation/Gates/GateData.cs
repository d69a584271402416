using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>Outcomes of models whose quality is known, made from seeds.</summary>
internal static class GateData
{
    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A regression whose errors are normal with a standard deviation, for labels that depend on the seed of the data only.</summary>
    public static ModelOutcomes Numbers(int rows, double spread, int model, int data = 1)
    {
        var labels = Normal(rows, data);
        var errors = Normal(rows, 1_000_000 + (1000 * data) + model);
        return new ModelOutcomes([], [.. labels.Select((label, row) => label + (spread * errors[row]))], labels);
    }

    /// <summary>A classification of two classes, whose score is the truth plus normal noise, brought to probabilities.</summary>
    public static ModelOutcomes Classes(int rows, double spread, int model, int data = 1)
    {
        var random = new Random(data);
        var labels = Enumerable.Range(0, rows).Select(_ => random.NextDouble() < 0.4 ? 1.0 : 0.0).ToArray();
        var errors = Normal(rows, 1_000_000 + (1000 * data) + model);
        var scores = labels.Select((label, row) => 1 / (1 + Math.Exp(-(2 * label) + 1 - (spread * errors[row])))).ToArray();
        return new ModelOutcomes(["no", "yes"], [.. scores.SelectMany(score => new[] { 1 - score, score })], labels);
    }

    /// <summary>A classification with a given number of positive rows, which come first; the truth is weak, the noise of models independent.</summary>
    public static ModelOutcomes Rare(int positives, int negatives, int model, int data)
    {
        var labels = Enumerable.Range(0, positives + negatives).Select(row => row < positives ? 1.0 : 0.0).ToArray();
        var errors = Normal(labels.Length, 1_000_000 + (1000 * data) + model);
        var scores = labels.Select((label, row) => 1 / (1 + Math.Exp(-label - errors[row]))).ToArray();
        return new ModelOutcomes(["no", "yes"], [.. scores.SelectMany(score => new[] { 1 - score, score })], labels);
    }

    /// <summary>Probabilities of a class that are right: labels are drawn from them.</summary>
    public static ModelOutcomes Calibrated(int rows, int seed, Func<double, double>? claim = null)
    {
        var random = new Random(seed);
        var (predictions, labels) = (new double[2 * rows], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            var truth = random.NextDouble();
            labels[row] = random.NextDouble() < truth ? 1 : 0;
            predictions[(2 * row) + 1] = claim?.Invoke(truth) ?? truth;
            predictions[2 * row] = 1 - predictions[(2 * row) + 1];
        }

        return new ModelOutcomes(["no", "yes"], predictions, labels);
    }

    /// <summary>Makes the predictions of some rows worse by a shift.</summary>
    public static ModelOutcomes Shift(ModelOutcomes outcomes, Func<int, double> shift)
    {
        var predictions = outcomes.Predictions.ToArray();
        for (var row = 0; row < predictions.Length; row++) predictions[row] += shift(row);
        return new ModelOutcomes(outcomes.Classes, predictions, outcomes.Labels.ToArray());
    }

    /// <summary>A column whose value of a row is a function of the row.</summary>
    public static SliceColumn Column(string name, int rows, Func<int, int> code, params string[] values) => new(name, values, [.. Enumerable.Range(0, rows).Select(code)]);

    public static async Task<ModelCheck> AskAsync(IModelValidator validator, ModelValidationContext context)
        => Assert.Single((await ModelValidation.ValidateAsync(context, [validator], Token)).Checks);

    private static double[] Normal(int count, int seed)
    {
        var random = new Random(seed);
        var numbers = new double[count];
        for (var i = 0; i < count; i++) numbers[i] = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return numbers;
    }
}
