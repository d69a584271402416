using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>A column of both sides: chooses a test for it, carries tests out, and shows how it is distributed.</summary>
/// <param name="column">The column in the reference.</param>
internal abstract class ColumnPair(ColumnSchema column)
{
    public ColumnSchema Column { get; } = column;

    /// <summary>Gets the type to whose precision the numbers of both sides are rounded; <see langword="null"/> where they are as they came.</summary>
    public ElementType? RoundedTo { get; init; }

    /// <summary>Chooses the test, by what both sides hold together, so that the choice tells nothing of which side holds what.</summary>
    public abstract IDriftTest Choose();

    /// <summary>Carries out a test.</summary>
    public abstract DriftResult Test(IDriftTest test, DriftTestOptions options, CancellationToken cancellationToken);

    /// <summary>Gets the distributions of both sides; <see langword="null"/> where there is nothing to show.</summary>
    public abstract ColumnDistributions? Describe();

    /// <summary>Chooses the test of counts.</summary>
    protected static IDriftTest ChooseForCounts(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        var table = CategoryTable.From(reference, current);
        if (table.CategoryCount != 2) return new ChiSquared();
        return table.GetSmallestExpected() >= CategoryTable.GetMinimumExpected(0.05) ? new TwoProportions() : new FisherExact();
    }

    /// <summary>Refuses a test that needs rows in their order, which profiles do not keep.</summary>
    protected DriftResult RefuseOrdered(IDriftTest test, long referenceCount, long currentCount)
        => DriftDecision.NotComputable(test, referenceCount, currentCount, $"{test.Name} needs the reference rows of '{Column.Name}' in their order, which profiles do not keep; give the datasets instead, with room for their values.");

    protected DriftResult Refuse(IDriftTest test, long referenceCount, long currentCount, bool fromProfiles)
        => DriftDecision.NotComputable(test, referenceCount, currentCount, fromProfiles
            ? $"{test.Name} cannot compare the profiles of '{Column.Name}'; give the datasets instead."
            : $"{test.Name} is not for a column such as '{Column.Name}', {Column.Type} × {Column.Width}.");
}
