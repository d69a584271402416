using Mlops.Data;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Tracking;

/// <summary>How records of tracking are written for people.</summary>
public sealed class TextFormsTests
{
    [Fact]
    public void ToString_DatasetInput_NamesItInOneLine()
    {
        var dataset = new DatasetReference("customers.csv", "1f3a5c7e" + new string('0', 56), 1000, new DataSchema([]));
        Assert.Equal("customers.csv (1000 rows, digest 1f3a5c7e) for training", new DatasetInput(dataset, "training").ToString());
        Assert.Equal("customers.csv (1000 rows, digest 1f3a5c7e)", new DatasetInput(dataset, "").ToString());
    }

    [Fact]
    public void ToString_Page_SaysHowMany()
    {
        Assert.Equal("1 item", new Page<int>([7], null).ToString());
        Assert.Equal("2 items, and more follow", new Page<int>([7, 8], "t").ToString());
    }

    [Theory]
    [InlineData("a'b\"c")]
    [InlineData("' AND run_name = \"")]
    [InlineData("x' AND run_name = 'y\"")]
    [InlineData("'\"")]
    public void ToString_ValueWithBothQuotes_IsNeverReadAsAnotherFilter(string value)
    {
        var filter = RunSearch.Param("p").Is(value);
        Assert.Equal($"params.p = '{value.Replace("'", "''", StringComparison.Ordinal)}'", filter.ToString());
        Assert.Throws<SearchSyntaxException>(() => RunSearch.Filter(filter.ToString()));
    }
}
