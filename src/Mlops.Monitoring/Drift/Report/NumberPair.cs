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
    private readonly FewNumbers? _few;

    /// <summary>Takes values.</summary>
    /// <param name="column">The column in the reference.</param>
    /// <param name="reference">The present values.</param>
    /// <param name="current">The present values now.</param>
    /// <param name="profiles">Makes the profiles of both sides.</param>
    public NumberPair(ColumnSchema column, double[] reference, double[] current, Func<(ColumnProfile Reference, ColumnProfile Current)> profiles)
        : base(column)
    {
        (_reference, _current, _profiles) = (reference, current, profiles);
        _few = FewNumbers.Find(reference, current);
    }

    public override IDriftTest Choose() => _few is null ? new KolmogorovSmirnov() : ChooseForCounts(_few.Reference, _few.Current);

    public override DriftResult Test(IDriftTest test, DriftTestOptions options, CancellationToken cancellationToken)
    {
        switch (test)
        {
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
            : CategoryBars.Create([.. _few.Values.Select(value => value.ToString("0.######", CultureInfo.InvariantCulture))], _few.Reference, _few.Current, Column.Role, ordered: true);
}
