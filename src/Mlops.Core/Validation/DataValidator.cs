using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks datasets against a schema: all constraints in one scan.</summary>
/// <remarks>
/// Columns are found by name. A column that is not in the schema is a warning; a missing one is an error, and its constraints are skipped.
/// Whole numbers may stand where numbers are expected.
/// </remarks>
/// <param name="schema">What the data must look like.</param>
public sealed class DataValidator(ValidationSchema schema) : IDataValidator
{
    private readonly ValidationSchema _schema = schema ?? throw new ArgumentNullException(nameof(schema));

    /// <inheritdoc/>
    public async Task<DataValidationReport> ValidateAsync(IDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var validation = Begin(dataset.Name, dataset.Schema);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) validation.Add(batch);
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
        return new DataValidation(name, _schema, schema);
    }
}
