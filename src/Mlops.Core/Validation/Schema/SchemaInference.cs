using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Draws a schema around data that are known to be good.</summary>
public static class SchemaInference
{
    /// <summary>Infers a schema from a profile. The data of the profile have no findings by it.</summary>
    /// <remarks>
    /// <para>Each column must be there with its type, and so complete as it was: fully where nothing was missing, else by the lower end of Wilson's 95 % interval.</para>
    /// <para>Numbers get a range with a margin (<see cref="SchemaInferenceOptions.RangeMarginRatio"/>) and must be finite; where they were not, neither. Dates and timestamps
    /// get no range, since time goes on. Texts get the set of their values where these are few and repeat, else bounds of their lengths. Keys and groups get neither: the next rows have others.</para>
    /// <para>Columns of the roles Label and Weight are absent while serving.</para>
    /// </remarks>
    /// <param name="profile">What the data look like.</param>
    /// <param name="options">How tightly the schema is drawn; the defaults when <see langword="null"/>.</param>
    /// <returns>The schema, to be reviewed and edited.</returns>
    public static ValidationSchema Infer(DatasetProfile profile, SchemaInferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(profile);
        options ??= new SchemaInferenceOptions();
        options.Check();
        return new ValidationSchema(
            [
                .. profile.Columns.Select(column => RulesOf(new ColumnSchema(column.Name, column.Type, column.Role), GetConstraints(column, options))),
                .. profile.Vectors.Select(column => RulesOf(new ColumnSchema(column.Name, column.Type, column.Role) { Width = column.Width }, GetConstraints(column))),
            ],
            profile.RowCount > 0 ? [new RowCountConstraint(1)] : []);
    }

    /// <summary>Describes a dataset in one pass and infers a schema from that.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="options">How tightly the schema is drawn; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The schema, to be reviewed and edited.</returns>
    public static async Task<ValidationSchema> InferAsync(IDataset dataset, SchemaInferenceOptions? options = null, CancellationToken cancellationToken = default)
        => Infer(await DatasetProfile.CreateAsync(dataset, cancellationToken).ConfigureAwait(false), options);

    private static ColumnRules RulesOf(ColumnSchema column, IReadOnlyList<ColumnConstraint> constraints) => new(column, constraints)
    {
        AbsentIn = column.Role is ColumnRole.Label or ColumnRole.Weight ? ["serving"] : [],
    };

    private static List<ColumnConstraint> GetConstraints(ColumnProfile column, SchemaInferenceOptions options)
    {
        var constraints = new List<ColumnConstraint>();
        if (column.RowCount == column.MissingCount) return constraints;
        constraints.Add(new CompletenessConstraint(GetMinimumCompleteness(column.RowCount, column.MissingCount)));
        // Keys and groups go on: the next rows have others.
        if (column.Role is ColumnRole.Key or ColumnRole.Group) return constraints;
        if (column is { Moments: { } moments, Type: not (ElementType.Date or ElementType.Timestamp) } && double.IsFinite(moments.Minimum) && double.IsFinite(moments.Maximum))
        {
            // A missing value may have been a NaN, which is not finite.
            if (column.Type.IsFloatingPoint() && column.MissingCount == 0) constraints.Add(new FiniteConstraint());
            // Of a constant nobody can tell which other values would be right.
            if (moments.Minimum < moments.Maximum) constraints.Add(GetRange(moments, options.RangeMarginRatio, !column.Type.IsFloatingPoint()));
        }

        if (column.Values is { IsExact: true } values && values.DistinctCount <= options.MaxSetSize && IsClosed(column, values))
            constraints.Add(new SetConstraint([.. values.GetOrdered().Select(pair => pair.Key).Order(StringComparer.Ordinal)]));
        else if (column.Texts is { Lengths: { } lengths })
            constraints.Add(GetLengths(lengths, options.RangeMarginRatio));
        return constraints;
    }

    /// <summary>Tells whether values repeat so that more data will hardly bring others: of a truth value both, of texts at most a tenth that occur once.</summary>
    private static bool IsClosed(ColumnProfile column, ValueCounts values) => column.Type == ElementType.Boolean
        ? values.DistinctCount == 2
        : values.GetOrdered().Count(pair => pair.Value == 1) * 10 <= values.DistinctCount;

    private static List<ColumnConstraint> GetConstraints(VectorProfile column)
    {
        var constraints = new List<ColumnConstraint>();
        if (column.RowCount == column.MissingCount) return constraints;
        constraints.Add(new CompletenessConstraint(GetMinimumCompleteness(column.RowCount, column.MissingCount)));
        if (column.MissingCount == 0 && column.Type.IsFloatingPoint()) constraints.Add(new FiniteConstraint());
        return constraints;
    }

    /// <summary>The range, widened; not beyond zero where the data touch it, or count from one, because counts and rates do not fall below it.</summary>
    private static RangeConstraint GetRange(MomentsSketch moments, double marginRatio, bool isWhole)
    {
        var margin = (moments.Maximum - moments.Minimum) * marginRatio;
        // Not wherever all are positive: temperatures are so in a warm year.
        var isCount = moments.Minimum == 0 || (isWhole && moments.Minimum == 1);
        var (minimum, maximum) = (isCount ? 0 : moments.Minimum - margin, moments.Maximum == 0 ? 0 : moments.Maximum + margin);
        if (isWhole) (minimum, maximum) = (Math.Floor(minimum), Math.Ceiling(maximum));
        // Numbers near the end of their range have no room for a margin.
        return new RangeConstraint(double.IsFinite(minimum) ? minimum : null, double.IsFinite(maximum) ? maximum : double.MaxValue);
    }

    /// <summary>The lengths, widened; codes that all have one length keep it.</summary>
    private static LengthConstraint GetLengths(MomentsSketch lengths, double marginRatio)
    {
        var margin = (lengths.Maximum - lengths.Minimum) * marginRatio;
        return new LengthConstraint((int)Math.Max(0, Math.Floor(lengths.Minimum - margin)), (int)Math.Min(int.MaxValue, Math.Ceiling(lengths.Maximum + margin)));
    }

    /// <summary>The lower end of Wilson's 95 % interval where values are missing; everything where none is.</summary>
    private static double GetMinimumCompleteness(long rows, long missing)
    {
        if (missing == 0) return 1;
        const double Z = 1.96;
        double n = rows, p = 1 - (missing / n);
        var centre = p + (Z * Z / (2 * n));
        var half = Z * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n)));
        return Math.Max(0, Math.Floor((centre - half) / (1 + (Z * Z / n)) * 1000) / 1000);
    }
}
