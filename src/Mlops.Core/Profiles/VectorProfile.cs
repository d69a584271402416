using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>What the vectors of a column, such as embeddings, look like.</summary>
public sealed class VectorProfile
{
    private readonly double[] _means;
    private readonly double[] _squares;
    private double[] _rows = [];
    private double[] _scratch = [];

    /// <summary>Creates an empty profile.</summary>
    /// <param name="name">The name of the column.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="width">The number of elements of each vector.</param>
    /// <param name="role">The role of the column.</param>
    public VectorProfile(string name, ElementType type, int width, ColumnRole role = ColumnRole.Feature)
        : this(name, type, role, new double[width], new double[width], new MomentsSketch(), 0, 0)
    {
    }

    internal VectorProfile(string name, ElementType type, ColumnRole role, double[] means, double[] squares, MomentsSketch norms, long rowCount, long missingCount)
        => (Name, Type, Role, _means, _squares, Norms, RowCount, MissingCount) = (name, type, role, means, squares, norms, rowCount, missingCount);

    /// <summary>Gets the name of the column.</summary>
    public string Name { get; }

    /// <summary>Gets the type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>Gets the role of the column; drift reports compare features alone.</summary>
    public ColumnRole Role { get; }

    /// <summary>Gets the number of elements of each vector.</summary>
    public int Width => _means.Length;

    /// <summary>Gets the number of rows, missing vectors included.</summary>
    public long RowCount { get; private set; }

    /// <summary>Gets the number of missing vectors; one with an element that is not finite counts as missing.</summary>
    public long MissingCount { get; private set; }

    /// <summary>Gets the moments of the lengths (Euclidean norms).</summary>
    public MomentsSketch Norms { get; }

    /// <summary>Gets the mean of each element, shape (<see cref="Width"/>): the centre.</summary>
    public ReadOnlySpan<double> Means => _means;

    internal ReadOnlySpan<double> Squares => _squares;

    /// <summary>Gets the variance of an element.</summary>
    /// <param name="element">The element, from 0.</param>
    /// <returns>The variance of the rows as such (divided by their number); NaN when there is none.</returns>
    public double GetVariance(int element) => _squares[element] / (RowCount - MissingCount);

    /// <summary>Adds rows.</summary>
    /// <param name="column">The rows, of the profile's type and width.</param>
    /// <exception cref="ArgumentException">The column is of another type or width.</exception>
    public void Add(Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.Type != Type || column.Width != Width)
            throw new ArgumentException($"The profile of '{Name}' takes {Type} × {Width}; {column.Type} × {column.Width} was given.", nameof(column));
        if (_rows.Length < column.Length * Width) _rows = new double[column.Length * Width];
        if (_scratch.Length == 0) _scratch = new double[Width];
        ColumnNumbers.CopyTo(column, 0, _rows.AsSpan(0, column.Length * Width));
        for (var row = 0; row < column.Length; row++)
        {
            var vector = _rows.AsSpan(row * Width, Width);
            var norm = column.IsNull(row) ? double.NaN : TensorPrimitives.Norm<double>(vector);
            RowCount++;
            if (double.IsFinite(norm)) AddVector(vector, norm);
            else MissingCount++;
        }
    }

    /// <summary>Makes this profile describe the other one's rows too.</summary>
    /// <param name="other">The profile of the same column, which is left as it is.</param>
    /// <exception cref="ArgumentException">The other profile is of another column, type or width.</exception>
    public void Merge(VectorProfile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        CheckMerge(other);
        double present = RowCount - MissingCount, added = other.RowCount - other.MissingCount;
        for (var i = 0; i < Width && added > 0; i++)
        {
            var difference = other._means[i] - _means[i];
            _squares[i] += other._squares[i] + (difference * difference * present * added / (present + added));
            _means[i] += difference * added / (present + added);
        }

        Norms.Merge(other.Norms);
        RowCount += other.RowCount;
        MissingCount += other.MissingCount;
    }

    internal void CheckMerge(VectorProfile other)
    {
        if ((other.Name, other.Type, other.Width) != (Name, Type, Width))
            throw new ArgumentException($"The profile of '{Name}' ({Type} × {Width}) cannot take in that of '{other.Name}' ({other.Type} × {other.Width}).", nameof(other));
    }

    // Welford's update of every element.
    private void AddVector(ReadOnlySpan<double> vector, double norm)
    {
        Norms.Add(norm);
        TensorPrimitives.Subtract(vector, _means, _scratch);
        var count = (double)(RowCount - MissingCount);
        TensorPrimitives.MultiplyAdd(_scratch, 1 / count, _means, _means);
        TensorPrimitives.Multiply(_scratch, _scratch, _scratch);
        TensorPrimitives.MultiplyAdd(_scratch, (count - 1) / count, _squares, _squares);
    }
}
