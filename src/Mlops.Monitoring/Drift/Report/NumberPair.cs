using System.Globalization;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A column of numbers, dates or timestamps of both sides, by its values.</summary>
internal sealed class NumberPair : ColumnPair
{
    private readonly double[] _reference;
    private readonly double[] _current;
    private readonly Func<(ColumnProfile Reference, ColumnProfile Current)> _profiles;
    private readonly Func<(double[] Reference, double[] Current)>? _rows;
    private readonly FewNumbers? _few;

    /// <summary>Takes values.</summary>
    /// <param name="column">The column in the reference.</param>
    /// <param name="reference">The present values.</param>
    /// <param name="current">The present values now.</param>
    /// <param name="profiles">Makes the profiles of both sides.</param>
    /// <param name="rows">Gets the values of all rows in their order, NaN where one is missing; <see langword="null"/> where the order is lost.</param>
    public NumberPair(
        ColumnSchema column, double[] reference, double[] current, Func<(ColumnProfile Reference, ColumnProfile Current)> profiles, Func<(double[] Reference, double[] Current)>? rows = null)
        : base(column)
    {
        (_reference, _current, _profiles, _rows) = (reference, current, profiles, rows);
        _few = FewNumbers.Find(reference, current);
    }

    public override IDriftTest Choose() => _few is null ? new KolmogorovSmirnov() : ChooseForCounts(_few.Reference, _few.Current);

    public override DriftResult Test(IDriftTest test, DriftTestOptions options, CancellationToken cancellationToken)
    {
        switch (test)
        {
            case IOrderedDriftTest { NeedsOrder: true } ordered:
                if (_rows is null) return RefuseOrdered(test, _reference.Length, _current.Length);
                var (rowsThen, rowsNow) = _rows();
                return ordered.Test(rowsThen, rowsNow, options);
            case ISampleDriftTest samples:
                return samples.Test(_reference, _current, options);
            case ICategoryDriftTest categories:
                var counts = _few ?? FewNumbers.Count(_reference, _current);
                return categories.Test(counts.Reference, counts.Current, options);
            case IRowDriftTest rows:
                return rows.Test(new RowSet(_reference, 1), new RowSet(_current, 1), options, cancellationToken);
            case IProfileDriftTest profiles:
                var (reference, current) = _profiles();
                return profiles.Test(reference, current, options);
            default:
                return Refuse(test, _reference.Length, _current.Length, fromProfiles: false);
        }
    }

    public override ColumnDistributions? Describe()
        => _few is null ? NumberBars.FromValues(_reference, _current)
            : CategoryBars.Create(NameValues(_few.Values), _few.Reference, _few.Current, Column.Role, ordered: true);

    /// <summary>Names values as short as tells them apart.</summary>
    private static string[] NameValues(double[] values)
    {
        const int Short = 16;
        foreach (var format in new[] { "0.######", "G6" })
        {
            string[] names = Array.ConvertAll(values, value => value.ToString(format, CultureInfo.InvariantCulture));
            if (names.All(name => name.Length <= Short) && names.Distinct(StringComparer.Ordinal).Count() == names.Length) return names;
        }

        return Array.ConvertAll(values, value => value.ToString("R", CultureInfo.InvariantCulture));
    }
}
