namespace Mlops.Training;

/// <summary>What is done with some columns. Immutable.</summary>
public sealed class PreprocessingRule
{
    private PreprocessingRule(IEnumerable<string> columns, ColumnKind? kind, IEnumerable<PreprocessingStep> steps, bool isDropped = false)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(steps);
        Columns = columns.ToArray().AsReadOnly();
        Steps = steps.ToArray().AsReadOnly();
        Kind = kind;
        IsDropped = isDropped;
        if (kind is null && Columns.Count == 0) throw new ArgumentException("A rule needs at least one column.", nameof(columns));
        foreach (var column in Columns) ArgumentException.ThrowIfNullOrEmpty(column, nameof(columns));
        foreach (var step in Steps)
        {
            ArgumentNullException.ThrowIfNull(step, nameof(steps));
            step.Check();
        }

        StepOrder.Check(Columns, kind, Steps);
    }

    /// <summary>Gets the columns that are meant by name; empty where all of a kind are meant.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Gets the kind of columns that is meant: those that no rule by name takes; <see langword="null"/> where columns are meant by name.</summary>
    public ColumnKind? Kind { get; }

    /// <summary>Gets whether the columns are left out.</summary>
    public bool IsDropped { get; }

    /// <summary>Gets what is done with each of the columns, in order. Without a step a number is a feature as it is; a text or a date needs one.</summary>
    public IReadOnlyList<PreprocessingStep> Steps { get; }

    /// <summary>Says what is done with columns of these names, all of one kind.</summary>
    /// <param name="columns">The names.</param>
    /// <param name="steps">What is done, in order.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException">There is no column, a step's parameter is out of its range, or a step cannot follow the one before it.</exception>
    public static PreprocessingRule For(IEnumerable<string> columns, params IEnumerable<PreprocessingStep> steps) => new(columns, null, steps);

    /// <summary>Says what is done with a column.</summary>
    /// <param name="column">The name.</param>
    /// <param name="steps">What is done, in order.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException">A step's parameter is out of its range, or a step cannot take what it is given.</exception>
    public static PreprocessingRule For(string column, params IEnumerable<PreprocessingStep> steps) => new([column], null, steps);

    /// <summary>Says what is done with all numbers and booleans that no other rule takes.</summary>
    /// <param name="steps">What is done, in order.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException">A step's parameter is out of its range, or a step cannot take what it is given.</exception>
    public static PreprocessingRule Numbers(params IEnumerable<PreprocessingStep> steps) => new([], ColumnKind.Number, steps);

    /// <summary>Says what is done with all texts that no other rule takes.</summary>
    /// <param name="steps">What is done, in order.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException">A step's parameter is out of its range, or a step cannot take what it is given.</exception>
    public static PreprocessingRule Texts(params IEnumerable<PreprocessingStep> steps) => new([], ColumnKind.Text, steps);

    /// <summary>Says what is done with all dates that no other rule takes, those of the role Time too.</summary>
    /// <param name="steps">What is done, in order.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException">A step's parameter is out of its range, or a step cannot take what it is given.</exception>
    public static PreprocessingRule Dates(params IEnumerable<PreprocessingStep> steps) => new([], ColumnKind.Date, steps);

    /// <summary>Says what is done with all timestamps that no other rule takes, those of the role Time too.</summary>
    /// <param name="steps">What is done, in order.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException">A step's parameter is out of its range, or a step cannot take what it is given.</exception>
    public static PreprocessingRule Timestamps(params IEnumerable<PreprocessingStep> steps) => new([], ColumnKind.Timestamp, steps);

    /// <summary>Leaves columns out.</summary>
    /// <param name="columns">The names.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException">There is no column.</exception>
    public static PreprocessingRule Drop(params IEnumerable<string> columns) => new(columns, null, [], isDropped: true);

    /// <summary>Describes the rule in one line, in the invariant culture: <c>age, income: impute(median) → robust(0.25, 0.75)</c>.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
    {
        var columns = Kind switch
        {
            ColumnKind.Number => "numbers",
            ColumnKind.Text => "texts",
            ColumnKind.Date => "dates",
            ColumnKind.Timestamp => "timestamps",
            _ => string.Join(", ", Columns),
        };
        return $"{columns}: {(IsDropped ? "drop" : Steps.Count == 0 ? "as is" : string.Join(" → ", Steps))}";
    }
}
