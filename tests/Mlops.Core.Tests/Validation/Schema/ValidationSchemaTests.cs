using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Schema;

public sealed class ValidationSchemaTests
{
    private static ValidationSchema Schema => new(new DataSchema(new ColumnSchema("n", ElementType.Float64), new ColumnSchema("t", ElementType.String)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Expected_Warning_MissingColumnsAndOtherTypesLetTheDataPassAlsoThroughJson()
    {
        var data = InMemoryDataset.FromColumns("d", (new ColumnSchema("t", ElementType.Float64), new Column<double>([1])));
        ValidationSchema schema = Schema.Column("n").Expected(ValidationSeverity.Warning).Column("t").Expected(ValidationSeverity.Warning);
        foreach (var each in new[] { schema, ValidationSchema.FromJson(schema.ToJson()) })
        {
            var report = await new DataValidator(each).ValidateAsync(data, Token);
            Assert.Equal(
                [(AnomalyKind.ColumnMissing, ValidationSeverity.Warning), (AnomalyKind.TypeChanged, ValidationSeverity.Warning)],
                report.Findings.Select(finding => (finding.Kind, finding.Severity)));
            Assert.Equal(ValidationVerdict.Warn, report.Verdict);
        }

        Assert.Equal(ValidationVerdict.Fail, (await new DataValidator(Schema).ValidateAsync(data, Token)).Verdict);
    }

    [Fact]
    public void With_ConstraintOfTheRowsThatAsksTheSame_TakesItsPlace()
    {
        var schema = Schema.With(new RowCountConstraint(5)).With(new UniqueKeyConstraint(["n"])).With(new RowCountConstraint(1, 9)).With(new UniqueKeyConstraint(["t"])).With(new UniqueKeyConstraint(["n"]) { MinimumRatio = 0.5 });
        Assert.Equal(["from 1 to 9 rows", "no key (t) twice", "no key (n) twice, for at least 50 % of the rows"], schema.Constraints.Select(constraint => constraint.ToString()));
        var warned = schema.With(new RowCountConstraint(3) { Severity = ValidationSeverity.Warning });
        Assert.Equal(4, warned.Constraints.Count);
    }

    [Fact]
    public void AsWarning_WarningThatAsksTheSame_IsReplaced()
    {
        ValidationSchema schema = Schema.Column("n").Between(0, 1).AsWarning().Between(0, 2).AsWarning();
        Assert.Equal(2, Assert.IsType<RangeConstraint>(Assert.Single(schema["n"].Constraints)).Maximum);
        ValidationSchema environments = Schema.Column("n").Between(0, 1).OnlyIn("training").Between(0, 2).OnlyIn("training");
        Assert.Single(environments["n"].Constraints);
    }

    [Fact]
    public async Task DataValidator_MisspeltNameOfAProfile_IsRefusedAndAnAbsentOneIsNot()
    {
        var profile = await DatasetProfile.CreateAsync(InMemoryDataset.FromColumns("d", (new ColumnSchema("n", ElementType.Float64), new Column<double>([1, 2]))), Token);
        var options = new DataValidationOptions { Profiles = new Dictionary<string, DatasetProfile> { ["previous"] = profile } };
        ValidationSchema misspelt = Schema.Column("n").Like("previus", 0.1), other = Schema.Column("n").Like("last year", 0.1);
        Assert.Contains("'previous' is", Assert.Throws<ArgumentException>(() => new DataValidator(misspelt, options)).Message, StringComparison.Ordinal);
        Assert.Contains("'previous' is", Assert.Throws<ArgumentException>(() => new DataValidator(Schema.With(new RowCountChangeConstraint(0.5, null, "Previous")), options)).Message, StringComparison.Ordinal);
        Assert.NotNull(new DataValidator(other, options));
    }
}
