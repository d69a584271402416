using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Schema;

public sealed class SchemaContradictionTests
{
    public static TheoryData<string, Func<ValidationSchema, ValidationSchema>> Contradictions => new()
    {
        { "no number is both", schema => Both(schema, "n", new RangeConstraint(0, 1), new RangeConstraint(2, 3)) },
        { "no text has both", schema => Both(schema, "t", new LengthConstraint(1, 2), new LengthConstraint(3, 4)) },
        { "no time is both", schema => Both(schema, "d", new TimeRangeConstraint(null, s_2001), new TimeRangeConstraint(s_2001.AddYears(1))) },
        { "two sets have no value in common", schema => Both(schema, "t", new SetConstraint(["a"]), new SetConstraint(["b"])) },
        { "no value of the set is", schema => schema.Column("i").In(1, 2).Between(3, 4) },
        { "no value of the set has", schema => schema.Column("t").In("a", "bb").OfLength(3, null) },
        { "the set has 2 values", schema => schema.Column("t").In("a", "bb").Distinct(3, null) },
        { "cannot have a mean", schema => schema.Column("n").Between(0, 1).MeanBetween(2, null) },
        { "cannot have a quantile", schema => schema.Column("n").Between(0, 1).QuantileBetween(0.5, null, -1) },
        { "increase and decrease", schema => Both(schema, "n", new MonotoneConstraint(MonotoneOrder.StrictlyIncreasing), new MonotoneConstraint(MonotoneOrder.Decreasing)) },
        { "above the other's limit", schema => Both(schema, "n", new UniquenessConstraint(), new UniquenessConstraint(0, 0.5)) },
        { "it cannot be less than 'm' while that is at most it", schema => schema.Column("n").Is(ComparisonOperator.Less, "m").Column("m").Is(ComparisonOperator.LessOrEqual, "n") },
        { "no value is less than itself", schema => schema.Column("n").Is(ComparisonOperator.Less, "n") },
        { "which the schema does not have", schema => schema.Column("n").With(new ComparisonConstraint(ComparisonOperator.Less, "x")) },
        { "the key names a column 'x'", schema => schema.With(new UniqueKeyConstraint(["n", "x"])) },
        { "no number of rows", schema => new ValidationSchema(schema.Columns, new RowCountConstraint(5), new RowCountConstraint(null, 4)) },
        { "3 rows cannot each have a value of their own", schema => schema.With(new RowCountConstraint(3)).Column("t").Required().Unique().In("a", "b") },
        { "no environment 'servin'", schema => schema.Column("n").AbsentIn("servin") },
        { "no environment 'test'", schema => schema.Column("n").Finite().OnlyIn("test") },
    };

    private static readonly DateTime s_2001 = new(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static ValidationSchema Empty => new(new DataSchema(
        new ColumnSchema("n", ElementType.Float64), new ColumnSchema("m", ElementType.Float64), new ColumnSchema("i", ElementType.Int32), new ColumnSchema("t", ElementType.String), new ColumnSchema("d", ElementType.Date)));

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void FindContradictions_WhatNoDataCanMeet_IsNamed(string expected, Func<ValidationSchema, ValidationSchema> constrain)
    {
        var schema = constrain(Empty);
        Assert.Contains(expected, Assert.Single(schema.FindContradictions()), StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new DataValidator(schema)).Message, StringComparison.Ordinal);
        Assert.Contains(expected, Assert.Throws<DataFormatException>(() => ValidationSchema.FromJson(schema.ToJson())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FindContradictions_WhatCanBeMet_IsNone()
    {
        ValidationSchema[] schemas =
        [
            Both(Empty, "n", new RangeConstraint(0, 1), new RangeConstraint(1, 2)).Column("n").MeanBetween(0.5, 1.5).Is(ComparisonOperator.LessOrEqual, "m").Column("m").Is(ComparisonOperator.LessOrEqual, "n"),
            Both(Empty, "n", new RangeConstraint(0, 1) { MinimumRatio = 0.5 }, new RangeConstraint(2, 3) { MinimumRatio = 0.5 }),
            Empty.Column("n").Between(0, 1).OnlyIn("training").Between(2, 3).OnlyIn("serving"),
            Empty.Column("t").In("a", "bbb").OfLength(3, null).Distinct(2, null),
            Both(Empty, "n", new MonotoneConstraint(MonotoneOrder.Increasing), new MonotoneConstraint(MonotoneOrder.Decreasing)),
            Empty.WithEnvironments("lab").Column("n").AbsentIn("lab"),
        ];
        Assert.All(schemas, schema => Assert.Empty(schema.FindContradictions()));
    }

    [Fact]
    public void Column_ConstraintThatCannotBe_IsRefusedAtOnce()
    {
        Assert.Contains("its minimum (2) is above its maximum (1)", Assert.Throws<ArgumentException>(() => Empty.Column("n").Between(2, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("is for numbers", Assert.Throws<ArgumentException>(() => Empty.Column("t").Between(0, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("is for texts", Assert.Throws<ArgumentException>(() => Empty.Column("n").Matching("a")).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be compared", Assert.Throws<ArgumentException>(() => Empty.Column("n").Is(ComparisonOperator.Less, "t")).Message, StringComparison.Ordinal);
        Assert.Contains("a bound is NaN", Assert.Throws<ArgumentException>(() => Empty.Column("n").Between(double.NaN, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("leave it out", Assert.Throws<ArgumentException>(() => Empty.Column("n").Between(0, double.PositiveInfinity)).Message, StringComparison.Ordinal);
        Assert.Contains("its set is empty", Assert.Throws<ArgumentException>(() => Empty.Column("t").In(Array.Empty<string>())).Message, StringComparison.Ordinal);
        Assert.Contains("minimumRatio is 2", Assert.Throws<ArgumentException>(() => Empty.Column("n").Required(2)).Message, StringComparison.Ordinal);
        Assert.Contains("malformed", Assert.Throws<ArgumentException>(() => Empty.Column("t").Matching("(")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Empty.Column("n").AsWarning());
        Assert.Throws<EntityNotFoundException>(() => Empty.Column("x"));
        Assert.Throws<EntityNotFoundException>(() => Empty.Column("n").Is(ComparisonOperator.Less, "x"));
    }

    [Fact]
    public void Column_ConstraintThatAsksTheSame_TakesThePlaceOfTheOneBefore()
    {
        ValidationSchema schema = Empty.Column("n").Between(0, 1).AsWarning().Between(2, 3).Between(4, 5).MeanBetween(4, 5).Aggregate(ColumnAggregate.Sum, 0, null).MeanBetween(4, 4.5).Required().Required(0.5);
        Assert.Equal(
            ["Warning from 0 to 1", "Error from 4 to 5", "Error a sum at least 0", "Error a mean from 4 to 4.5", "Error a value in at least 50 % of the rows"],
            schema["n"].Constraints.Select(constraint => $"{constraint.Severity} {constraint}"));
        Assert.Equal(2, Empty.Column("t").Matching("^a").Matching("b$").Schema["t"].Constraints.Count);
        Assert.Equal(2, Empty.Column("n").Between(0, 1).OnlyIn("serving").Between(0, 2).Schema["n"].Constraints.Count);
    }

    /// <summary>Rules as a schema in JSON can have them: two constraints that ask the same.</summary>
    private static ValidationSchema Both(ValidationSchema schema, string column, params ColumnConstraint[] constraints) => schema.With(schema[column] with { Constraints = constraints });
}
