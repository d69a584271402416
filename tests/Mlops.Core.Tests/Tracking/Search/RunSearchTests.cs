using Mlops.Tracking;

namespace Mlops.Core.Tests.Tracking;

public sealed class RunSearchTests
{
    [Theory]
    [InlineData("metrics.auc > 0.9", "metrics.auc > 0.9")]
    [InlineData("metric.auc>=0.9", "metrics.auc >= 0.9")]
    [InlineData("metrics.a.b < -1e-3", "metrics.a.b < -0.001")]
    [InlineData("metrics.a <= .5", "metrics.a <= 0.5")]
    [InlineData("metrics.a != 5.", "metrics.a != 5")]
    [InlineData("metrics.`val loss/epoch` = 1E+2", "metrics.`val loss/epoch` = 100")]
    [InlineData("metrics.\"val loss\" = 1", "metrics.`val loss` = 1")]
    [InlineData("metrics.größe = 1", "metrics.`größe` = 1")]
    [InlineData("metrics.a < 1e999", "metrics.a < 1e999")]
    [InlineData("metrics.a > -1e999", "metrics.a > -1e999")]
    [InlineData("params.kind = 'ridge'", "params.kind = 'ridge'")]
    [InlineData("param.kind != \"ridge\"", "params.kind != 'ridge'")]
    [InlineData("parameter.kind like 'r%'", "params.kind LIKE 'r%'")]
    [InlineData("parameters.kind iLike 'R_d%'", "params.kind ILIKE 'R_d%'")]
    [InlineData("params.note = \"it's\"", "params.note = \"it's\"")]
    [InlineData("params.and = 'AND'", "params.and = 'AND'")]
    [InlineData("params.empty = ''", "params.empty = ''")]
    [InlineData("tag.mlflow.user = 'ann'", "tags.mlflow.user = 'ann'")]
    [InlineData("tags.`mlflow.parentRunId` = 'x'", "tags.mlflow.parentRunId = 'x'")]
    [InlineData("tags.\"a`b\" = 'x'", "tags.\"a`b\" = 'x'")]
    [InlineData("status = 'FINISHED'", "attributes.status = 'FINISHED'")]
    [InlineData("attribute.status != 'FAILED'", "attributes.status != 'FAILED'")]
    [InlineData("attr.status LIKE 'F%'", "attributes.status LIKE 'F%'")]
    [InlineData("run.status ILIKE 'f%'", "attributes.status ILIKE 'f%'")]
    [InlineData("start_time > 1700000000000", "attributes.start_time > 1700000000000")]
    [InlineData("created > 5", "attributes.start_time > 5")]
    [InlineData("Created > 5", "attributes.start_time > 5")]
    [InlineData("attributes.end_time <= 5", "attributes.end_time <= 5")]
    [InlineData("run_name = 'a'", "attributes.run_name = 'a'")]
    [InlineData("`run name` = 'a'", "attributes.run_name = 'a'")]
    [InlineData("attributes.`Run name` = 'a'", "attributes.run_name = 'a'")]
    [InlineData("attributes.\"Run Name\" = 'a'", "attributes.run_name = 'a'")]
    [InlineData("attributes.run_name = 'a'", "attributes.run_name = 'a'")]
    [InlineData("run.`run name` LIKE 'a%'", "attributes.run_name LIKE 'a%'")]
    [InlineData("attr.\"run name\" = 'a'", "attributes.run_name = 'a'")]
    [InlineData("\"Run name\" = 'a'", "attributes.run_name = 'a'")]
    [InlineData("`Run Name` = 'a'", "attributes.run_name = 'a'")]
    [InlineData("user_id = 'ann'", "attributes.user_id = 'ann'")]
    [InlineData("artifact_uri LIKE '%/x'", "attributes.artifact_uri LIKE '%/x'")]
    [InlineData("run_id IN ('a')", "attributes.run_id IN ('a')")]
    [InlineData("run_id  not\tin ( 'a' ,'b' )", "attributes.run_id NOT IN ('a', 'b')")]
    [InlineData("dataset.name = 'd'", "dataset.name = 'd'")]
    [InlineData("datasets.digest IN ('d', 'e')", "dataset.digest IN ('d', 'e')")]
    [InlineData("dataset.context NOT IN ('train')", "dataset.context NOT IN ('train')")]
    [InlineData("metrics.a > 1 AND metrics.a < 2 and params.b = 'c'", "metrics.a > 1 AND metrics.a < 2 AND params.b = 'c'")]
    [InlineData("metrics.a > 1 AND", "metrics.a > 1")]
    [InlineData("  metrics.a > 1\n", "metrics.a > 1")]
    [InlineData("", "")]
    [InlineData(" \r\n\t ", "")]
    public void Filter_InTheGrammar_IsReadAndWrittenBack(string text, string written)
    {
        var filter = RunSearch.Filter(text);
        Assert.Equal(written, filter.ToString());
        Assert.Equal(filter, RunSearch.Filter(filter.ToString()));
    }

