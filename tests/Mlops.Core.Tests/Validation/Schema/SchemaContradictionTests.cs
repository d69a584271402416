using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Schema;

public sealed class SchemaContradictionTests
{
    public static TheoryData<string, Func<ValidationSchema, ValidationSchema>> Contradictions => new()
    {
        { "no number is both", schema => schema.Column("n").Between(0, 1).Between(2, 3) },
        { "no text has both", schema => schema.Column("t").OfLength(1, 2).OfLength(3, 4) },
        { "no time is both", schema => schema.Column("d").Between(null, new DateOnly(2001, 1, 1)).Between(new DateOnly(2002, 1, 1), null) },
        { "two sets have no value in common", schema => schema.Column("t").In("a").In("b") },
        { "no value of the set is", schema => schema.Column("i").In(1, 2).Between(3, 4) },
        { "no value of the set has", schema => schema.Column("t").In("a", "bb").OfLength(3, null) },
        { "the set has 2 values", schema => schema.Column("t").In("a", "bb").Distinct(3, null) },
        { "cannot have a mean", schema => schema.Column("n").Between(0, 1).MeanBetween(2, null) },
        { "cannot have a quantile", schema => schema.Column("n").Between(0, 1).QuantileBetween(0.5, null, -1) },
        { "increase and decrease", schema => schema.Column("n").Ordered(MonotoneOrder.StrictlyIncreasing).Ordered(MonotoneOrder.Decreasing) },
        { "above the other's limit", schema => schema.Column("n").Unique().With(new UniquenessConstraint(0, 0.5)) },
        { "it cannot be less than 'm' while that is at most it", schema => schema.Column("n").Is(ComparisonOperator.Less, "m").Column("m").Is(ComparisonOperator.LessOrEqual, "n") },
        { "no value is less than itself", schema => schema.Column("n").Is(ComparisonOperator.Less, "n") },
        { "which the schema does not have", schema => schema.Column("n").With(new ComparisonConstraint(ComparisonOperator.Less, "x")) },
        { "the key names a column 'x'", schema => schema.With(new UniqueKeyConstraint(["n", "x"])) },
        { "no number of rows", schema => schema.With(new RowCountConstraint(5)).With(new RowCountConstraint(null, 4)) },
        { "3 rows cannot each have a value of their own", schema => schema.With(new RowCountConstraint(3)).Column("t").Required().Unique().In("a", "b") },
        { "no environment 'servin'", schema => schema.Column("n").AbsentIn("servin") },
        { "no environment 'test'", schema => schema.Column("n").Finite().OnlyIn("test") },
    };

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
            Empty.Column("n").Between(0, 1).Between(1, 2).MeanBetween(0.5, 1.5).Is(ComparisonOperator.LessOrEqual, "m").Column("m").Is(ComparisonOperator.LessOrEqual, "n"),
            Empty.Column("n").Between(0, 1, 0.5).Between(2, 3, 0.5),
            Empty.Column("n").Between(0, 1).OnlyIn("training").Between(2, 3).OnlyIn("serving"),
            Empty.Column("t").In("a", "bbb").OfLength(3, null).Distinct(2, null),
            Empty.Column("n").Ordered(MonotoneOrder.Increasing).Ordered(MonotoneOrder.Decreasing),
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
}
