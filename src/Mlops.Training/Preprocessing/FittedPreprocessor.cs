using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Preprocessing that was fitted to training data: part of a <see cref="ModelGraph"/>. Immutable.</summary>
/// <param name="Inputs">The inputs it takes: one with all numbers, and one for each date and text column, by its name.</param>
/// <param name="Nodes">The nodes, in order; the last one writes <see cref="OutputName"/>.</param>
/// <param name="FeatureNames">What each element of the output is, shape (features).</param>
public sealed record FittedPreprocessor(IReadOnlyList<TensorSpec> Inputs, IReadOnlyList<GraphNode> Nodes, IReadOnlyList<string> FeatureNames)
{
    /// <summary>The input that holds all numbers: Float64 (rows × columns), so that no digit is lost before they are scaled. Where a date or text column has this name, a number is appended to the input's.</summary>
    public const string NumericInputName = "numeric";

    /// <summary>Gets the tensor that holds the features: Float32 (rows × features). It is <c>features</c>, with a number appended where a date or text column has this name.</summary>
    public string OutputName => Nodes[^1].Output;

    /// <summary>Gets the nodes as training rows see them; <see langword="null"/> where nothing was fitted to the label.</summary>
    internal OutOfFoldNodes? OutOfFold { get; init; }

    /// <summary>Makes a model of the preprocessing alone, whose output is the features.</summary>
    /// <returns>The model.</returns>
    public GraphModel ToModel() => ToModel(Nodes);

    /// <summary>Makes a dataset of the features: a Float32 column for each of <see cref="FeatureNames"/>, and after them the columns of <paramref name="dataset"/> that are neither features nor ignored, such as the label.</summary>
    /// <remarks>Where a column has the name of a feature, a number is appended to the feature's. Rows are transformed while they are read.</remarks>
    /// <param name="dataset">The rows.</param>
    /// <param name="isTrainingData">Whether these are the rows that the preprocessing was fitted to, in the same order: target encodings are then out of fold, as a trainer sees them.</param>
    /// <returns>The dataset.</returns>
    /// <exception cref="EntityNotFoundException">A column that was there in training is absent.</exception>
    /// <exception cref="ArgumentException">A column has another type than in training.</exception>
    public IDataset Transform(IDataset dataset, bool isTrainingData = false)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return new FeatureDataset(dataset, this, isTrainingData);
    }

    /// <summary>Makes a model of nodes whose outputs are what the features are joined of, one after another, before they are rounded to 32 bits.</summary>
    /// <param name="nodes">The nodes; the last one joins the features.</param>
    /// <returns>The model.</returns>
    internal GraphModel ToWideModel(IReadOnlyList<GraphNode> nodes)
    {
        if (nodes[^1].Operator is not ConcatOperator) return ToModel(nodes);
        var plan = new GraphPlan(ToModel(nodes).Graph);
        var names = new TensorNames(Inputs.Select(input => input.Name).Concat(nodes.SelectMany(node => node.Outputs)));
        var computed = nodes.Take(nodes.Count - 1).ToList();
        var outputs = new List<TensorSpec>();
        foreach (var (name, tensor) in nodes[^1].Inputs.Zip(plan.Steps[^1].Inputs))
        {
            var output = name;
            if (tensor.Place == GraphTensorPlace.Input || outputs.Exists(spec => spec.Name == name))
            {
                // An output must be written by a node.
                output = names.Take($"{name}_copy");
                computed.Add(new GraphNode(new SelectOperator([.. Enumerable.Range(0, tensor.Width)]), [name], [output]));
            }

            outputs.Add(tensor.Type == ElementType.Float64 ? TensorSpec.Of<double>(output, tensor.Width) : TensorSpec.Of<float>(output, tensor.Width));
        }

        return new GraphModel(new ModelGraph(new ModelSignature(Inputs, outputs), computed));
    }

    private GraphModel ToModel(IReadOnlyList<GraphNode> nodes)
        => new(new ModelGraph(new ModelSignature(Inputs, [TensorSpec.Of<float>(OutputName, FeatureNames.Count)]), nodes));
}
