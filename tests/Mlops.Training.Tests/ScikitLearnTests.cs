using System.Globalization;
using System.Text.Json;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training.Tests;

/// <summary>What is learned from real files agrees with plain pipelines of scikit-learn in 64-bit floating point, coefficient by coefficient.</summary>
public sealed class ScikitLearnTests
{
    private const double Tolerance = 1e-6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Named(string kind) => [.. TestData.Coefficients.EnumerateObject().Select(model => model.Name).Where(name => name.StartsWith(kind, StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Named), "ridge")]
    public async Task RidgeTrainer_Coefficients_AreThoseOfScikitLearn(string name)
    {
        var (parts, expected) = (name.Split(' '), TestData.Coefficients.GetProperty(name));
        var options = new RidgeOptions { Alpha = double.Parse(parts[3], CultureInfo.InvariantCulture) };
        var model = await new RidgeTrainer(options).TrainAsync(new TrainingContext(await TestData.OpenAsync($"{parts[1]}.csv", parts[2])), Token);
        AssertAgrees(expected, LinearCoefficients.Of((IGraphModel)model));
    }

    [Theory]
    [MemberData(nameof(Named), "logistic")]
    public async Task LogisticTrainer_Coefficients_AreThoseOfScikitLearnsObjective(string name)
    {
        var (parts, expected) = (name.Split(' '), TestData.Coefficients.GetProperty(name));
        var given = expected.GetProperty("weights").EnumerateObject().ToDictionary(weight => weight.Name, weight => weight.Value.GetDouble());
        var options = new LogisticOptions { C = double.Parse(parts[3], CultureInfo.InvariantCulture), ClassWeights = parts[4] == "balanced" ? ClassWeights.Balanced : ClassWeights.Of(given) };
        var model = (GraphModel)await new LogisticTrainer(options).TrainAsync(new TrainingContext(await TestData.OpenAsync($"{parts[1]}.csv", parts[2])), Token);
        Assert.Empty(model.TrainingWarnings);
        var learned = LinearCoefficients.Of(model);
        Assert.Equal(expected.GetProperty("classes").EnumerateArray().Select(value => value.GetString()), learned.Classes);
        AssertAgrees(expected, learned);
    }

    /// <summary>From the same rows as centroids, Lloyd's algorithm goes the same way to the same end.</summary>
    [Theory]
    [MemberData(nameof(Named), "kmeans")]
    public async Task KMeans_FromTheSameCentroids_EndsAsScikitLearn(string name)
    {
        var (parts, expected) = (name.Split(' '), TestData.Coefficients.GetProperty(name));
        var data = await TestData.OpenAsync($"{parts[1]}.csv", parts[1] == "churn" ? "churn" : "Status");
        var preprocessor = await Preprocessor.FitAsync(data, null, Token);
        Assert.Equal(Strings(expected.GetProperty("features")), preprocessor.FeatureNames);
        var table = await FeatureTable.ReadAsync(FeatureReader.ReadAsync(data, preprocessor, (batch, _) => new double[batch.RowCount], Token), preprocessor.FeatureNames.Count, Token);
        if (parts[2] == "weighted")
        {
            long number = 0;
            foreach (var block in table.Blocks)
            {
                for (var row = 0; row < block.Rows; row++) block.Weights[row] = 1 + (number++ % 3);
            }
        }

        var rows = new KMeansRows(table, maxParallelism: 1, Token);
        var start = expected.GetProperty("start").EnumerateArray().SelectMany(row => rows.Parts[row.GetInt32() / FeatureTable.BlockRows].Row(row.GetInt32() % FeatureTable.BlockRows)).ToArray();
        var result = rows.Refine(start, 300, 1e-4 * rows.MeanVariance(), (_, _) => { });
        Assert.True(result.HasConverged);
        Assert.Equal(expected.GetProperty("iterations").GetInt32(), result.Iterations);
        Assert.Equal(1, result.Inertia / expected.GetProperty("inertia").GetDouble(), 1e-7);
        AssertClose(expected.GetProperty("centroids").EnumerateArray().SelectMany(Doubles).ToArray(), result.Centroids);
    }

    private static void AssertAgrees(JsonElement expected, LinearCoefficients learned)
    {
        Assert.Equal(Strings(expected.GetProperty("features")), learned.FeatureNames);
        var rows = expected.GetProperty("coefficients").EnumerateArray().Select(row => Doubles(row).ToArray()).ToArray();
        Assert.Equal(rows.Length, learned.RowCount);
        for (var row = 0; row < rows.Length; row++) AssertClose(rows[row], learned.GetRow(row));
        AssertClose(Doubles(expected.GetProperty("intercepts")).ToArray(), learned.Intercepts);
    }

    /// <summary>Within 1e-6, of the number where it is above 1.</summary>
    private static void AssertClose(double[] expected, ReadOnlySpan<double> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], Tolerance * Math.Max(1, Math.Abs(expected[i])));
    }

    private static IEnumerable<string> Strings(JsonElement array) => array.EnumerateArray().Select(value => value.GetString()!);

    private static IEnumerable<double> Doubles(JsonElement array) => array.EnumerateArray().Select(value => value.GetDouble());
}
