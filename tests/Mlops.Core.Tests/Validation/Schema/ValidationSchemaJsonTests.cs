using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Schema;

public sealed class ValidationSchemaJsonTests
{
    private static readonly ColumnConstraint[] s_forNumbers =
    [
        new CompletenessConstraint(0.5, 3), new CompletenessConstraint(), new RangeConstraint(-1.5, 1e300) { MinimumRatio = 0.25, Severity = ValidationSeverity.Warning }, new RangeConstraint(null, 2) { Environments = ["serving"] },
        new FiniteConstraint(), new UniquenessConstraint(0.5, 0.75), new DistinctCountConstraint(2, null), new MonotoneConstraint(MonotoneOrder.Decreasing) { MinimumRatio = 0.5 },
        new ComparisonConstraint(ComparisonOperator.NotEqual, "other"), new AggregateConstraint(ColumnAggregate.StandardDeviation, null, 3), new QuantileConstraint(0.5, -1, 1),
        new ForeignKeyConstraint("customers"), new DistributionConstraint("training", 0.1, DistanceMeasure.KolmogorovSmirnov), new PredicateConstraint("is_even") { MinimumRatio = 0.99 },
    ];

    private static readonly ColumnConstraint[] s_forTexts = [new SetConstraint(["a", "ä\"\\", ""]), new PatternConstraint(@"^\d{4}-[A-Z]<+>&'$"), new LengthConstraint(0, 7), new DistributionConstraint("previous", 1)];

    private static readonly DatasetConstraint[] s_forRows =
        [new RowCountConstraint(1, 1_000_000_000_000), new RowCountChangeConstraint(0.5, null), new RowCountChangeConstraint(null, 2, "training"), new UniqueKeyConstraint(["number", "text"]) { MinimumRatio = 0.5 }, new RowPredicateConstraint("sums_up") { Severity = ValidationSeverity.Warning }];

