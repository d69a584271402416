using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks data against a schema: all constraints in one pass. Safe for concurrent use.</summary>
/// <remarks>
/// <para>Columns are found by name. Whole numbers may stand where numbers are expected. A column that is missing or of another type is an error, and its constraints are skipped.</para>
/// <para>Memory does not grow with the rows, but for constraints that tell values apart: uniqueness, numbers of different values, keys.</para>
/// </remarks>
/// <example><code>
/// var validator = new DataValidator(schema, new DataValidationOptions { Environment = "serving", Profiles = { ["previous"] = lastWeek } });
/// (await validator.ValidateAsync(data)).EnsureValid();
/// DataValidationReport report = validator.Validate(batch); // rows at hand, as in a request
/// </code></example>
public sealed class DataValidator : IDataValidator
{
    private readonly ValidationPlan _plan;

    /// <summary>Creates a validator.</summary>
    /// <param name="schema">What the data must look like.</param>
    /// <param name="options">What they are checked with; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">No data can meet the schema; it names keys or tests that are not there; or there is no such environment.</exception>
    public DataValidator(ValidationSchema schema, DataValidationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        options ??= new DataValidationOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(options.RowsShown, nameof(options));
        if (schema.FindContradictions() is { Count: > 0 } contradictions)
            throw new ArgumentException($"No data can meet the schema: {string.Join("; ", contradictions)}.", nameof(schema));
        if (options.Environment is { } environment && !schema.Environments.Contains(environment, StringComparer.Ordinal))
            throw new ArgumentException($"The schema has no environment '{environment}'; it has {string.Join(", ", schema.Environments)}.", nameof(options));
        _plan = new ValidationPlan(schema, options);
    }

    /// <inheritdoc/>
    public async Task<DataValidationReport> ValidateAsync(IDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var validation = Begin(dataset.Name, dataset.Schema);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) validation.Add(batch);
        return validation.Finish();
    }

    /// <summary>Checks rows at hand, as a request brings them.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="name">What they are called in the report.</param>
    /// <returns>What was found.</returns>
    public DataValidationReport Validate(DataBatch rows, string name = "rows")
    {
        ArgumentNullException.ThrowIfNull(rows);
        var validation = Begin(name, rows.Schema);
        validation.Add(rows);
        return validation.Finish();
    }

    /// <summary>Begins to check rows that somebody else reads, so that one pass can serve a profile and a fingerprint too.</summary>
    /// <param name="name">The name of the dataset, for the report.</param>
    /// <param name="schema">The columns of the rows.</param>
    /// <returns>What the rows are added to.</returns>
    public DataValidation Begin(string name, DataSchema schema)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(schema);
        return new DataValidation(name, _plan, schema);
    }
}
