using System.Text.Json.Serialization;

namespace Mlops.Models;

/// <summary>One step of a <see cref="ModelGraph"/>.</summary>
/// <param name="Operator">What it does.</param>
/// <param name="Inputs">The tensors it reads: inputs of the graph or outputs of earlier nodes.</param>
/// <param name="Outputs">The tensors it writes.</param>
public sealed record GraphNode(GraphOperator Operator, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs)
{
    /// <summary>Gets the only, or first, tensor it writes.</summary>
    [JsonIgnore]
    public string Output => Outputs[0];
}
