using Mlops.Data;

namespace Mlops.Validation;

/// <summary>What data must look like: their columns with types and constraints, and constraints of the whole. Immutable.</summary>
/// <example><code>
/// var schema = SchemaInference.Infer(await DatasetProfile.CreateAsync(good))
///     .Column("age").Required().Between(0, 120)
///     .Column("plan").In("basic", "pro").AsWarning()
///     .Column("churned").AbsentIn("serving")
///     .Schema.With(new RowCountChangeConstraint(0.5, 2));
/// await File.WriteAllBytesAsync("schema.json", schema.ToJson()); // to be reviewed and edited
/// </code></example>
public sealed class ValidationSchema
{
    /// <summary>The environments of a schema that names no others: <c>training</c> and <c>serving</c>.</summary>
    public static IReadOnlyList<string> DefaultEnvironments { get; } = ["training", "serving"];

    private readonly Dictionary<string, int> _ordinals;

    /// <summary>Creates a schema of columns without constraints.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="constraints">What must hold for the rows as a whole.</param>
    public ValidationSchema(DataSchema columns, params IEnumerable<DatasetConstraint> constraints)
        : this((columns ?? throw new ArgumentNullException(nameof(columns))).Select(column => new ColumnRules(column)), constraints)
    {
    }

    /// <summary>Creates a schema.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="constraints">What must hold for the rows as a whole.</param>
    /// <exception cref="ArgumentException">Two columns have the same name.</exception>
    public ValidationSchema(IEnumerable<ColumnRules> columns, params IEnumerable<DatasetConstraint> constraints)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(constraints);
        Columns = [.. columns];
        Constraints = [.. constraints];
        DataSchema = new DataSchema(Columns.Select(rules => rules.Column));
        _ordinals = Columns.Select((rules, i) => (rules.Column.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
    }

    /// <summary>Gets the columns, with what must hold for each.</summary>
    public IReadOnlyList<ColumnRules> Columns { get; }

    /// <summary>Gets the columns without what must hold for them.</summary>
    public DataSchema DataSchema { get; }

    /// <summary>Gets what must hold for the rows as a whole.</summary>
    public IReadOnlyList<DatasetConstraint> Constraints { get; }

    /// <summary>Gets the environments that the schema tells apart.</summary>
    /// <value>The default value is <see cref="DefaultEnvironments"/>.</value>
    public IReadOnlyList<string> Environments { get; private init; } = DefaultEnvironments;

    /// <summary>Gets how bad a column is that the schema does not know; <see langword="null"/> where it is no finding.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity? NewColumns { get; private init; } = ValidationSeverity.Warning;

    /// <summary>Gets the number of all constraints, those of columns included.</summary>
    public int ConstraintCount => Constraints.Count + Columns.Sum(column => column.Constraints.Count);

    /// <summary>Gets what must hold for a column.</summary>
    /// <param name="name">The column.</param>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public ColumnRules this[string name] => Columns[DataSchema.IndexOf(name)];

    /// <summary>Begins constraints on a column.</summary>
    /// <param name="name">The column.</param>
    /// <returns>The column, on which constraints are added; each gives a new schema.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public ColumnConstraints Column(string name)
    {
        _ = DataSchema.IndexOf(name);
        return new ColumnConstraints(this, name);
    }

    /// <summary>Adds a constraint on the rows as a whole, in the place of the one that asks the same, as severely and in the same environments.</summary>
    /// <param name="constraint">The constraint.</param>
    /// <returns>The schema with it.</returns>
    /// <exception cref="ArgumentException">The constraint cannot be met.</exception>
    public ValidationSchema With(DatasetConstraint constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        if (constraint.FindProblem() is { } problem) throw new ArgumentException($"The constraint cannot be met: {problem}.", nameof(constraint));
        return Copy(Columns, [.. Constraints.Where(before => !constraint.TakesPlaceOf(before)), constraint]);
    }

    /// <summary>Adds a column, or puts other rules in the place of those it has.</summary>
    /// <param name="rules">The column with its rules.</param>
    /// <returns>The schema with it.</returns>
    public ValidationSchema With(ColumnRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (!_ordinals.TryGetValue(rules.Column.Name, out var index)) return Copy([.. Columns, rules], Constraints);
        ColumnRules[] columns = [.. Columns];
        columns[index] = rules;
        return Copy(columns, Constraints);
    }

    /// <summary>Leaves out a column and its rules.</summary>
    /// <param name="name">The column.</param>
    /// <returns>The schema without it.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public ValidationSchema Without(string name)
    {
        var index = DataSchema.IndexOf(name);
        return Copy(Columns.Where((_, i) => i != index), Constraints);
    }

    /// <summary>Adds a test of rows.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="predicate">The test, which is given a batch and the row in it.</param>
    /// <param name="minimumRatio">The smallest share of the rows that must pass, 0..1.</param>
    /// <returns>The schema with it.</returns>
    public ValidationSchema Satisfying(string name, Func<DataBatch, int, bool> predicate, double minimumRatio = 1)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return With(new RowPredicateConstraint(name) { Predicate = predicate, MinimumRatio = minimumRatio });
    }

    /// <summary>Says how bad a column is that the schema does not know.</summary>
    /// <param name="severity">How bad; <see langword="null"/> where it is no finding.</param>
    /// <returns>The schema that says so.</returns>
    public ValidationSchema WithNewColumns(ValidationSeverity? severity) => new(Columns, Constraints) { Environments = Environments, NewColumns = severity };

    /// <summary>Names the environments that the schema tells apart.</summary>
    /// <param name="environments">The environments, instead of those before.</param>
    /// <returns>The schema with them.</returns>
    public ValidationSchema WithEnvironments(params IReadOnlyList<string> environments)
    {
        ArgumentNullException.ThrowIfNull(environments);
        return new(Columns, Constraints) { Environments = [.. environments], NewColumns = NewColumns };
    }

    /// <summary>Finds what in the schema no data can meet: ranges that do not overlap, sets without a value in the range, columns that are compared but not there.</summary>
    /// <returns>The contradictions, each in one sentence that names the column.</returns>
    public IReadOnlyList<string> FindContradictions() => SchemaContradictions.Find(this);

    /// <summary>Writes the schema as JSON, for people to read and edit. What has its default is left out.</summary>
    /// <returns>Indented UTF-8 JSON that <see cref="FromJson"/> reads back.</returns>
    public byte[] ToJson() => ValidationSchemaDocument.Write(this);

    /// <summary>Reads a schema from JSON, in which comments and trailing commas are allowed.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote, perhaps edited.</param>
    /// <param name="source">What the JSON is called in errors: the name of its file.</param>
    /// <returns>The schema.</returns>
    /// <exception cref="DataFormatException">The JSON is not a schema; the message names line and place, and the word that was probably meant.</exception>
    public static ValidationSchema FromJson(ReadOnlySpan<byte> json, string source = "schema") => ValidationSchemaDocument.Read(json, source);

    /// <summary>Describes the schema in one line.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{Columns.Count} columns, {ConstraintCount} constraints";

    private ValidationSchema Copy(IEnumerable<ColumnRules> columns, IEnumerable<DatasetConstraint> constraints)
        => new(columns, constraints) { Environments = Environments, NewColumns = NewColumns };
}
