using Mlops.Data;
using Mlops.Models;

namespace Mlops.Validation;

/// <summary>Checks that are carried out together, in one pass over each dataset. Immutable, safe for concurrent use.</summary>
/// <example><code>
/// var suite = ValidationSuite.DataIntegrity().With(new DuplicateRowsCheck { MaximumRatio = 0.01 });
/// var report = await suite.RunAsync(train);
/// return report.ExitCode;
/// </code></example>
public sealed partial class ValidationSuite
{
    /// <summary>Creates a suite.</summary>
    /// <param name="name">Its name, for reports.</param>
    /// <param name="checks">The checks.</param>
    /// <exception cref="ArgumentException">Two checks have the same name.</exception>
    public ValidationSuite(string name, params IEnumerable<IValidationCheck> checks)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(checks);
        Name = name;
        Checks = [.. checks];
        if (Checks.GroupBy(check => check.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"Two checks are named '{twice.Key}'; give each a name of its own.", nameof(checks));
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets the checks, in the order of the report.</summary>
    public IReadOnlyList<IValidationCheck> Checks { get; }

    /// <summary>Gets the clock by which the durations of checks are measured.</summary>
    /// <value>The default value is <see cref="TimeProvider.System"/>.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Adds a check, or puts it in the place of the one of its name.</summary>
    /// <param name="check">The check.</param>
    /// <returns>The suite with it.</returns>
    public ValidationSuite With(IValidationCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return Checks.Any(known => known.Name == check.Name)
            ? Of(Checks.Select(known => known.Name == check.Name ? check : known))
            : Of(Checks.Append(check));
    }

    /// <summary>Leaves out a check.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The suite without it.</returns>
    /// <exception cref="EntityNotFoundException">The suite has no such check.</exception>
    public ValidationSuite Without(string name)
    {
        if (Checks.All(check => check.Name != name))
            throw new EntityNotFoundException("check", name, $"The suite {Name} has no check '{name}'. Its checks are: {string.Join(", ", Checks.Select(check => check.Name))}.");
        return Of(Checks.Where(check => check.Name != name));
    }

    /// <summary>Checks one dataset.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Cancels the checks.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="DataFormatException">The data cannot be read.</exception>
    public Task<ValidationSuiteReport> RunAsync(IDataset dataset, CancellationToken cancellationToken = default)
        => RunAsync(new ValidationSubject(dataset), cancellationToken);

    /// <summary>Checks a training and a test set, and a model where there is one.</summary>
    /// <param name="train">The training set.</param>
    /// <param name="test">The test set.</param>
    /// <param name="predictor">The model; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels the checks.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="DataFormatException">The data cannot be read.</exception>
    public Task<ValidationSuiteReport> RunAsync(IDataset train, IDataset test, IPredictor? predictor = null, CancellationToken cancellationToken = default)
        => RunAsync(new ValidationSubject(train) { Test = test, Predictor = predictor }, cancellationToken);

    /// <summary>Checks data, and a model where there is one.</summary>
    /// <remarks>A check that fails with an exception is reported as <see cref="CheckStatus.Error"/>, and the others go on. Data that cannot be read end the run.</remarks>
    /// <param name="subject">What is checked.</param>
    /// <param name="cancellationToken">Cancels the checks.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="DataFormatException">The data cannot be read.</exception>
    public async Task<ValidationSuiteReport> RunAsync(ValidationSubject subject, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        var (results, datasets) = await new SuiteScan(subject, Checks, TimeProvider).RunAsync(cancellationToken).ConfigureAwait(false);
        return new ValidationSuiteReport(Name, results) { Datasets = datasets };
    }

    private ValidationSuite Of(IEnumerable<IValidationCheck> checks) => new(Name, checks) { TimeProvider = TimeProvider };
}
