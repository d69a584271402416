using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A column of booleans or texts of both sides, by its values.</summary>
internal sealed class CategoryPair : ColumnPair
{
    private const int MostCategories = 1000;
    private readonly IReadOnlyList<string?> _reference;
    private readonly IReadOnlyList<string?> _current;
    private readonly Func<int, ContingencyTable?> _count;
    private readonly Func<(ColumnProfile Reference, ColumnProfile Current)> _profiles;
    private readonly ContingencyTable? _table;
    private readonly bool _isText;
    private readonly bool _isTooLong;

    /// <summary>Takes values.</summary>
    /// <param name="column">The column in the reference.</param>
    /// <param name="reference">The values; <see langword="null"/> where one is missing.</param>
    /// <param name="current">The values now.</param>
    /// <param name="count">Counts the values, or gives <see langword="null"/> when there are more different ones than it is told.</param>
    /// <param name="profiles">Makes the profiles of both sides.</param>
    public CategoryPair(
        ColumnSchema column, IReadOnlyList<string?> reference, IReadOnlyList<string?> current, Func<int, ContingencyTable?> count, Func<(ColumnProfile Reference, ColumnProfile Current)> profiles)
        : base(column)
    {
        (_reference, _current, _count, _profiles) = (reference, current, count, profiles);
        _table = count(MostCategories);
        _isTooLong = reference is RepeatedTexts { IsTooLong: true } || current is RepeatedTexts { IsTooLong: true };
        _isText = column.Type == ElementType.String && (_table is null || IsMostlyDifferent(_table));
    }

    public override IDriftTest Choose() => _isText ? new TextDrift() : ChooseForCounts(_table!.Reference, _table.Current);

    public override DriftResult Test(IDriftTest test, DriftTestOptions options, CancellationToken cancellationToken)
    {
        switch (test)
        {
            case IOrderedDriftTest { NeedsOrder: true } ordered:
                if (_reference is RepeatedTexts) return RefuseOrdered(test, CountAll().Reference.ToArray().Sum(), CountAll().Current.ToArray().Sum());
                var codes = CountAll().Categories.Select((name, code) => (name, code)).ToDictionary(pair => pair.name, pair => pair.code, StringComparer.Ordinal);
                return ordered.Test(Encode(_reference, codes), Encode(_current, codes), codes.Count, options);
            case ITextDriftTest when Column.Type == ElementType.String && _isTooLong:
                return RefuseTooLong(test);
            case ITextDriftTest texts when Column.Type == ElementType.String:
                return texts.Test(_reference, _current, options, cancellationToken);
            case ICategoryDriftTest categories:
                var table = CountAll();
                return categories.Test(table.Reference, table.Current, options);
            case ISampleDriftTest when Column.Type == ElementType.Boolean && _isTooLong:
                return RefuseTooLong(test);
            case ISampleDriftTest samples when Column.Type == ElementType.Boolean:
                return samples.Test(ToNumbers(_reference), ToNumbers(_current), options);
            case IProfileDriftTest profiles:
                var (reference, current) = _profiles();
                return profiles.Test(reference, current, options);
            default:
                return Refuse(test, CountAll().Reference.ToArray().Sum(), CountAll().Current.ToArray().Sum(), fromProfiles: false);
        }
    }

    public override ColumnDistributions? Describe()
        => _isText
            ? NumberBars.FromValues(GetLengths(_reference), GetLengths(_current)) is { } bars ? bars with { Quantity = "length in characters" } : null
            : CategoryBars.Create([.. _table!.Categories], [.. _table.Reference], [.. _table.Current], Column.Role, ordered: Column.Type == ElementType.Boolean);

    private DriftResult RefuseTooLong(IDriftTest test) => DriftDecision.NotComputable(
        test, CountAll().Reference.ToArray().Sum(), CountAll().Current.ToArray().Sum(), $"{test.Name} compares value by value, and '{Column.Name}' has more values on a side than an array holds; take a test of counts.");

    private ContingencyTable CountAll() => _table ?? _count(int.MaxValue)!;

    /// <summary>Tells whether more than half of the texts are different ones, however few: a table of single texts looks the same with and without drift.</summary>
    private static bool IsMostlyDifferent(ContingencyTable table)
        => 2L * table.Categories.Count > System.Numerics.Tensors.TensorPrimitives.Sum(table.Reference) + System.Numerics.Tensors.TensorPrimitives.Sum(table.Current);

    private static int[] Encode(IReadOnlyList<string?> texts, Dictionary<string, int> codes) => [.. texts.Select(text => text is null ? -1 : codes[text])];

    private static double[] GetLengths(IReadOnlyList<string?> texts) => SortedSample.GetPresent(TextLength.Measure(texts, default));

    private static double[] ToNumbers(IReadOnlyList<string?> flags) => [.. flags.Where(flag => flag is not null).Select(flag => flag == "true" ? 1.0 : 0)];
}
