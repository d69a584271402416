using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A check that looks at one dataset, without a model. Immutable, safe for concurrent use.</summary>
/// <remarks>It says nothing of the values of the data: its findings name columns, counts and shares.</remarks>
public abstract class DataIntegrityCheck : IValidationCheck
{
    private readonly string _name;

    private protected DataIntegrityCheck(string name, ValidationSeverity severity)
    {
        _name = name;
        Severity = severity;
    }

    /// <inheritdoc/>
    /// <value>The name of the kind of check; for the test set with <c>_test</c> after it, so that a suite can have both.</value>
    public string Name => Part == DatasetPart.Train ? _name : $"{_name}_test";

    /// <inheritdoc/>
    public abstract string Description { get; }

    /// <inheritdoc/>
    public ValidationSeverity Severity { get; init; }

    /// <summary>Gets which dataset the check looks at.</summary>
    /// <value>The default value is <see cref="DatasetPart.Train"/>: the training set, or the only dataset.</value>
    public DatasetPart Part { get; init; } = DatasetPart.Train;

    /// <summary>Gets the names of the columns that the check passes over, besides those of role <see cref="ColumnRole.Ignored"/>.</summary>
    /// <value>By default there is none.</value>
    public IReadOnlyList<string> IgnoredColumns { get; init; } = [];

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var dataset = Part == DatasetPart.Train ? subject.Train : subject.Test;
        return dataset is null ? "There is no test set." : FindObstacle(dataset.Schema);
    }

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var schema = (Part == DatasetPart.Train ? context.Subject.Train : context.Subject.Test!).Schema;
        foreach (var name in IgnoredColumns) schema.IndexOf(name); // A name that is mistyped must not pass unnoticed.
        return Begin(context, schema);
    }

    private protected virtual string? FindObstacle(DataSchema schema) => null;

    private protected abstract DataIntegrityScan Begin(CheckContext context, DataSchema schema);

    /// <summary>Finds the columns to look at.</summary>
    internal int[] ColumnsOf(DataSchema schema, Func<ColumnSchema, bool>? predicate = null) =>
        [.. Enumerable.Range(0, schema.Count).Where(i => schema[i].Role != ColumnRole.Ignored && !IgnoredColumns.Contains(schema[i].Name) && (predicate is null || predicate(schema[i])))];

    /// <summary>Tells what it means that something is as expected, or is not.</summary>
    internal CheckStatus Judge(bool isMet) => CheckCondition.StatusOf(isMet, Severity);

    internal static bool IsText(ColumnSchema column) => column.Type == ElementType.String;
}