    [Theory]
    [InlineData("metrics.a > 1 OR metrics.a < 0", 14, "OR")]
    [InlineData("NOT metrics.a > 1", 0, "IN")]
    [InlineData("metrics.a BETWEEN 1 AND 2", 10, "operator")]
    [InlineData("(metrics.a > 1)", 0, "Parentheses")]
    [InlineData("metrics.a > 1)", 13, "Parentheses")]
    [InlineData("metrics.a > 1;", 13, "';'")]
    [InlineData("metrics.a == 1", 10, "write '='")]
    [InlineData("metrics.a <> 1", 10, "write '!='")]
    [InlineData("metrics.a =! 1", 10, "operator")]
    [InlineData("metrics.a > '1'", 12, "number without quotes")]
    [InlineData("metrics.a > ", 12, "number without quotes")]
    [InlineData("metrics.a > abc", 12, "number without quotes")]
    [InlineData("metrics.a > +1", 12, "number")]
    [InlineData("metrics.a > NaN", 12, "number")]
    [InlineData("metrics.a > 1e", 12, "exponent")]
    [InlineData("metrics.a > 1abc", 12, "neither")]
    [InlineData("metrics.a > 1.2.3", 12, "neither")]
    [InlineData("metrics.a > 1 2", 14, "AND")]
    [InlineData("metrics.a > - 1", 12, "number")]
    [InlineData("metrics.a LIKE 'x'", 10, "not LIKE")]
    [InlineData("metrics.a IN ('x')", 10, "not IN")]
    [InlineData("metrics.a", 9, "operator is missing before the end")]
    [InlineData("metrics. > 1", 8, "key must follow")]
    [InlineData("metrics.`` > 1", 8, "at least one")]
    [InlineData("metrics .a > 1", 0, "attributes are")]
    [InlineData("metrics.'a' > 1", 8, "key must follow")]
    [InlineData("metrics.a-b > 1", 9, "backticks")]
    [InlineData("metrics.a-1 > 1", 9, "backticks")]
    [InlineData("metrics.a/b > 1", 9, "backticks")]
    [InlineData("Metrics.a > 1", 0, "lower case")]
    [InlineData("METRIC.a > 1", 0, "lower case")]
    [InlineData("foo.a > 1", 0, "know no 'foo'")]
    [InlineData("params.a > '1'", 9, "not >")]
    [InlineData("params.a = 1", 11, "text in quotes")]
    [InlineData("params.a = b", 11, "text in quotes")]
    [InlineData("params.a = `b`", 11, "text in quotes")]
    [InlineData("params.a IN ('b')", 9, "not IN")]
    [InlineData("params.a NOT LIKE 'b'", 13, "before IN")]
    [InlineData("params.a = 'b", 11, "never closed")]
    [InlineData("params.a = 'it''s'", 15, "cannot be escaped")]
    [InlineData("params.a = 'b' 'c'", 15, "AND")]
    [InlineData("params.a = 'b' AND AND params.c = 'd'", 19, "AND stands between")]
    [InlineData("AND params.c = 'd'", 0, "AND stands between")]
    [InlineData("status IN ('FINISHED')", 7, "not IN")]
    [InlineData("status > 'FINISHED'", 7, "not >")]
    [InlineData("Status = 'FINISHED'", 0, "attributes are run_id")]
    [InlineData("run name = 'a'", 0, "write run_name, or put `run name` into backticks")]
    [InlineData("attributes.Run Name = 'a'", 0, "put `Run Name` into backticks")]
    [InlineData("RUN NAME = 'a'", 0, "attributes are run_id")]
    [InlineData("start_time = '5'", 13, "number")]
    [InlineData("start_time LIKE '5'", 11, "not LIKE")]
    [InlineData("lifecycle_stage = 'active'", 0, "attributes are")]
    [InlineData("dataset.rows = 'x'", 0, "name, digest and context")]
    [InlineData("dataset.name > 'x'", 13, "not >")]
    [InlineData("run_id IN ()", 11, "at least one")]
    [InlineData("run_id IN ('a',)", 15, "text in quotes")]
    [InlineData("run_id IN ('a' 'b')", 15, "goes on with ','")]
    [InlineData("run_id IN ('a', 1)", 16, "text in quotes")]
    [InlineData("run_id IN 'a'", 10, "parentheses")]
    [InlineData("run_id IN ('a'", 14, "the end")]
    [InlineData("run_id NOT ('a')", 11, "before IN")]
    [InlineData("params.a = 'x' -- comment", 15, "not expected")]
    [InlineData("params.a = 'x' /* c */", 15, "not expected")]
    [InlineData("1 = 1", 0, "not expected")]
    [InlineData("'a' = 'a'", 0, "not expected")]
    [InlineData("params.a = 'a\0b'", 13, "U+0000")]
    [InlineData("params.a = 'x' 😀", 15, "not expected")]
    public void Filter_NotInTheGrammar_ThrowsWithPositionAndRemedy(string text, int position, string remedy)
    {
        var error = Assert.Throws<SearchSyntaxException>(() => RunSearch.Filter(text));
        Assert.Equal((text, position), (error.Text, error.Position));
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.Contains($"position {position}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metrics.auc", "metrics.auc ASC")]
    [InlineData("metrics.auc ASC", "metrics.auc ASC")]
    [InlineData("metrics.`val loss` desc", "metrics.`val loss` DESC")]
    [InlineData(" params.a Desc ", "params.a DESC")]
    [InlineData("tag.x", "tags.x ASC")]
    [InlineData("created DESC", "attributes.start_time DESC")]
    [InlineData("attribute.`run name`", "attributes.run_name ASC")]
    [InlineData("status", "attributes.status ASC")]
    public void Order_InTheGrammar_IsReadAndWrittenBack(string text, string written)
    {
        var order = Assert.Single(RunSearch.Order(text));
        Assert.Equal(written, order.ToString());
        Assert.Equal(order, Assert.Single(RunSearch.Order(written)));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("metrics.a UP", 10)]
    [InlineData("metrics.a DESC, params.b", 14)]
    [InlineData("metrics.a DESC ASC", 15)]
    [InlineData("run name DESC", 0)]
    [InlineData("dataset.name", 0)]
    [InlineData("foo", 0)]
    [InlineData("foo.bar", 0)]
    [InlineData("metrics.a; DROP TABLE runs", 9)]
    [InlineData("DESC", 0)]
    [InlineData("'metrics.a'", 0)]
    public void Order_NotInTheGrammar_ThrowsWithPosition(string text, int position)
        => Assert.Equal(position, Assert.Throws<SearchSyntaxException>(() => RunSearch.Order(text)).Position);

