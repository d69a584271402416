namespace Mlops.Validation;

/// <summary>Adds constraints on a column; each call gives a new schema, on which the next one goes on.</summary>
/// <param name="schema">The schema so far.</param>
/// <param name="column">The column.</param>
public sealed class ColumnConstraints(ValidationSchema schema, string column)
{
    /// <summary>Gets the schema with the constraints that were added.</summary>
    public ValidationSchema Schema { get; } = schema;

    /// <summary>Every row must have a value, or a share of them.</summary>
    /// <param name="minimumRatio">The smallest share, 0..1.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Required(double minimumRatio = 1) => With(new CompletenessConstraint(column, minimumRatio));

    /// <summary>Values must lie within a range, ends included.</summary>
    /// <param name="minimum">The smallest value.</param>
    /// <param name="maximum">The largest value.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Between(double minimum, double maximum)
    {
        if (!(minimum <= maximum)) throw new ArgumentException($"The range of '{column}' is empty: its minimum is above its maximum.", nameof(minimum));
        return With(new RangeConstraint(column, minimum, maximum));
    }

    /// <summary>Values must be of a set.</summary>
    /// <param name="values">The set.</param>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints In(params IReadOnlyList<string> values) => With(new SetConstraint(column, values));

    /// <summary>Numbers must be finite.</summary>
    /// <returns>The column, for more constraints.</returns>
    public ColumnConstraints Finite() => With(new FiniteConstraint(column));

    /// <summary>Goes on with another column.</summary>
    /// <param name="name">The column.</param>
    /// <returns>The other column.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public ColumnConstraints Column(string name) => Schema.Column(name);

    private ColumnConstraints With(Constraint constraint) => new(Schema.With(constraint), column);
}
