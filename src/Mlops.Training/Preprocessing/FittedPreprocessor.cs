using Mlops.Models;

namespace Mlops.Training;

/// <summary>Preprocessing that was fitted to training data: part of a <see cref="ModelGraph"/>. Immutable.</summary>
/// <param name="Inputs">The inputs it takes: <c>numeric</c> with all numbers, and one for each date and text column, by its name.</param>
/// <param name="Nodes">The nodes, in order; the last one writes <see cref="OutputName"/>.</param>
/// <param name="FeatureNames">What each element of the output is, shape (features).</param>
public sealed record FittedPreprocessor(IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<string> FeatureNames)
{
    /// <summary>The tensor that holds the features: Float32 (rows × features).</summary>
    public const string OutputName = "features";

    /// <summary>The input that holds all numbers: Float32 (rows × columns).</summary>
    public const string NumericInputName = "numeric";

    /// <summary>Makes a model of the preprocessing alone, whose output is the features.</summary>
    /// <returns>The model.</returns>
    public GraphModel ToModel()
        => new(new ModelGraph(new ModelSignature(Inputs, [TensorSpec.Of<float>(OutputName, FeatureNames.Count)]), Nodes));
}
