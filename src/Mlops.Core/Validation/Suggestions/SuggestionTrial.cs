using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Judges suggestions by the second half of the rows, in one pass.</summary>
/// <remarks>
/// Order and uniqueness are judged by all rows, since the row before, or the one with the same value, may be in the first half. There is no violation within the first half; what is
/// found is due to the second.
/// </remarks>
internal sealed class SuggestionTrial
{
    private readonly IReadOnlyList<ConstraintSuggestion> _suggestions;
    private readonly Constraint[] _judged;
    private readonly RowHalves _halves;
    private readonly DataValidation _second;
    private readonly DataValidation _all;
    private long _rows;

    public SuggestionTrial(IDataset dataset, IReadOnlyList<ConstraintSuggestion> suggestions, ulong seed)
    {
        (_suggestions, _halves) = (suggestions, new RowHalves(seed));
        _judged = [.. suggestions.Select(suggestion => MakeStrict(suggestion.Constraint))];
        _second = Begin(dataset, ofAllRows: false);
        _all = Begin(dataset, ofAllRows: true);
    }

    /// <summary>Adds rows, of both halves.</summary>
    public void Add(DataBatch batch)
    {
        _halves.Show(batch);
        _all.Add(batch);
        var half = _halves.Take(batch, first: false);
        if (half.RowCount == 0) return;
        _second.Add(half);
        _rows += half.RowCount;
    }

    /// <summary>Ends the trial.</summary>
    public IReadOnlyList<ConstraintSuggestion> Finish()
    {
        var findings = new Dictionary<Constraint, ValidationFinding>(ReferenceEqualityComparer.Instance);
        foreach (var finding in _second.Finish().Findings.Concat(_all.Finish().Findings))
        {
            if (finding.Constraint is not null) findings[finding.Constraint] = finding;
        }

        return [.. _suggestions.Select((suggestion, i) => Judge(suggestion, findings.GetValueOrDefault(_judged[i])))];
    }

    private ConstraintSuggestion Judge(ConstraintSuggestion suggestion, ValidationFinding? finding) => finding is null
        ? suggestion with { HeldOutRowCount = _rows, Held = true }
        : suggestion with
        {
            HeldOutRowCount = _rows,
            Held = suggestion.Constraint switch
            {
                ValueConstraint value => finding.JudgedCount - finding.ViolationCount >= value.MinimumRatio * finding.JudgedCount,
                CompletenessConstraint complete => finding.JudgedCount - finding.ViolationCount >= complete.MinimumRatio * finding.JudgedCount,
                _ => false,
            },
            ViolationCount = finding.ViolationCount,
            ViolationRatio = finding.ViolationRatio,
            Measured = finding.Measured,
        };

    private DataValidation Begin(IDataset dataset, bool ofAllRows)
    {
        var constraints = _suggestions.Index().Where(pair => NeedsAllRows(pair.Item.Constraint) == ofAllRows).ToLookup(pair => pair.Item.Column, pair => _judged[pair.Index]);
        var schema = new ValidationSchema(
            dataset.Schema.Select(column => new ColumnRules(column, [.. constraints[column.Name].Cast<ColumnConstraint>()])),
            constraints[null].Cast<DatasetConstraint>());
        return new DataValidation(dataset.Name, new ValidationPlan(schema, new DataValidationOptions { RowsShown = 0 }), dataset.Schema);
    }

    private static bool NeedsAllRows(Constraint constraint) => constraint is MonotoneConstraint or UniquenessConstraint;

    /// <summary>Makes any violation a finding, so that their number is known where the share is met, too.</summary>
    private static Constraint MakeStrict(Constraint constraint) => constraint switch
    {
        ValueConstraint value => value with { MinimumRatio = 1 },
        CompletenessConstraint complete => complete with { MinimumRatio = 1 },
        _ => constraint with { },
    };
}
