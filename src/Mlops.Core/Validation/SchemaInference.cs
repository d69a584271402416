using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Draws a schema around data that are known to be good.</summary>
public static class SchemaInference
{
    /// <summary>Infers a schema: types, completeness, ranges of numbers, sets of texts. The data it is inferred from has no findings.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="profile">What the data look like.</param>
    /// <param name="options">How tightly the schema is drawn.</param>
    /// <returns>The schema, to be reviewed and edited.</returns>
    public static ValidationSchema Infer(DataSchema schema, DatasetProfile profile, SchemaInferenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(profile);
        options ??= new SchemaInferenceOptions();
        var constraints = new List<Constraint> { new RowCountConstraint(1) };
        foreach (var column in profile.Columns) AddConstraints(constraints, column, options);
        return new ValidationSchema(schema, constraints);
    }

    private static void AddConstraints(List<Constraint> constraints, ColumnProfile column, SchemaInferenceOptions options)
    {
        if (column.RowCount == column.MissingCount) return;
        constraints.Add(new CompletenessConstraint(column.Name, MinimumCompleteness(column)));
        // Time goes on: a range of dates would refuse tomorrow's data.
        if (column is { Moments: { } moments, Type: not (ElementType.Date or ElementType.Timestamp) })
        {
            if (!double.IsFinite(moments.Minimum) || !double.IsFinite(moments.Maximum)) return;
            constraints.Add(new FiniteConstraint(column.Name));
            if (moments.Minimum == moments.Maximum) return;
            constraints.Add(RangeAround(column.Name, moments, options.RangeMarginRatio));
        }

        if (column.Values is { IsExact: true } values && values.DistinctCount <= options.MaxSetSize)
            constraints.Add(new SetConstraint(column.Name, [.. values.GetOrdered().Select(pair => pair.Key).Order(StringComparer.Ordinal)]));
    }

    /// <summary>The range, widened; zero stays a bound where the data touch it, because counts and rates do not fall below it.</summary>
    private static RangeConstraint RangeAround(string column, MomentsSketch moments, double marginRatio)
    {
        var margin = (moments.Maximum - moments.Minimum) * marginRatio;
        var minimum = moments.Minimum - margin;
        if (moments.Minimum == 0) minimum = 0;
        return new RangeConstraint(column, minimum, moments.Maximum + margin);
    }

    /// <summary>The lower end of Wilson's 95 % interval where values are missing; everything where none is.</summary>
    private static double MinimumCompleteness(ColumnProfile column)
    {
        if (column.MissingCount == 0) return 1;
        const double Z = 1.96;
        double n = column.RowCount, p = column.CompletenessRatio;
        var centre = p + (Z * Z / (2 * n));
        var half = Z * Math.Sqrt((p * (1 - p) / n) + (Z * Z / (4 * n * n)));
        return Math.Max(0, Math.Floor((centre - half) / (1 + (Z * Z / n)) * 1000) / 1000);
    }
}
