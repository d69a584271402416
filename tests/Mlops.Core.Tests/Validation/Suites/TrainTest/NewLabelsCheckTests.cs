using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation;

public sealed class NewLabelsCheckTests
{
    [Fact]
    public async Task RunAsync_ClassesOfTheTrainingSet_Pass()
    {
        var result = await TrainTestTable.RunAsync(new NewLabelsCheck(), Labels("a", "b", "c"), Labels("a", "b", null));

        Assert.Equal(CheckStatus.Pass, result.Status);
        Assert.Equal(0, result.Values["new_label_ratio"]);
    }

    [Fact]
    public async Task RunAsync_NewClass_FailsWithItsShareAndWithoutItsName()
    {
        var result = await TrainTestTable.RunAsync(new NewLabelsCheck(), Labels("a", "b", "a"), Labels("a", "secret", "secret", "b"));

        Assert.Equal(CheckStatus.Fail, result.Status);
        Assert.Equal((1.0, 2.0, 0.5), (result.Values["new_classes"], result.Values["new_label_rows"], result.Values["new_label_ratio"]));
        Assert.Equal("50 % (2 of 4 test rows)", Assert.Single(result.Conditions).Measured);
        Assert.DoesNotContain("secret", result.ToString() + result.Conditions[0], StringComparison.Ordinal);
        Assert.Empty(result.Tables);
    }

    [Fact]
    public async Task RunAsync_OtherOptions_AllowAndShowNewClasses()
    {
        var check = new NewLabelsCheck { MaximumRatio = 0.5, ShowsValues = true };
        var result = await TrainTestTable.RunAsync(check, Labels("a", "b"), Labels("a", "new", "new", "b"));

        Assert.Equal(CheckStatus.Pass, result.Status);
        Assert.Equal(["y", "new", "2"], Assert.Single(Assert.Single(result.Tables).Rows));
    }

    [Fact]
    public async Task RunAsync_NumbersOfTwoTypes_AreClassesWhenTheyLookLikeThem()
    {
        var train = new TrainTestTable().Add("y", ElementType.Int64, ColumnRole.Label, 0L, 1L, 0L, 1L);
        var same = new TrainTestTable().Add("y", ElementType.Float64, ColumnRole.Label, 1.0, 0.0, double.NaN);
        var other = new TrainTestTable().Add("y", ElementType.Float64, ColumnRole.Label, 1.0, 2.0);

        Assert.Equal(CheckStatus.Pass, (await TrainTestTable.RunAsync(new NewLabelsCheck(), train, same)).Status);
        Assert.Equal(1, (await TrainTestTable.RunAsync(new NewLabelsCheck(), train, other)).Values["new_label_rows"]);
        var amounts = await TrainTestTable.RunAsync(new NewLabelsCheck(), train, other, subject => subject with { LabelKind = LabelKind.Number });
        Assert.Equal((CheckStatus.NotApplicable, "The label 'y' is a number, not a class."), (amounts.Status, amounts.Summary));
    }

    [Fact]
    public async Task RunAsync_NothingToCompare_IsNotApplicableWithTheReason()
    {
        var features = new TrainTestTable().Add("x", ElementType.Int64, 1L, 2L);
        async Task<string> Reason(TrainTestTable train, TrainTestTable? test)
        {
            var result = await TrainTestTable.RunAsync(new NewLabelsCheck(), train, test);
            Assert.Equal(CheckStatus.NotApplicable, result.Status);
            return result.Summary;
        }

        Assert.Equal("There is no test set.", await Reason(Labels("a"), null));
        Assert.Equal("No column of the training set has the role Label.", await Reason(features, features));
        Assert.Equal("The test set has no column 'y', which has the role Label in the training set.", await Reason(Labels("a"), features));
        Assert.Equal("The test set has no rows.", await Reason(Labels("a"), Labels()));
        Assert.Equal("The label 'y' has no value in the training set.", await Reason(Labels(null, null), Labels("a")));
        Assert.Equal("The label 'y' has no value in the test set.", await Reason(Labels("a"), Labels(null, null)));
        Assert.Equal(
            "Column 'y' is String in the training set and Int64 in the test set, which cannot be compared.",
            await Reason(Labels("a"), new TrainTestTable().Add("y", ElementType.Int64, ColumnRole.Label, 1L)));
        Assert.Equal(
            "Columns 'y' and 'z' both have the role Label; the check works with one.",
            await Reason(Labels("a").Add("z", ElementType.String, ColumnRole.Label, "b"), Labels("a")));
    }

    private static TrainTestTable Labels(params string?[] values) => new TrainTestTable().Add("y", ElementType.String, ColumnRole.Label, values);
}
