using Mlops.Models;

namespace Mlops.Training;

/// <summary>Makes models of fitted preprocessing and fitted coefficients.</summary>
/// <remarks>Where a date or text column has the name of an output, a number is appended to the output's.</remarks>
internal static class LinearModels
{
    /// <summary>The output of regressions: Float32 (rows × 1).</summary>
    public const string Prediction = "prediction";

    /// <summary>The output of classifiers that holds the most probable class: String or Int64 (rows × 1).</summary>
    public const string Label = "label";

    /// <summary>The output of classifiers that holds the probability of each class: Float32 (rows × classes).</summary>
    public const string Probabilities = "probabilities";

    public static GraphModel Regressor(FittedPreprocessor preprocessor, double[] coefficients, double intercept)
    {
        var step = new LinearRegressorOperator(Narrow(coefficients), (float)intercept);
        return Build(preprocessor, step, [TensorSpec.Of<float>(Prediction)], []);
    }

    public static GraphModel Classifier(FittedPreprocessor preprocessor, double[][] coefficients, double[] intercepts, ClassLabels classes, IReadOnlyList<string> warnings)
    {
        var step = new LinearClassifierOperator(Array.ConvertAll(coefficients, Narrow), Narrow(intercepts), classes.Texts, classes.Numbers);
        var label = classes.Texts is null ? TensorSpec.Of<long>(Label) : TensorSpec.Of<string>(Label);
        return Build(preprocessor, step, [label, TensorSpec.Of<float>(Probabilities, classes.Count) with { Classes = classes.Names }], warnings);
    }

    private static GraphModel Build(FittedPreprocessor preprocessor, GraphOperator step, TensorSpec[] outputs, IReadOnlyList<string> warnings)
    {
        var names = new TensorNames([.. preprocessor.Inputs.Select(input => input.Name), .. preprocessor.Nodes.SelectMany(node => node.Outputs)]);
        outputs = Array.ConvertAll(outputs, output => output with { Name = names.Take(output.Name) });
        var signature = new ModelSignature(preprocessor.Inputs, outputs);
        var node = new GraphNode(step, [preprocessor.OutputName], [.. outputs.Select(output => output.Name)]);
        return new GraphModel(new ModelGraph(signature, [.. preprocessor.Nodes, node])) { TrainingWarnings = warnings };
    }

    private static float[] Narrow(double[] values) => Array.ConvertAll(values, value => (float)value);
}