    [Fact]
    public void ToJson_EveryKindOfConstraint_IsReadBackAsItWas()
    {
        var gen = from numbers in Gen.SubListOf(s_forNumbers)
                  from texts in Gen.SubListOf(s_forTexts)
                  from rows in Gen.SubListOf(s_forRows)
                  from optional in ArbMap.Default.GeneratorFor<bool>()
                  from width in Gen.Choose(1, 3)
                  from nullable in ArbMap.Default.GeneratorFor<bool>()
                  from role in Gen.Elements(Enum.GetValues<ColumnRole>())
                  from severity in Gen.Elements<ValidationSeverity?>(null, ValidationSeverity.Warning, ValidationSeverity.Error)
                  select new ValidationSchema(
                      [
                          new ColumnRules(new ColumnSchema("number", ElementType.Float64, role) { IsNullable = nullable }, [.. numbers]) { IsOptional = optional, Description = "a note, with \"quotes\"" },
                          new ColumnRules(new ColumnSchema("text", ElementType.String), [.. texts]) { AbsentIn = optional ? ["serving"] : [] },
                          new ColumnRules(new ColumnSchema("vector", ElementType.Float32) { Width = width }, []),
                          new ColumnRules(new ColumnSchema("other", ElementType.Int64), [new TimeRangeConstraint(new DateTime(2024, 2, 29, 1, 2, 3, DateTimeKind.Utc))]),
                      ],
                      [.. rows]).WithNewColumns(severity);

        Prop.ForAll(Arb.From(gen), schema =>
        {
            var read = ValidationSchema.FromJson(schema.ToJson());
            Assert.Equal(Text(schema), Text(read));
            Assert.Equal(schema.DataSchema, read.DataSchema);
            Assert.Equal(schema.NewColumns, read.NewColumns);
            Assert.Equal(schema.Constraints.Select(Describe), read.Constraints.Select(Describe));
            for (var i = 0; i < schema.Columns.Count; i++)
            {
                Assert.Equal(schema.Columns[i].Constraints.Select(Describe), read.Columns[i].Constraints.Select(Describe));
                Assert.Equal((schema.Columns[i].IsOptional, schema.Columns[i].Description), (read.Columns[i].IsOptional, read.Columns[i].Description));
                Assert.Equal(schema.Columns[i].AbsentIn, read.Columns[i].AbsentIn);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ToJson_Schema_IsReadable()
    {
        ValidationSchema schema = new ValidationSchema(new DataSchema(new ColumnSchema("age", ElementType.Int64), new ColumnSchema("plan", ElementType.String, ColumnRole.Label)), new RowCountConstraint(1))
            .Column("age").Required().Between(0, 120).AsWarning()
            .Column("plan").AbsentIn("serving").In("basic", "pro");

        Assert.Equal(
            """
            {
              "version": 1,
              "columns": [
                {
                  "name": "age",
                  "type": "Int64",
                  "constraints": [
                    {
                      "kind": "completeness",
                      "minimumRatio": 1
                    },
                    {
                      "kind": "range",
                      "minimum": 0,
                      "maximum": 120,
                      "severity": "Warning"
                    }
                  ]
                },
                {
                  "name": "plan",
                  "type": "String",
                  "role": "Label",
                  "absentIn": [
                    "serving"
                  ],
                  "constraints": [
                    {
                      "kind": "set",
                      "values": [
                        "basic",
                        "pro"
                      ]
                    }
                  ]
                }
              ],
              "constraints": [
                {
                  "kind": "row_count",
                  "minimum": 1
                }
              ]
            }
            """.ReplaceLineEndings(),
            Text(schema).ReplaceLineEndings());
    }

    [Fact]
    public void FromJson_CommentsTrailingCommasAndKindNotFirst_AreRead()
    {
        var schema = Read("""
            {
              // what the shop sends
              "columns": [
                { "name": "age", "type": "int64", "constraints": [ { "minimum": 0, "kind": "range" }, ] },
              ],
            }
            """);
        Assert.Equal("at least 0", Assert.Single(schema["age"].Constraints).ToString());
        Assert.Equal(ValidationSeverity.Error, schema["age"].Constraints[0].Severity);
        Assert.Equal((ValidationSeverity.Warning, 1), (schema.NewColumns, schema.ConstraintCount));
    }

    [Theory]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int64", "constraints": [ { "kind": "range", "minimun": 0 } ] } ] }""", "$.columns[0].constraints[0] has a property 'minimun'", "Did you mean 'minimum'?")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int64", "constraints": [ { "kind": "rnage", "minimum": 0 } ] } ] }""", "'rnage'", "Did you mean 'range'?")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int64", "constraints": [ { "minimum": 0 } ] } ] }""", "does not say of which kind", "range")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Imt64" } ] }""", "'Imt64'", "Did you mean 'Int64'?")]
    [InlineData("""{ "columns": [ { "nmae": "age", "type": "Int64" } ] }""", "'nmae'", "Did you mean 'name'?")]
    [InlineData("""{ "colums": [] }""", "'colums'", "Did you mean 'columns'?")]
    [InlineData("""{ "columns": [ { "name": "age" } ] }""", "$.columns[0] lacks the property 'type'", "one of Boolean, Int8")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int64", "constraints": [ { "kind": "range", "minimum": "zero" } ] } ] }""", "$.columns[0].constraints[0].minimum is a text", "a number is expected there")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int64", "constraints": [ { "kind": "range", "minimum": 0, "minimum": 1 } ] } ] }""", "'minimum' twice", "keep one")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int46" } ] }""", "'Int46'", "Did you mean 'Int64'?")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int64", "constraints": [ { "kind": "finite", "severity": "Warn" } ] } ] }""", "'Warn'", "Did you mean 'Warning'?")]
    [InlineData("""{ "columns": [ null ] }""", "$.columns[0] is null", "an object is expected")]
    [InlineData("""{ "columns": [], "constraints": [ null ] }""", "$.constraints[0] is null", "an object is expected")]
    [InlineData("""{ "columns": [ { "name": "t", "type": "String", "constraints": [ { "kind": "set" } ] } ] }""", "lacks the property 'values'", "a list")]
    [InlineData("""{ "columns": [ { "name": "t", "type": "String", "constraints": [ { "kind": "set", "values": null } ] } ] }""", "values is null", "a list is expected")]
    [InlineData("""{ "columns": [ { "name": "t", "type": "String", "constraints": [ { "kind": "set", "values": [1] } ] } ] }""", "values[0] is a number", "a text is expected")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int64" }, { "name": "age", "type": "Int64" } ] }""", "'age' occurs twice", "name of its own")]
    [InlineData("""{ "columns": [ { "name": "age", "type": "Int64", "constraints": [ { "kind": "range", "minimum": 5, "maximum": 1 } ] } ] }""", "column 'age'", "its minimum (5) is above its maximum (1)")]
    [InlineData("""{ "columns": [ { "name": "t", "type": "String", "constraints": [ { "kind": "pattern", "pattern": "[a-" } ] } ] }""", "column 't'", "regular expression is malformed")]
    [InlineData("""{ "columns": [ { "name": "t", "type": "String", "constraints": [ { "kind": "aggregate", "minimum": 1 } ] } ] }""", "lacks the property 'aggregate'", "one of Minimum")]
    [InlineData("""{ "version": 9, "columns": [] }""", "version 9", "Update the packages")]
    [InlineData("""{ "columns": [""", "not a schema", "schema.json")]
    [InlineData("null", "$ is null", "an object is expected")]
    [InlineData("[]", "$ is a list", "an object is expected")]
    [InlineData("", "schema.json", "not a schema")]
    public void FromJson_Mistake_NamesPlaceAndRemedy(string json, string place, string remedy)
    {
        var error = Assert.Throws<DataFormatException>(() => ValidationSchema.FromJson(Encoding.UTF8.GetBytes(json), "schema.json"));
        Assert.Contains(place, error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.Equal("schema.json", error.DataSource);
    }

    [Fact]
    public void FromJson_ByteOrderMarkAndNullWhereNothingIsSaid_AreRead()
    {
        Assert.Single(ValidationSchema.FromJson([.. "\uFEFF"u8, .. new ValidationSchema(new DataSchema(new ColumnSchema("x", ElementType.Float64))).ToJson()]).Columns);
        Assert.Equal("at most 2", Read("""{ "columns": [ { "name": "x", "type": "Float64", "constraints": [ { "kind": "range", "minimum": null, "maximum": 2 } ] } ] }""")["x"].Constraints[0].ToString());
    }

    [Fact]
    public void FromJson_Mistake_NamesItsLine()
    {
        const string Json = """
            {
              "columns": [
                {
                  "name": "age",
                  "type": "Int64",
                  "constraints": [
                    { "kind": "range", "minimum": 0 },
                    { "kind": "length", "maximum": -1 }
                  ]
                }
              ]
            }
            """;
        Assert.Equal(8, Assert.Throws<DataFormatException>(() => Read(Json)).Line);
        Assert.Equal(5, Assert.Throws<DataFormatException>(() => Read(Json.Replace("Int64", "Integer64", StringComparison.Ordinal))).Line);
        Assert.Equal(7, Assert.Throws<DataFormatException>(() => Read(Json.Replace("\"minimum\"", "\"min\"", StringComparison.Ordinal))).Line);
    }

    private static ValidationSchema Read(string json) => ValidationSchema.FromJson(Encoding.UTF8.GetBytes(json));

    private static string Text(ValidationSchema schema) => Encoding.UTF8.GetString(schema.ToJson());

    private static string Describe(Constraint constraint) => $"{constraint.GetType().Name} {constraint} {constraint.Severity} {string.Join(",", constraint.Environments)}";
}
