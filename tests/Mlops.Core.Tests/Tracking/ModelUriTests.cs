using Mlops.Tracking;

namespace Mlops.Core.Tests.Tracking;

public sealed class ModelUriTests
{
    [Theory]
    [InlineData("models:/ridership@champion", "ridership", "champion", null)]
    [InlineData("models:/ridership/7", "ridership", null, 7)]
    [InlineData("models:/ridership/latest", "ridership", "latest", null)]
    [InlineData("models:/rides in Chicago/2147483647", "rides in Chicago", null, int.MaxValue)]
    [InlineData("models:/rides@a-b_1", "rides", "a-b_1", null)]
    [InlineData("models:/rides@v", "rides", "v", null)]
    [InlineData("models:/rides@v7b", "rides", "v7b", null)]
    public void Parse_Address_ComesBackAsText(string text, string name, string? alias, int? version)
    {
        var uri = ModelUri.Parse(text);
        Assert.Equal((name, alias, version), (uri.Name, uri.Alias, uri.Version));
        Assert.Equal(text, uri.ToString());
        Assert.Equal(uri, ModelUri.Parse(uri.ToString()));
    }

    [Fact]
    public void Parse_LatestAsAlias_IsLatest()
        => Assert.Equal(ModelUri.Parse("models:/rides/latest"), ModelUri.Parse("models:/rides@latest"));

    [Theory]
    [InlineData("models:/rides/Production", ModelStage.Production)]
    [InlineData("models:/rides/staging", ModelStage.Staging)]
    [InlineData("models:/rides/ARCHIVED", ModelStage.Archived)]
    [InlineData("models:/rides/None", ModelStage.None)]
    public void Parse_Stage_IsReadInAnyCase(string text, ModelStage stage)
    {
        var uri = ModelUri.Parse(text);
        Assert.Equal(ModelUri.OfStage("rides", stage), uri);
        Assert.Equal((stage, null, null), (uri.Stage, uri.Alias, uri.Version));
        Assert.Equal($"models:/rides/{stage}", uri.ToString());
        Assert.Equal(ModelUri.Parse("models:/rides/latest"), ModelUri.Parse("models:/rides/LATEST"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rides")]
    [InlineData("models:/")]
    [InlineData("models:/rides")]
    [InlineData("models:/rides/")]
    [InlineData("models:/rides@")]
    [InlineData("models:/@champion")]
    [InlineData("models://7")]
    [InlineData("models:/rides/0")]
    [InlineData("models:/rides/-1")]
    [InlineData("models:/rides/+1")]
    [InlineData("models:/rides/ 1")]
    [InlineData("models:/rides/1.0")]
    [InlineData("models:/rides/٣")]
    [InlineData("models:/rides/2147483648")]
    [InlineData("models:/rides/Deleted_Internal")]
    [InlineData("models:/rides/Productio")]
    [InlineData("models:/rides@Latest")]
    [InlineData("models:/rides@v7")]
    [InlineData("models:/rides@V12")]
    [InlineData("models:/rides@a b")]
    [InlineData("models:/rides@a@b")]
    [InlineData("models:/rides@a/b")]
    [InlineData("models:/a/b/7")]
    [InlineData("models:/a:b/7")]
    [InlineData("models:/a\nb/7")]
    [InlineData("Models:/rides/7")]
    [InlineData("runs:/abc/model")]
    public void Parse_NoAddress_Throws(string text) => Assert.Throws<FormatException>(() => ModelUri.Parse(text));

    [Fact]
    public void CheckName_Length_IsLimited()
    {
        Assert.Equal(256, ModelUri.CheckName(new string('a', 256)).Length);
        Assert.Throws<FormatException>(() => ModelUri.CheckName(new string('a', 257)));
        Assert.Equal(255, ModelUri.CheckAlias(new string('a', 255)).Length);
        Assert.Throws<FormatException>(() => ModelUri.CheckAlias(new string('a', 256)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelUri.OfVersion("rides", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelUri.OfStage("rides", (ModelStage)9));
        Assert.Throws<FormatException>(() => ModelUri.CheckName("a\ud800"));
    }
}
