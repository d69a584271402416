using Mlops.Tracking;

namespace Mlops.Core.Tests.Tracking;

public sealed class RunUriTests
{
    [Theory]
    [InlineData("runs:/0123456789abcdef0123456789abcdef/model", "0123456789abcdef0123456789abcdef", "model", "runs/0123456789abcdef0123456789abcdef/model")]
    [InlineData("runs:/a/b/c.onnx", "a", "b/c.onnx", "runs/a/b/c.onnx")]
    [InlineData("runs:/a", "a", "", "runs/a")]
    public void Parse_Address_ComesBackAsText(string text, string runId, string path, string artifactPath)
    {
        var uri = RunUri.Parse(text);
        Assert.Equal((runId, path, artifactPath), (uri.RunId, uri.Path, uri.ArtifactPath));
        Assert.Equal(text, uri.ToString());
        Assert.Equal(RunUri.Of(runId, path), uri);
    }

    [Theory]
    [InlineData("")]
    [InlineData("runs:/")]
    [InlineData("runs://model")]
    [InlineData("runs:/a//b")]
    [InlineData("runs:/a/b/")]
    [InlineData("runs:/a/../b")]
    [InlineData("runs:/../a")]
    [InlineData("runs:/a/C:/b")]
    [InlineData("runs:/a/b\\c")]
    [InlineData("runs:/a/CON")]
    [InlineData("runs:/a b/c")]
    [InlineData("Runs:/a/b")]
    [InlineData("models:/a/7")]
    public void Parse_NoAddress_Throws(string text) => Assert.Throws<FormatException>(() => RunUri.Parse(text));
}