    [Fact]
    public void Filter_TypedFields_EqualsItsText()
    {
        var time = new DateTimeOffset(2026, 5, 1, 12, 0, 0, 123, TimeSpan.FromHours(2)).AddTicks(4567);
        SearchFilter[] typed =
        [
            RunSearch.Metric("auc") > 0.9, RunSearch.Metric("auc") >= 0.9, RunSearch.Metric("auc") < 0.9, RunSearch.Metric("val loss") <= 0.9,
            RunSearch.Metric("auc").Is(1), RunSearch.Metric("auc").IsNot(-1), RunSearch.Metric("auc") < double.PositiveInfinity,
            RunSearch.Param("kind").Is("ridge"), RunSearch.Param("kind").IsNot("it's"), RunSearch.Tag("mlflow.user").Like("a%"), RunSearch.Tag("a-b").ILike("a_"),
            RunSearch.Id.In("a", "b"), RunSearch.Id.NotIn("a"), RunSearch.Id.Is("a"), RunSearch.Name.Is("n"), RunSearch.User.Is("u"), RunSearch.ArtifactRoot.Like("runs/%"),
            RunSearch.Status.Is(RunStatus.Finished), RunSearch.Status.IsNot(RunStatus.Killed), RunSearch.StartTime >= time, RunSearch.EndTime < time, RunSearch.StartTime.Is(time),
            RunSearch.DatasetName.Is("d"), RunSearch.DatasetDigest.In("a", "b"), RunSearch.DatasetContext.IsNot("test"),
        ];
        string[] texts =
        [
            "metrics.auc > 0.9", "metrics.auc >= 0.9", "metrics.auc < 0.9", "metrics.`val loss` <= 0.9",
            "metrics.auc = 1", "metrics.auc != -1", "metrics.auc < 1e999",
            "params.kind = 'ridge'", "params.kind != \"it's\"", "tags.mlflow.user LIKE 'a%'", "tags.`a-b` ILIKE 'a_'",
            "run_id IN ('a', 'b')", "run_id NOT IN ('a')", "run_id = 'a'", "run_name = 'n'", "user_id = 'u'", "artifact_uri LIKE 'runs/%'",
            "status = 'FINISHED'", "status != 'KILLED'", "start_time >= 1777629600123", "end_time < 1777629600123", "start_time = 1777629600123",
            "dataset.name = 'd'", "dataset.digest IN ('a', 'b')", "dataset.context != 'test'",
        ];
        Assert.Equal(texts.Select(RunSearch.Filter), typed);
        Assert.Equal(RunSearch.Filter(string.Join(" AND ", texts)), typed.Aggregate((left, right) => left & right));
        Assert.Equal(RunSearch.Order("metrics.auc DESC", "start_time"), [RunSearch.Metric("auc").Descending, RunSearch.StartTime.Ascending]);
    }

