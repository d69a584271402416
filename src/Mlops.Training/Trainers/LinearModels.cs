using Mlops.Models;

namespace Mlops.Training;

/// <summary>Makes models of fitted preprocessing and what was fitted after it.</summary>
/// <remarks>Where a date or text column has the name of an output, a number is appended to the output's.</remarks>
internal static class LinearModels
{
    /// <summary>The output of regressions: Float32 (rows × 1).</summary>
    public const string Prediction = "prediction";

    /// <summary>The output of classifiers that holds the most probable class: String or Int64 (rows × 1).</summary>
    public const string Label = "label";

    /// <summary>The output of classifiers that holds the probability of each class: Float32 (rows × classes).</summary>
    public const string Probabilities = "probabilities";

    public static ModelGraph Regressor(FittedPreprocessor preprocessor, double[] coefficients, double intercept)
        => Build(preprocessor, new LinearRegressorOperator(coefficients, intercept) { FeatureNames = preprocessor.FeatureNames }, TensorSpec.Of<float>(Prediction));

    public static ModelGraph Classifier(FittedPreprocessor preprocessor, double[][] coefficients, double[] intercepts, ClassLabels classes)
    {
        var step = new LinearClassifierOperator(coefficients, intercepts, classes.Texts, classes.Numbers) { FeatureNames = preprocessor.FeatureNames };
        var label = classes.Texts is null ? TensorSpec.Of<long>(Label) : TensorSpec.Of<string>(Label);
        return Build(preprocessor, step, label, TensorSpec.Of<float>(Probabilities, classes.Count) with { Classes = classes.Names });
    }

    /// <summary>Appends a last step to the preprocessing.</summary>
    public static ModelGraph Build(FittedPreprocessor preprocessor, GraphOperator step, params TensorSpec[] outputs)
    {
        var names = new TensorNames([.. preprocessor.Inputs.Select(input => input.Name), .. preprocessor.Nodes.SelectMany(node => node.Outputs)]);
        outputs = Array.ConvertAll(outputs, output => output with { Name = names.Take(output.Name) });
        var signature = new ModelSignature(preprocessor.Inputs, outputs);
        var node = new GraphNode(step, [preprocessor.OutputName], [.. outputs.Select(output => output.Name)]);
        return new ModelGraph(signature, [.. preprocessor.Nodes, node]);
    }
}
