using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Suggests constraints from data: one half of the rows suggests them, the other half judges them.</summary>
/// <remarks>
/// <para>Rows are put into halves by a hash of seed and row number. The data are read twice; memory does not grow with the rows, but for columns whose values mostly differ (26 bytes a value, texts 49).</para>
/// <para>Suggested are: completeness, finite numbers, ranges, sets, sets with a minimum share, lengths and forms of texts, uniqueness, numbers of different values, order, comparisons of two columns,
/// bounds of mean, standard deviation and quantiles, and the number of rows. Constraints on figures of all values are warnings, since such a figure of few rows varies more.
/// Nothing is suggested for a column that has too few values (<see cref="ConstraintSuggestionOptions.MinimumRows"/>), of a constant number no range.</para>
/// <para>The limits leave room for what chance makes of another half: intervals of 99.9 %, by Student's t for means, by χ² with Box's correction for deviations (neither where a few values
/// decide), by ranks for quantiles; a generalised Pareto law of the largest values for ranges; counts of rare values for sets. Pairs of columns are compared only where values of
/// different rows do not compare so.</para>
/// <para>Source of the rules: S. Schelter et al., "Automating large-scale data quality verification", PVLDB 11(12), 2018.</para>
/// </remarks>
/// <example><code>
/// var suggestions = await ConstraintSuggester.SuggestAsync(data, new ConstraintSuggestionOptions { Seed = 1 });
/// foreach (var suggestion in suggestions) Console.WriteLine(suggestion);
/// ValidationSchema schema = suggestions.ApplyTo(await SchemaInference.InferAsync(data));
/// </code></example>
public static class ConstraintSuggester
{
    /// <summary>Suggests constraints.</summary>
    /// <param name="dataset">The data, which are read twice.</param>
    /// <param name="options">How constraints are suggested; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The suggestions that held on the second half, or all (<see cref="ConstraintSuggestionOptions.IncludeViolated"/>), in the order of the columns; those on the dataset come last.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static async Task<IReadOnlyList<ConstraintSuggestion>> SuggestAsync(IDataset dataset, ConstraintSuggestionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        options ??= new ConstraintSuggestionOptions();
        options.Check();
        var evidence = new SuggestionEvidence(dataset.Schema, options);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) evidence.Add(batch);
        var suggestions = evidence.Suggest();
        if (suggestions.Count == 0) return suggestions;
        var trial = new SuggestionTrial(dataset, suggestions, options.Seed);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) trial.Add(batch);
        return [.. trial.Finish().Where(suggestion => suggestion.Held || options.IncludeViolated)];
    }
}
