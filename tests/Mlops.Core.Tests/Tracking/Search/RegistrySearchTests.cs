using Mlops.Tracking;

namespace Mlops.Core.Tests.Tracking;

public sealed class RegistrySearchTests
{
    [Theory]
    [InlineData("name = 'a' AND tags.team LIKE 'b%' AND creation_time > 5 AND attributes.last_update_time <= 6")]
    [InlineData("attr.name ILIKE 'a%'")]
    [InlineData("tag.`a b` != 'x'")]
    public void ExperimentSearch_InTheGrammar_IsRead(string text) => Assert.NotEmpty(ExperimentSearch.Filter(text).Conditions);

    [Theory]
    [InlineData("metrics.a > 1")]
    [InlineData("params.a = '1'")]
    [InlineData("run.name = 'a'")]
    [InlineData("experiment_id = '1'")]
    [InlineData("name IN ('a')")]
    [InlineData("creation_time = 'x'")]
    [InlineData("start_time > 1")]
    public void ExperimentSearch_NotInTheGrammar_Throws(string text) => Assert.Throws<SearchSyntaxException>(() => ExperimentSearch.Filter(text));

    [Fact]
    public void ExperimentSearch_Order_TakesAttributesOnly()
    {
        Assert.Equal(
            [ExperimentSearch.Name.Ascending, ExperimentSearch.Id.Descending, ExperimentSearch.CreatedAt.Ascending, ExperimentSearch.LastUpdatedAt.Descending],
            ExperimentSearch.Order("name", "experiment_id DESC", "creation_time ASC", "attributes.last_update_time desc"));
        Assert.Throws<SearchSyntaxException>(() => ExperimentSearch.Order("tags.team"));
        Assert.Throws<SearchSyntaxException>(() => ExperimentSearch.Order("start_time"));
    }

    [Theory]
    [InlineData("name = 'a' AND tags.team != 'b'")]
    [InlineData("attribute.name ILIKE 'a%'")]
    public void ModelSearch_InTheGrammar_IsRead(string text) => Assert.NotEmpty(ModelSearch.Filter(text).Conditions);

    [Theory]
    [InlineData("last_updated_timestamp > 1")]
    [InlineData("creation_timestamp > 1")]
    [InlineData("version_number = 1")]
    [InlineData("metrics.a > 1")]
    [InlineData("name > 'a'")]
    public void ModelSearch_NotInTheGrammar_Throws(string text) => Assert.Throws<SearchSyntaxException>(() => ModelSearch.Filter(text));

    [Fact]
    public void ModelSearch_Order_KnowsBothNamesOfTheTime()
    {
        Assert.Equal([ModelSearch.LastUpdatedAt.Descending, ModelSearch.LastUpdatedAt.Ascending, ModelSearch.Name.Ascending], ModelSearch.Order("timestamp DESC", "last_updated_timestamp", "name"));
        Assert.Throws<SearchSyntaxException>(() => ModelSearch.Order("creation_timestamp"));
        Assert.Throws<SearchSyntaxException>(() => ModelSearch.Order("tags.team"));
    }

    [Theory]
    [InlineData("name = 'a' AND version_number >= 3 AND source_path LIKE 's3:%' AND tags.team = 'b'")]
    [InlineData("run_id IN ('a', 'b')")]
    [InlineData("run_id = 'a'")]
    public void ModelVersionSearch_InTheGrammar_IsRead(string text) => Assert.NotEmpty(ModelVersionSearch.Filter(text).Conditions);

    [Theory]
    [InlineData("name IN ('a')")]
    [InlineData("version_number = '1'")]
    [InlineData("version = 1")]
    [InlineData("creation_timestamp > 1")]
    [InlineData("params.a = 'b'")]
    public void ModelVersionSearch_NotInTheGrammar_Throws(string text) => Assert.Throws<SearchSyntaxException>(() => ModelVersionSearch.Filter(text));

    [Fact]
    public void ModelVersionSearch_Order_TakesFourAttributes()
    {
        Assert.Equal(
            [ModelVersionSearch.Name.Ascending, ModelVersionSearch.Version.Descending, ModelVersionSearch.CreatedAt.Ascending, ModelVersionSearch.LastUpdatedAt.Ascending],
            ModelVersionSearch.Order("name", "version_number DESC", "creation_timestamp", "last_updated_timestamp"));
        Assert.Throws<SearchSyntaxException>(() => ModelVersionSearch.Order("run_id"));
        Assert.Throws<SearchSyntaxException>(() => ModelVersionSearch.Order("source_path"));
    }

    [Fact]
    public void Filter_TypedFields_EqualsItsText()
    {
        Assert.Equal(ExperimentSearch.Filter("name LIKE 'r%' AND tags.team = 'transit'"), ExperimentSearch.Name.Like("r%") & ExperimentSearch.Tag("team").Is("transit"));
        Assert.Equal(ModelSearch.Filter("name ILIKE 'r%' AND tags.team = 'transit'"), ModelSearch.Name.ILike("r%") & ModelSearch.Tag("team").Is("transit"));
        Assert.Equal(
            ModelVersionSearch.Filter("name = 'r' AND version_number > 3 AND run_id IN ('a') AND source_path != 'b'"),
            ModelVersionSearch.Name.Is("r") & ModelVersionSearch.Version > 3 & ModelVersionSearch.RunId.In("a") & ModelVersionSearch.Source.IsNot("b"));
    }
}
