using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A column of vectors of both sides, by rows or, without them, by profiles.</summary>
internal sealed class VectorPair(ColumnSchema column, (RowSet Reference, RowSet Current)? rows, Func<(VectorProfile Reference, VectorProfile Current)> profiles) : ColumnPair(column)
{
    // The more tests a report has, the more permutations each needs, and each costs the square of the rows.
    public override IDriftTest Choose() => new EmbeddingDrift { MaximumRows = 1000 };

    public override DriftResult Test(IDriftTest test, DriftTestOptions options, CancellationToken cancellationToken)
    {
        if (rows is var (x, y) && test is IRowDriftTest rowTest) return rowTest.Test(x, y, options, cancellationToken);
        var (reference, current) = profiles();
        return test is IVectorProfileDriftTest vectorTest
            ? vectorTest.Test(reference, current, options)
            : Refuse(test, reference.RowCount - reference.MissingCount, current.RowCount - current.MissingCount, rows is null && test is IRowDriftTest);
    }

    public override ColumnDistributions? Describe()
        => rows is var (x, y) && NumberBars.FromValues(GetNorms(x), GetNorms(y)) is { } bars ? bars with { Quantity = "Euclidean norm" } : null;

    private static double[] GetNorms(RowSet rows)
    {
        var norms = new double[rows.Count];
        for (var row = 0; row < norms.Length; row++) norms[row] = System.Numerics.Tensors.TensorPrimitives.Norm(rows.Values.Span.Slice(row * rows.Width, rows.Width));
        return [.. norms.Where(double.IsFinite)];
    }
}
