using Mlops.Models;

namespace Mlops.Training;

/// <summary>Preprocessing that was fitted to training data: part of a <see cref="ModelGraph"/>. Immutable.</summary>
/// <param name="Inputs">The inputs it takes: one with all numbers, and one for each date and text column, by its name.</param>
/// <param name="Nodes">The nodes, in order; the last one writes <see cref="OutputName"/>.</param>
/// <param name="FeatureNames">What each element of the output is, shape (features).</param>
public sealed record FittedPreprocessor(IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<string> FeatureNames)
{
    /// <summary>The input that holds all numbers: Float32 (rows × columns). Where a date or text column has this name, a number is appended to the input's.</summary>
    public const string NumericInputName = "numeric";

    /// <summary>Gets the tensor that holds the features: Float32 (rows × features). It is <c>features</c>, with a number appended where a date or text column has this name.</summary>
    public string OutputName => Nodes[^1].Output;

    /// <summary>Makes a model of the preprocessing alone, whose output is the features.</summary>
    /// <returns>The model.</returns>
    public GraphModel ToModel()
        => new(new ModelGraph(new ModelSignature(Inputs, [TensorSpec.Of<float>(OutputName, FeatureNames.Count)]), Nodes));
}
