using Mlops.Data;

namespace Mlops.Validation;

/// <summary>What the first half of the rows shows, and the constraints that it suggests.</summary>
internal sealed class SuggestionEvidence
{
    private readonly ConstraintSuggestionOptions _options;
    private readonly RowHalves _halves;
    private readonly ColumnEvidence[] _columns;
    private readonly ComparisonEvidence _comparisons;
    private readonly ColumnView _view = new();
    private long _rows;

    public SuggestionEvidence(DataSchema schema, ConstraintSuggestionOptions options)
    {
        (_options, _halves) = (options, new RowHalves(options.Seed));
        _columns = [.. schema.Select(column => new ColumnEvidence(column))];
        _comparisons = new ComparisonEvidence(schema, options.MaxComparedPairs);
    }

    /// <summary>Adds rows, of both halves.</summary>
    public void Add(DataBatch batch)
    {
        _halves.Show(batch);
        for (var i = 0; i < _columns.Length; i++) _columns[i].Order?.Add(batch[i], _halves.IsFirst);
        var half = _halves.Take(batch, first: true);
        if (half.RowCount == 0) return;
        for (var i = 0; i < _columns.Length; i++)
        {
            _view.Show(half, i, _rows);
            _columns[i].Add(_view);
        }

        _comparisons.Add(half);
        _rows += half.RowCount;
    }

    /// <summary>Gets the constraints, in the order of the columns; those on the dataset last.</summary>
    public IReadOnlyList<ConstraintSuggestion> Suggest()
    {
        var comparisons = _comparisons.Find(2 * _options.MinimumRows).ToLookup(found => found.Column, StringComparer.Ordinal);
        var suggestions = new List<ConstraintSuggestion>();
        foreach (var column in _columns)
        {
            suggestions.AddRange(ValueRules.Suggest(column, _options));
            suggestions.AddRange(NumberRules.Suggest(column, _options));
            suggestions.AddRange(IdentityRules.Suggest(column, _options));
            foreach (var (name, constraint, rows) in comparisons[column.Column.Name])
                suggestions.Add(new(name, constraint, "every row has it so, although values of different rows often compare otherwise") { SupportCount = rows });
        }

        if (_rows >= _options.MinimumRows)
            suggestions.Add(new(null, new RowCountConstraint(_rows / 2) { Severity = ValidationSeverity.Warning }, "half of the rows of one half") { SupportCount = _rows });
        return suggestions;
    }
}
