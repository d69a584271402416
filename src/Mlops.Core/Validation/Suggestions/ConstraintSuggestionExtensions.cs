namespace Mlops.Validation;

/// <summary>Puts suggested constraints into schemas.</summary>
public static class ConstraintSuggestionExtensions
{
    /// <summary>Adds the suggestions that held to a schema.</summary>
    /// <remarks>
    /// A constraint that is there already, or a stricter one, is not added again; a looser one of the same kind is replaced, and bounds are narrowed. Suggestions for columns that the schema
    /// does not have, or has with a type that they are not for, and those that contradict the schema are left out. Everything else of the schema stays as it is.
    /// </remarks>
    /// <param name="suggestions">The suggestions.</param>
    /// <param name="schema">The schema, which is left as it is.</param>
    /// <returns>The schema with them.</returns>
    public static ValidationSchema ApplyTo(this IEnumerable<ConstraintSuggestion> suggestions, ValidationSchema schema)
    {
        ArgumentNullException.ThrowIfNull(suggestions);
        ArgumentNullException.ThrowIfNull(schema);
        ConstraintSuggestion[] held = [.. suggestions.Where(suggestion => suggestion.Held)];
        var all = Apply(schema, held);
        var contradictions = schema.FindContradictions().Count;
        if (all.FindContradictions().Count == contradictions) return all;
        // Seldom: one by one, what contradicts the schema is found.
        foreach (var suggestion in held)
        {
            if (Apply(schema, [suggestion]) is var more && more.FindContradictions().Count == contradictions) schema = more;
        }

        return schema;
    }

    private static ValidationSchema Apply(ValidationSchema schema, IReadOnlyCollection<ConstraintSuggestion> suggestions)
    {
        var byColumn = suggestions.ToLookup(suggestion => suggestion.Column, suggestion => suggestion.Constraint);
        return schema.Replace(
            schema.Columns.Select(rules => byColumn.Contains(rules.Column.Name)
                ? rules with { Constraints = Merge(rules.Constraints, byColumn[rules.Column.Name].OfType<ColumnConstraint>().Where(constraint => CanJoin(schema, rules, constraint))) }
                : rules),
            Merge(schema.Constraints, byColumn[null].OfType<DatasetConstraint>()));
    }

    private static bool CanJoin(ValidationSchema schema, ColumnRules rules, ColumnConstraint constraint) => constraint.CanJudge(rules.Column)
        && (constraint is not ComparisonConstraint { Other: var other }
            || (schema.DataSchema.TryIndexOf(other, out var index) && ComparisonConstraint.CanCompare(rules.Column, schema.DataSchema[index])));

    private static List<TConstraint> Merge<TConstraint>(IReadOnlyList<TConstraint> there, IEnumerable<TConstraint> added)
        where TConstraint : Constraint
    {
        var merged = there.ToList();
        foreach (var constraint in added)
        {
            var isMerged = false;
            for (var i = 0; i < merged.Count && !isMerged; i++)
            {
                if (ConstraintMerge.Merge(merged[i], constraint) is not TConstraint both) continue;
                merged[i] = both;
                isMerged = true;
            }

            if (!isMerged) merged.Add(constraint);
        }

        return merged;
    }
}
