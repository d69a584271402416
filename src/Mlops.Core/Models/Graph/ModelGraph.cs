using System.Text.Json;

namespace Mlops.Models;

/// <summary>A fitted pipeline as data: typed operators over named tensors, from the model's inputs to its outputs.</summary>
/// <remarks>
/// <para>Trainers produce it; one interpreter evaluates it in training and in process, and exporters translate it, so a pipeline is fitted once and
/// identical everywhere. Immutable.</para>
/// <para>Every tensor between nodes has the shape (rows × width).</para>
/// </remarks>
public sealed class ModelGraph
{
    /// <summary>Creates a graph and checks that it is one.</summary>
    /// <param name="signature">The inputs and outputs.</param>
    /// <param name="nodes">The nodes; each reads only inputs and outputs of earlier nodes.</param>
    /// <exception cref="ArgumentException">A node has no operator or writes nothing, a node reads a tensor that no earlier node writes, two nodes write one tensor, or an output is never written.</exception>
    public ModelGraph(ModelSignature signature, IEnumerable<GraphNode> nodes)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(nodes);
        GraphNode[] nodeArray = [.. nodes];
        Signature = signature;
        Nodes = nodeArray.AsReadOnly();
        var known = signature.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var node in nodeArray)
        {
            if (node is not { Operator: not null, Inputs: not null, Outputs.Count: > 0 })
                throw new ArgumentException("A node needs an operator, inputs and at least one output.", nameof(nodes));
            foreach (var input in node.Inputs)
            {
                if (!known.Contains(input))
                    throw new ArgumentException($"Node '{node.Output}' ({node.Operator.GetType().Name}) reads '{input}', which nothing before it writes.", nameof(nodes));
            }

            foreach (var output in node.Outputs)
            {
                if (!known.Add(output))
                    throw new ArgumentException($"'{output}' is written twice.", nameof(nodes));
            }
        }

        foreach (var output in signature.Outputs)
        {
            if (!known.Contains(output.Name))
                throw new ArgumentException($"Nothing writes the output '{output.Name}'.", nameof(nodes));
        }
    }

    /// <summary>Gets the inputs and outputs.</summary>
    public ModelSignature Signature { get; }

    /// <summary>Gets the nodes, in an order in which they can be evaluated.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; }

    /// <summary>Writes the graph as JSON.</summary>
    /// <returns>UTF-8 JSON that <see cref="FromJson"/> reads back to the same bits.</returns>
    public byte[] ToJson()
        => JsonSerializer.SerializeToUtf8Bytes(new ModelGraphDocument([.. Signature.Inputs], [.. Signature.Outputs], [.. Nodes]), ModelGraphJson.Default.ModelGraphDocument);

    /// <summary>Reads a graph from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The graph.</returns>
    /// <exception cref="JsonException">The JSON is not a graph.</exception>
    /// <exception cref="ArgumentException">The graph is inconsistent.</exception>
    public static ModelGraph FromJson(ReadOnlySpan<byte> json)
    {
        ModelGraphDocument? document;
        try
        {
            document = JsonSerializer.Deserialize(json, ModelGraphJson.Default.ModelGraphDocument);
        }
        catch (NotSupportedException error)
        {
            // The serializer's way to say that a node names no operator.
            throw new JsonException("The JSON holds a node without an operator.", error);
        }

        if (document is null) throw new JsonException("The JSON holds no graph.");
        return new ModelGraph(new ModelSignature(document.Inputs, document.Outputs), document.Nodes);
    }
}
