using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Schema;

public sealed class SchemaInferenceTests
{
    [Fact]
    public async Task Infer_Numbers_GetRangesWithAMarginThatCountsDoNotTakeBelowZero()
    {
        var schema = await InferAsync(
            ("count", new Column<long>([1, 243])), ("rate", new Column<double>([0, 1])), ("temperature", new Column<double>([2.9, 86])), ("loss", new Column<double>([-8, 0])), ("celsius", new Column<int>([5, 30])), ("constant", new Column<double>([3, 3])));

        Assert.Equal(new RangeConstraint(0, 364), Range("count"));
        Assert.Equal(new RangeConstraint(0, 1.5), Range("rate"));
        Assert.Equal(-38.65, Range("temperature")!.Minimum!.Value, 1e-9);
        Assert.Equal(new RangeConstraint(-12, 0), Range("loss"));
        Assert.Equal(new RangeConstraint(-8, 43), Range("celsius"));
        Assert.Null(Range("constant"));

        RangeConstraint? Range(string column) => schema[column].Constraints.OfType<RangeConstraint>().SingleOrDefault();
    }

    [Fact]
    public async Task Infer_TextsRolesAndGaps_AreAsTheDataHaveThem()
    {
        var data = InMemoryDataset.FromColumns(
            "d",
            (new ColumnSchema("code", ElementType.String), TextColumn.FromStrings("AB1", "CD2", "EF3")),
            (new ColumnSchema("note", ElementType.String), TextColumn.FromStrings("a", null, "abcde")),
            (new ColumnSchema("churned", ElementType.Boolean, ColumnRole.Label), new Column<bool>([true, false, true])),
            (new ColumnSchema("empty", ElementType.Float64), new Column<double>([0, 0, 0], [0])));
        var schema = await SchemaInference.InferAsync(data, new SchemaInferenceOptions { MaxSetSize = 1 }, TestContext.Current.CancellationToken);

        Assert.Equal(["a value in every row", "from 3 to 3 characters"], schema["code"].Constraints.Select(constraint => constraint.ToString()));
        Assert.Equal("from 0 to 7 characters", schema["note"].Constraints[1].ToString());
        // Wilson's 95 % interval of 2 of 3.
        Assert.Equal(0.207, Assert.IsType<CompletenessConstraint>(schema["note"].Constraints[0]).MinimumRatio);
        Assert.Equal(["serving"], schema["churned"].AbsentIn);
        Assert.Single(schema["churned"].Constraints);
        Assert.Empty(schema["empty"].Constraints);
        Assert.Throws<ArgumentOutOfRangeException>(() => SchemaInference.Infer(new DatasetProfile(data.Schema), new SchemaInferenceOptions { RangeMarginRatio = -1 }));
    }

    private static Task<ValidationSchema> InferAsync(params (string Name, Column Column)[] columns)
        => SchemaInference.InferAsync(InMemoryDataset.FromColumns("d", [.. columns.Select(column => (new ColumnSchema(column.Name, column.Column.Type), column.Column))]), cancellationToken: TestContext.Current.CancellationToken);
}
