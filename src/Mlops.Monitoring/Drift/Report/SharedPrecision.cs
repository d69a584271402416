using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>The precision in which numbers of both sides can be compared: 0.1 in 32 bits and 0.1 in 64 are different numbers, and no drift.</summary>
internal sealed class SharedPrecision
{
    private readonly Dictionary<string, ElementType> _types = new(StringComparer.Ordinal);

    public SharedPrecision(IReadOnlyList<ColumnSchema> reference, IReadOnlyList<ColumnSchema> current)
    {
        var types = current.ToDictionary(column => column.Name, column => column.Type, StringComparer.Ordinal);
        foreach (var column in reference)
        {
            if (types.TryGetValue(column.Name, out var type) && Find(column.Type, type) is { } narrower) _types[column.Name] = narrower;
        }
    }

    /// <summary>Gets the type to whose precision the numbers of a column are rounded; <see langword="null"/> where both sides hold the same numbers.</summary>
    public ElementType? Find(string column) => _types.TryGetValue(column, out var type) ? type : null;

    /// <summary>Rounds values in their place, where need be.</summary>
    public double[] Round(string column, double[] values)
    {
        if (Find(column) is not { } type) return values;
        foreach (ref var value in values.AsSpan()) value = NarrowNumbers.Round(value, type);
        return values;
    }

    /// <summary>Rounds the kept values of a profile, where need be.</summary>
    public ColumnProfile Round(ColumnProfile profile) => Find(profile.Name) is { } type ? profile.RoundTo(type) : profile;

    private static ElementType? Find(ElementType reference, ElementType current)
    {
        if (reference == current || !reference.IsNumeric() || !current.IsNumeric()) return null;
        foreach (var narrow in new[] { ElementType.Float16, ElementType.Float32 })
        {
            if (reference == narrow || current == narrow) return narrow;
        }

        return null;
    }
}
