using Mlops.Data;

namespace Mlops.Models;

/// <summary>The name, element type and shape of one input or output of a model.</summary>
/// <param name="Name">The name, unique among the model's inputs or outputs.</param>
/// <param name="ElementType">The type of the elements. A date is Int64 days and a timestamp Float64 seconds since 1970-01-01; <see cref="ElementType.Date"/> and <see cref="ElementType.Timestamp"/> themselves are not tensor types.</param>
/// <param name="Shape">The dimensions; the first is the number of rows. −1 where a dimension is known only at run time.</param>
public sealed record TensorSpec(string Name, ElementType ElementType, IReadOnlyList<int> Shape)
{
    /// <summary>Creates the specification of a tensor of <paramref name="width"/> elements a row, shape (−1 × width).</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="name">The name.</param>
    /// <param name="width">The number of elements in each row.</param>
    /// <param name="columns">The dataset columns that feed the elements of a row, in order; empty when they are not known.</param>
    /// <returns>The specification.</returns>
    public static TensorSpec Of<T>(string name, int width = 1, params IReadOnlyList<string> columns)
        => new(name, ElementTypes.Of<T>(), [-1, width]) { Columns = columns };

    /// <summary>Gets the dataset columns that feed the elements of a row, in order; empty when they are not known.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> Columns
    {
        get;

        // Generated JSON readers set what a document leaves out to null.
        init => field = value ?? [];
    } = [];

    /// <summary>Gets the classes whose probabilities are the elements of a row, in order; empty when the tensor holds no class probabilities, or they are not known.</summary>
    /// <remarks>A class is named by its label as text, in the invariant culture: <c>yes</c>, <c>1</c>. A boolean label has the classes <c>0</c> and <c>1</c>.</remarks>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> Classes
    {
        get;

        // Generated JSON readers set what a document leaves out to null.
        init => field = value ?? [];
    } = [];

    /// <summary>Gets the number of elements in each row; −1 when a dimension after the first is known only at run time.</summary>
    public int Width
    {
        get
        {
            var width = 1;
            for (var i = 1; i < Shape.Count; i++)
            {
                if (Shape[i] < 0) return -1;
                width *= Shape[i];
            }

            return width;
        }
    }

    /// <summary>Compares by value, shapes, columns and classes included.</summary>
    /// <param name="other">The other specification.</param>
    /// <returns>Whether both are the same.</returns>
    public bool Equals(TensorSpec? other)
        => other is not null && Name == other.Name && ElementType == other.ElementType
            && Shape.SequenceEqual(other.Shape) && Columns.SequenceEqual(other.Columns, StringComparer.Ordinal) && Classes.SequenceEqual(other.Classes, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ElementType, Shape.Count);

    /// <summary>Describes the specification, as in error messages: <c>features: Float32[?, 48]</c>.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{Name}: {ElementType}[{string.Join(", ", Shape.Select(size => size < 0 ? "?" : $"{size}"))}]";
}
