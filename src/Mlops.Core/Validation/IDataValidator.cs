using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Checks datasets. Safe for concurrent use.</summary>
public interface IDataValidator
{
    /// <summary>Checks a dataset in one pass.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>What was found; data that violate constraints are a report, not an exception.</returns>
    /// <exception cref="DataFormatException">The data cannot be read.</exception>
    Task<DataValidationReport> ValidateAsync(IDataset dataset, CancellationToken cancellationToken = default);
}