    [Fact]
    public void TypedFields_NotAllowed_Throw()
    {
        Assert.Throws<ArgumentException>(() => RunSearch.Metric(""));
        Assert.Throws<ArgumentException>(() => RunSearch.Param("a\0"));
        Assert.Throws<ArgumentException>(() => RunSearch.Tag("a`\"b"));
        Assert.Throws<ArgumentException>(() => RunSearch.Metric("a").Is(double.NaN));
        Assert.Throws<ArgumentException>(() => RunSearch.Param("a").Is("\udc00"));
        Assert.Throws<ArgumentException>(() => RunSearch.Id.In());
        Assert.Throws<ArgumentOutOfRangeException>(() => RunSearch.Status.Is((RunStatus)77));
        Assert.Throws<ArgumentNullException>(() => RunSearch.Filter(null!));
    }

    [Fact]
    public void Filter_HalfASurrogatePair_ThrowsWithPosition()
        => Assert.Equal(13, Assert.Throws<SearchSyntaxException>(() => RunSearch.Filter("params.a = 'a\ud800'")).Position);

    [Fact]
    public void Filter_TooLarge_Throws()
    {
        var many = string.Join(" AND ", Enumerable.Repeat("params.a = 'b'", SearchPlan.MaxConditions));
        Assert.Equal(SearchPlan.MaxConditions, RunSearch.Filter(many).Conditions.Count);
        Assert.Throws<SearchSyntaxException>(() => RunSearch.Filter(many + " AND params.a = 'b'"));
        var list = string.Join(", ", Enumerable.Repeat("'b'", SearchPlan.MaxListLength));
        Assert.Equal(SearchPlan.MaxListLength, RunSearch.Filter($"run_id IN ({list})").Conditions[0].Value.List!.Count);
        Assert.Throws<SearchSyntaxException>(() => RunSearch.Filter($"run_id IN ({list}, 'b')"));
    }
}
