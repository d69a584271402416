using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The part of a schema that applies in an environment, with what its checks need. Immutable, safe for concurrent use.</summary>
internal sealed class ValidationPlan
{
    public ValidationPlan(ValidationSchema schema, DataValidationOptions options)
    {
        (Schema, Options, Scans) = (schema, options, new ScanFactory(options));
        Columns =
        [
            .. schema.Columns.Where(rules => !rules.IsAbsentIn(options.Environment))
                .Select(rules => rules with { Constraints = [.. rules.Constraints.Where(constraint => constraint.AppliesIn(options.Environment))] }),
        ];
        Constraints = [.. schema.Constraints.Where(constraint => constraint.AppliesIn(options.Environment))];
        ConstraintCount = Constraints.Count + Columns.Sum(rules => rules.Constraints.Count + 1);
        Scans.CheckReferences([.. Columns.SelectMany(rules => rules.Constraints), .. Constraints]);
    }

    public ValidationSchema Schema { get; }

    public DataValidationOptions Options { get; }

    public ScanFactory Scans { get; }

    public IReadOnlyList<ColumnRules> Columns { get; }

    public IReadOnlyList<DatasetConstraint> Constraints { get; }

    /// <summary>Gets the number of constraints that apply; that a column is there with its type counts as one.</summary>
    public int ConstraintCount { get; }

    /// <summary>Tells whether values of a type may stand where another is expected.</summary>
    public static bool Fits(ColumnSchema expected, ColumnSchema actual) => expected.Width == actual.Width && (expected.Type == actual.Type
        || (expected.Type.IsFloatingPoint() && actual.Type.IsNumeric() && actual.Type != ElementType.Boolean)
        || (expected.Type == ElementType.Int64 && actual.Type is ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32));
}
