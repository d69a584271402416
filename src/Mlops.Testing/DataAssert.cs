using Mlops.Data;
using Mlops.Models;
using Mlops.Validation;
using Xunit.Sdk;

namespace Mlops.Testing;

/// <summary>Asserts on data and models in tests of xunit.v3, so that a build fails when they are not as expected.</summary>
/// <remarks>A failed assertion shows the report: the conditions and constraints that are not met. Reports hold no values of the data, unless a check was told to show some.</remarks>
/// <example><code>
/// [Fact]
/// public async Task Train_IsSound() =&gt; await DataAssert.IsSoundAsync(await CsvDataset.OpenAsync("train.csv"));
/// </code></example>
public static class DataAssert
{
    /// <summary>Asserts that no check of a suite failed, and that all could be carried out.</summary>
    /// <param name="report">What the checks found.</param>
    /// <param name="allowsWarnings">Whether warnings are allowed; otherwise they are failures.</param>
    /// <returns>The report, for more assertions.</returns>
    /// <exception cref="XunitException">A check failed, or could not be carried out.</exception>
    public static ValidationSuiteReport Passes(ValidationSuiteReport report, bool allowsWarnings = true)
    {
        ArgumentNullException.ThrowIfNull(report);
        var judged = allowsWarnings ? report : report.CountWarningsAsFailures();
        if (judged.ExitCode != 0) throw Failed(nameof(Passes), judged.ToString());
        return report;
    }

    /// <summary>Asserts that data satisfy their schema.</summary>
    /// <param name="report">What their validation found.</param>
    /// <param name="allowsWarnings">Whether warnings are allowed; otherwise they are failures.</param>
    /// <returns>The report, for more assertions.</returns>
    /// <exception cref="XunitException">A constraint is violated.</exception>
    public static DataValidationReport Passes(DataValidationReport report, bool allowsWarnings = true)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (report.Verdict == ValidationVerdict.Fail || (report.Verdict == ValidationVerdict.Warn && !allowsWarnings)) throw Failed(nameof(Passes), report.ToString());
        return report;
    }

    /// <summary>Asserts that a dataset satisfies a schema.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="schema">What it must look like.</param>
    /// <param name="options">The environment, and what the schema refers to by name: keys, profiles and tests; <see langword="null"/> for none.</param>
    /// <param name="allowsWarnings">Whether warnings are allowed; otherwise they are failures.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="XunitException">A constraint is violated.</exception>
    public static async Task<DataValidationReport> PassesAsync(IDataset dataset, ValidationSchema schema, DataValidationOptions? options = null, bool allowsWarnings = true, CancellationToken cancellationToken = default)
        => Passes(await new DataValidator(schema, options).ValidateAsync(dataset, cancellationToken), allowsWarnings);

    /// <summary>Asserts that a dataset passes the checks of a suite.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="allowsWarnings">Whether warnings are allowed; otherwise they are failures.</param>
    /// <param name="cancellationToken">Cancels the checks.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="XunitException">A check failed, or could not be carried out.</exception>
    public static async Task<ValidationSuiteReport> PassesAsync(ValidationSuite suite, IDataset dataset, bool allowsWarnings = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(suite);
        return Passes(await suite.RunAsync(dataset, cancellationToken), allowsWarnings);
    }

    /// <summary>Asserts that a training and a test set, and a model where there is one, pass the checks of a suite.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="train">The training set.</param>
    /// <param name="test">The test set.</param>
    /// <param name="predictor">The model; <see langword="null"/> for none.</param>
    /// <param name="allowsWarnings">Whether warnings are allowed; otherwise they are failures.</param>
    /// <param name="cancellationToken">Cancels the checks.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="XunitException">A check failed, or could not be carried out.</exception>
    public static async Task<ValidationSuiteReport> PassesAsync(
        ValidationSuite suite, IDataset train, IDataset test, IPredictor? predictor = null, bool allowsWarnings = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(suite);
        return Passes(await suite.RunAsync(train, test, predictor, cancellationToken), allowsWarnings);
    }

    /// <summary>Asserts that a dataset is sound by itself: <see cref="ValidationSuite.DataIntegrity"/> with its default limits.</summary>
    /// <param name="dataset">The dataset; give its columns their roles first.</param>
    /// <param name="allowsWarnings">Whether warnings are allowed; otherwise they are failures.</param>
    /// <param name="cancellationToken">Cancels the checks.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="XunitException">A check failed, or could not be carried out.</exception>
    public static Task<ValidationSuiteReport> IsSoundAsync(IDataset dataset, bool allowsWarnings = true, CancellationToken cancellationToken = default)
        => PassesAsync(ValidationSuite.DataIntegrity(), dataset, allowsWarnings, cancellationToken);

    private static XunitException Failed(string assertion, string report) => new($"{nameof(DataAssert)}.{assertion}() failure:\n{report}");
}
