using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Two profiles, to be compared.</summary>
internal sealed class ProfileSource(DatasetProfile reference, DatasetProfile current, IReadOnlyList<ColumnSchema>? referenceSchema = null, IReadOnlyList<ColumnSchema>? currentSchema = null) : IDriftSource
{
    private readonly SharedPrecision _precision = new(referenceSchema ?? GetSchema(reference), currentSchema ?? GetSchema(current));

    public long ReferenceRowCount => reference.RowCount;

    public long CurrentRowCount => current.RowCount;

    public IReadOnlyList<ColumnSchema> Reference { get; } = referenceSchema ?? GetSchema(reference);

    public IReadOnlyList<ColumnSchema> Current { get; } = currentSchema ?? GetSchema(current);

    public MissingCounts CountMissing(string column)
    {
        if (reference.Find(column) is { } expected && current.Find(column) is { } actual) return new MissingCounts(expected.RowCount, expected.MissingCount, actual.RowCount, actual.MissingCount);
        var (first, second) = (FindVector(reference, column), FindVector(current, column));
        return new MissingCounts(first.RowCount, first.MissingCount, second.RowCount, second.MissingCount);
    }

    public ColumnPair Load(ColumnSchema column)
        => column.Width == 1
            ? ProfilePair.Create(column, reference[column.Name], current[column.Name], _precision)
            : new VectorPair(column, null, () => (FindVector(reference, column.Name), FindVector(current, column.Name)));

    public (RowSet Reference, RowSet Current)? LoadRows(IReadOnlyList<string> columns) => null;

    private static ColumnSchema[] GetSchema(DatasetProfile profile) =>
    [
        .. profile.Columns.Select(column => new ColumnSchema(column.Name, column.Type, column.Role)),
        .. profile.Vectors.Select(vector => new ColumnSchema(vector.Name, vector.Type, vector.Role) { Width = vector.Width }),
    ];

    private static VectorProfile FindVector(DatasetProfile profile, string name) => profile.Vectors.First(vector => vector.Name == name);
}
