using System.Globalization;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>The type of a tensor's elements and their number in each row.</summary>
internal readonly record struct GraphShape(ElementType Type, int Width)
{
    /// <summary>The shapes that a node writes.</summary>
    /// <exception cref="ArgumentException">It cannot read what it is given.</exception>
    public static GraphShape[] Of(GraphNode node, GraphShape[] inputs) => node.Operator switch
    {
        SelectOperator select => [Select(node, inputs, select)],
        ImputeOperator impute => [FloatingPoint(node, inputs, impute.Replacements.Length)],
        ScaleOperator scale => [FloatingPoint(node, inputs, scale.Offsets.Length)],
        ClipOperator clip => [FloatingPoint(node, inputs, clip.Minimums.Length)],
        MissingIndicatorOperator => [FloatingPoint(node, inputs, inputs[0].Width) with { Type = ElementType.Float32 }],
        ImputeTextOperator => [Checked(node, inputs, inputs[0].Width, ElementType.String)],
        DayOfWeekOperator => [Checked(node, inputs, inputs[0].Width, ElementType.Int64)],
        DatePartOperator date => [Date(node, inputs, date)],
        OneHotOperator oneHot => [Encoded(node, inputs, ElementType.Int64, oneHot.Categories.Length)],
        OneHotTextOperator oneHot => [Encoded(node, inputs, ElementType.String, oneHot.Categories.Length + (oneHot.Unseen == UnseenCategory.Other ? 1 : 0))],
        TextLookupOperator lookup => [Encoded(node, inputs, ElementType.String, lookup.Missing.Length)],
        HashTextOperator hash => [Encoded(node, inputs, ElementType.String, hash.Buckets)],
        BagOfWordsOperator bag => [Encoded(node, inputs, ElementType.String, bag.Buckets)],
        ConcatOperator => [new GraphShape(ElementType.Float32, inputs.Sum(input => IsFloatingPoint(input) ? input.Width : throw Wrong(node, "Float32 or Float64", input)))],
        LinearRegressorOperator linear => [Numbers(node, inputs, linear.Coefficients.Length) with { Width = 1 }],
        LinearClassifierOperator linear =>
            [new(linear.TextClasses is null ? ElementType.Int64 : ElementType.String, 1), Numbers(node, inputs, linear.Coefficients[0].Length) with { Width = linear.ClassCount }],
        ConstantOperator constant => [new(ElementType.Float32, constant.Values.Length)],
        KMeansOperator means => [new(ElementType.Int64, 1), Numbers(node, inputs, means.Centroids[0].Length) with { Width = means.Centroids.Length }],
        _ => throw new NotSupportedException($"There is no kernel of {node.Operator.GetType().Name}."),
    };

    /// <summary>Describes the shape, as in error messages.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type} × {Width}");

    private static GraphShape Numbers(GraphNode node, GraphShape[] inputs, int width) => Checked(node, inputs, width, ElementType.Float32);

    private static GraphShape FloatingPoint(GraphNode node, GraphShape[] inputs, int width)
        => IsFloatingPoint(inputs[0]) && inputs[0].Width == width ? inputs[0] : throw Wrong(node, string.Create(CultureInfo.InvariantCulture, $"Float32 or Float64 × {width}"), inputs[0]);

    private static bool IsFloatingPoint(GraphShape shape) => shape.Type is ElementType.Float32 or ElementType.Float64;

    private static GraphShape Select(GraphNode node, GraphShape[] inputs, SelectOperator select)
    {
        foreach (var index in select.Indices)
        {
            if ((uint)index >= (uint)inputs[0].Width) throw Wrong(node, string.Create(CultureInfo.InvariantCulture, $"an element {index}"), inputs[0]);
        }

        return inputs[0] with { Width = select.Indices.Length };
    }

    private static GraphShape Encoded(GraphNode node, GraphShape[] inputs, ElementType type, int width)
    {
        Checked(node, inputs, 1, type);
        return new GraphShape(ElementType.Float32, width);
    }

    private static GraphShape Date(GraphNode node, GraphShape[] inputs, DatePartOperator date)
    {
        if (inputs[0] != new GraphShape(ElementType.Float64, 1) && (inputs[0] != new GraphShape(ElementType.Int64, 1) || date.Unit != DateUnit.Days))
            throw Wrong(node, date.Unit == DateUnit.Days ? "Int64 × 1 or Float64 × 1" : "Float64 × 1", inputs[0]);
        return new GraphShape(ElementType.Float32, date.GetWidth());
    }

    private static GraphShape Checked(GraphNode node, GraphShape[] inputs, int width, ElementType type)
        => inputs[0] == new GraphShape(type, width) ? inputs[0] : throw Wrong(node, new GraphShape(type, width).ToString(), inputs[0]);

    private static ArgumentException Wrong(GraphNode node, string expected, GraphShape actual)
        => new($"Node '{node.Output}' takes {expected}, but '{node.Inputs[0]}' is {actual}.", nameof(node));
}
